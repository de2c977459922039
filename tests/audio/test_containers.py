"""Damaged and cut files of every container: no samples are lost in silence."""

import io
import struct
import zlib

import numpy as np
import pytest
import soundfile

from featkit import audio
from featkit.audio.containers import recordings
from featkit.audio.ogg import crc, links
from featkit.errors import AudioError

SR = 22_050
FORMATS = {
    "wav": ("WAV", "PCM_16", 1),
    "wav-float": ("WAV", "FLOAT", 2),
    "wav-adpcm": ("WAV", "IMA_ADPCM", 1),
    "wavex": ("WAVEX", "PCM_24", 2),
    "rf64": ("RF64", "PCM_16", 1),
    "w64": ("W64", "PCM_16", 1),
    "aiff": ("AIFF", "PCM_16", 1),
    "au": ("AU", "PCM_16", 1),
    "caf": ("CAF", "PCM_16", 1),
    "alac": ("CAF", "ALAC_16", 1),
    "nist": ("NIST", "PCM_16", 1),
    "flac": ("FLAC", "PCM_16", 1),
    "mp3": ("MP3", None, 1),
    "vorbis": ("OGG", "VORBIS", 2),
    "opus": ("OGG", "OPUS", 1),
}


def noise(seconds=1.0, sr=SR):
    rng = np.random.default_rng(0)
    return (0.1 * rng.standard_normal(round(seconds * sr))).astype(np.float32)


def encoded(name, seconds=1.0, **options):
    form, subtype, channels = FORMATS[name]
    sr = 24_000 if name == "opus" else SR
    samples = np.stack([noise(seconds, sr)] * channels, axis=1)
    stream = io.BytesIO()
    soundfile.write(stream, samples, sr, format=form, subtype=subtype, **options)
    return stream.getvalue()


def flipped(data, rng, below=None):
    """``data`` with one bit changed, among the first ``below`` bytes."""
    changed = bytearray(data)
    changed[rng.integers(min(below or len(data), len(data)))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def n_decoded(data):
    """The number of samples, or −1 where decoding is refused."""
    try:
        return len(audio.decode(data).samples)
    except AudioError:
        return -1


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_file_is_decoded_whole(name):
    data = encoded(name)
    assert n_decoded(data) == audio.extent(data)[0] >= (24_000 if name == "opus" else SR)


@pytest.mark.parametrize("name", FORMATS)
def test_every_cut_is_an_error(name, rng):
    data = encoded(name, 0.5)
    cuts = rng.integers(1, len(data) - 1, 60)
    assert [n_decoded(data[:cut]) for cut in cuts] == [-1] * 60


@pytest.mark.parametrize("name", FORMATS)
def test_no_changed_bit_of_a_header_loses_samples(name, rng):
    data = encoded(name, 0.5)
    whole = n_decoded(data)
    found = [n_decoded(flipped(data, rng, 128)) for _ in range(150)]
    assert all(n == -1 or n >= whole for n in found)
    assert -1 in found


@pytest.mark.parametrize("name", ["vorbis", "opus"])
def test_every_changed_bit_of_an_ogg_file_is_an_error(name, rng):
    data = encoded(name, 0.5)
    assert [n_decoded(flipped(data, rng)) for _ in range(150)] == [-1] * 150


def test_a_changed_bit_of_a_flac_file_is_an_error_or_no_audio(rng):
    data = encoded("flac", 0.5)
    whole = n_decoded(data)
    found = [n_decoded(flipped(data, rng)) for _ in range(150)]
    assert set(found) <= {-1, whole} and found.count(-1) > 140


def test_real_ogg_files_lose_nothing_in_silence(esc10, rng):
    paths = sorted((esc10 / "audio").glob("*.ogg"))
    for path in (paths[k] for k in rng.integers(len(paths), size=20)):
        data = path.read_bytes()
        last = data.rindex(b"OggS")
        assert n_decoded(data) == int.from_bytes(data[last + 6 : last + 14], "little") > 150_000
        assert [n_decoded(flipped(data, rng)) for _ in range(10)] == [-1] * 10
        assert [n_decoded(data[: rng.integers(1, len(data))]) for _ in range(10)] == [-1] * 10


def test_oggs_checksum_is_the_published_one():
    assert crc(b"123456789") == 0x89A1897F
    # The same polynomial as zlib's, on mirrored bits.
    assert crc(b"") == 0 and crc(b"\0" * 9) == 0 and zlib.crc32(b"123456789") == 0xCBF43926


def test_a_lost_or_doubled_page_is_an_error():
    data = encoded("vorbis", 4.0)
    starts = [at for at in range(len(data)) if data[at : at + 4] == b"OggS"]
    assert len(starts) > 5
    cut = data[: starts[3]] + data[starts[4] :]
    twice = data[: starts[4]] + data[starts[3] :]
    for damaged, message in ((cut, "has number 4, expected 3"), (twice, "number 3, expected 4")):
        with pytest.raises(AudioError, match=message):
            audio.decode(damaged)


def test_chained_ogg_is_one_recording_after_the_other():
    first, second = encoded("vorbis", 1.0), encoded("vorbis", 0.5)
    chained = first + second
    assert links(chained) == [(0, len(first)), (len(first), len(chained))]
    assert audio.extent(chained) == (SR + SR // 2, SR)
    samples = audio.decode(chained).samples
    parts = [audio.decode(first).samples, audio.decode(second).samples]
    np.testing.assert_array_equal(samples, np.concatenate(parts))
    np.testing.assert_array_equal(audio.decode(chained, 0.9, 0.2).samples, samples[19845:24255])
    with pytest.raises(AudioError, match="several rates"):
        audio.decode(first + encoded("opus"))


def test_vbr_mp3_without_a_xing_header_is_decoded_to_its_end():
    """A decoder that guesses the length from the first frame stops at a third here."""
    samples = np.concatenate([noise(2.0), 0.001 * noise(2.0)])
    stream = io.BytesIO()
    options = {"format": "MP3", "bitrate_mode": "VARIABLE", "compression_level": 0.5}
    soundfile.write(stream, samples, SR, **options)
    data = stream.getvalue()
    stripped = data[data.index(data[:2], 150) :]
    assert b"Xing" in data[:64] and b"Xing" not in stripped[:64]
    with soundfile.SoundFile(io.BytesIO(stripped)) as file:
        assert file.frames < 0.6 * len(samples)
    assert len(samples) <= n_decoded(stripped) <= len(samples) + 2 * 1152


def test_flac_of_unknown_length_is_decoded_to_its_end():
    data = bytearray(encoded("flac"))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    np.testing.assert_array_equal(
        audio.decode(bytes(data)).samples, audio.decode(encoded("flac")).samples
    )
    with pytest.raises(AudioError):
        audio.decode(bytes(data[:-3000]))


def test_a_tag_before_or_behind_the_frames_is_not_damage():
    id3 = b"ID3\4\0\0" + bytes([0, 0, 0, 20]) + bytes(20)
    tag = b"TAG".ljust(128, b"\0")
    for name in ("mp3", "flac"):
        data = encoded(name)
        assert n_decoded(id3 + data) == n_decoded(data)
    assert n_decoded(encoded("mp3") + tag) == n_decoded(encoded("mp3"))
    assert n_decoded(encoded("vorbis") + tag) == SR


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_wav_written_to_a_pipe_has_no_size(order):
    samples = np.arange(100, dtype=order + "i2")
    size = 0xFFFFFFFF
    data = b"".join(
        [
            b"RIFF" if order == "<" else b"RIFX",
            struct.pack(order + "I", size),
            b"WAVEfmt ",
            struct.pack(order + "IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16),
            b"data",
            struct.pack(order + "I", size),
            samples.tobytes(),
        ]
    )
    assert n_decoded(data) == 100


@pytest.mark.parametrize("head", [b"MATLAB 5.0", b"PK\3\4", b"\x89PNG", b"RIFF\0\0\0\0AVI "])
def test_only_known_containers_are_opened(head):
    with pytest.raises(AudioError, match="none of WAV"):
        recordings(head + bytes(1000))


def test_a_stream_without_its_last_page_is_cut_short():
    data = encoded("vorbis", 2.0)
    with pytest.raises(AudioError, match="last page of the ogg stream is missing"):
        audio.decode(data[: data.rindex(b"OggS")])


@pytest.mark.parametrize(
    ("name", "at", "value", "message"),
    [
        ("flac", 21, 0x70, "states 8 bits, the last frame 16"),
        ("mp3", 155, 0xFF, "LAME header does not match"),
        ("alac", 125, 0x01, "states packets of"),
    ],
)
def test_a_changed_number_of_a_header_is_named(name, at, value, message):
    data = bytearray(encoded(name))
    assert data[at] != value
    data[at] = value
    with pytest.raises(AudioError, match=message):
        audio.decode(bytes(data))


def test_the_number_of_mp3_frames_is_compared_without_a_checksum_too():
    data = bytearray(encoded("mp3").replace(b"LAME", b"none", 1))
    assert n_decoded(bytes(data)) > 0
    place = data.index(b"Xing") + 8
    for change in (5, -5):
        changed = bytearray(data)
        changed[place + 3] += change
        with pytest.raises(AudioError, match=r"header promises \d+ frames"):
            audio.decode(bytes(changed))
