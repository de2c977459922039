"""Decoding and resampling: numbers that follow from the signal."""

import io

import numpy as np
import pytest
import soundfile

from featkit import audio
from featkit.errors import AudioError, ParameterError

SR = 16_000


def encoded(samples, sr=SR, **options):
    stream = io.BytesIO()
    soundfile.write(stream, samples, sr, **({"format": "WAV", "subtype": "PCM_16"} | options))
    return stream.getvalue()


def sine(frequency, seconds=1.0, sr=SR, amplitude=0.5):
    return (amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * sr)) / sr)).astype(
        np.float32
    )


@pytest.mark.parametrize(
    ("options", "tolerance"),
    [
        ({}, 2**-15),
        ({"subtype": "PCM_24"}, 2**-23),
        ({"subtype": "FLOAT"}, 0),
        ({"format": "FLAC", "subtype": "PCM_16"}, 2**-15),
        ({"format": "OGG", "subtype": "VORBIS"}, 0.05),
    ],
)
def test_a_sine_comes_back_with_the_rms_of_a_sine(options, tolerance):
    y = sine(440.0)
    signal = audio.decode(encoded(y, **options))
    assert (signal.sr, len(signal.samples), signal.duration) == (SR, SR, 1.0)
    assert signal.samples.dtype == np.float32
    np.testing.assert_allclose(signal.samples, y, atol=tolerance)
    assert np.sqrt(np.mean(signal.samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_full_scale_of_16_bits_is_one():
    signal = audio.decode(encoded(np.array([-1.0, 0.0, 32767 / 32768])))
    assert signal.samples.tolist() == [-1.0, 0.0, 32767 / 32768]


def test_channels_are_averaged():
    left, right = sine(300.0), sine(300.0, amplitude=0.25)
    mono = audio.decode(encoded(np.stack([left, right], axis=1))).samples
    np.testing.assert_allclose(mono, (left + right) / 2, atol=2**-15)
    opposed = audio.decode(encoded(np.stack([left, -left], axis=1))).samples
    assert np.abs(opposed).max() <= 2**-15


@pytest.mark.parametrize(
    ("sr", "to"), [(44_100, 12_000), (22_050, 44_100), (48_000, 44_100), (8000, 22_050)]
)
def test_a_resampled_sine_is_that_sine(sr, to):
    found = audio.resample(sine(1000.0, sr=sr), sr, to)
    assert len(found) == to
    inner = slice(to // 10, -to // 10)
    np.testing.assert_allclose(found[inner], sine(1000.0, sr=to)[inner], atol=2e-4)


def test_what_is_above_the_new_nyquist_is_gone():
    found = audio.resample(sine(9000.0, sr=44_100), 44_100, 12_000)
    assert np.abs(found[1200:-1200]).max() < 1e-3


def test_lengths_are_rounded_up_and_equal_rates_copy_nothing():
    y = sine(100.0)[:1001]
    assert len(audio.resample(y, SR, 8000)) == 501
    assert audio.resample(y, SR, SR) is y
    with pytest.raises(ParameterError, match="sampling rate"):
        audio.resample(y, SR, 0)


def test_a_signal_resamples_once_and_cannot_be_written_to():
    signal = audio.Signal(sine(100.0), SR)
    assert signal.at(8000) is signal.at(8000)
    assert signal.at(None) is signal.samples and signal.at(SR) is signal.samples
    with pytest.raises(ValueError, match="read-only"):
        signal.samples[0] = 1.0


def test_an_excerpt_is_that_part_of_the_samples():
    y = sine(100.0, 2.0)
    data = encoded(y, subtype="FLOAT")
    np.testing.assert_array_equal(audio.decode(data, 0.5, 0.25).samples, y[8000:12000])
    np.testing.assert_array_equal(audio.decode(data, 1.5).samples, y[24000:])
    assert audio.extent(data) == (32_000, SR)


@pytest.mark.parametrize(("start", "duration"), [(3.0, None), (2.0, 1.0), (1.5, 1.0)])
def test_an_excerpt_beyond_the_end_is_named(start, duration):
    with pytest.raises(AudioError, match=r"ends at 2 s|the recording has 0.5 s"):
        audio.decode(encoded(sine(100.0, 2.0)), start, duration)


def test_the_content_hash_is_of_bytes_and_excerpt():
    data, other = encoded(sine(100.0)), encoded(sine(101.0))
    hashes = {
        audio.content_hash(data),
        audio.content_hash(other),
        audio.content_hash(data, 0.5),
        audio.content_hash(data, 0.5, 0.1),
    }
    assert len(hashes) == 4
    assert all(len(found) == 32 and int(found, 16) >= 0 for found in hashes)
    assert audio.content_hash(bytes(data)) == audio.content_hash(data, 0.0, None)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"this is text, not audio", "not readable as audio"),
        (encoded(sine(100.0))[:9000], "cut short|missing|promises"),
        (
            encoded(sine(100.0), format="OGG", subtype="VORBIS")[:3000],
            "cut short|missing|last page|end",
        ),
        (encoded(np.array([0.0, np.nan, 1.0]), subtype="FLOAT"), "1 of 3 samples are not finite"),
        (encoded(np.zeros(0, dtype=np.float32)), "0 samples"),
    ],
)
def test_anything_but_a_whole_recording_is_reported(data, message):
    with pytest.raises(AudioError, match=message):
        audio.decode(data)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"nothing\.wav: No such file"):
        audio.load(tmp_path / "nothing.wav")


def test_a_file_url_is_a_local_file(write_wav, tmp_path):
    path = write_wav(tmp_path / "a.wav")
    assert audio.read_bytes(f"file://{path}") == path.read_bytes()
    with audio.part(f"file://{path}", 0.01, 0.01) as data:
        assert not isinstance(data, bytes)
