"""Headers that claim too much are refused before memory is taken."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile

from featkit import audio
from featkit.audio.limits import VARIABLE, max_bytes
from featkit.errors import AudioError, ParameterError


def encoded(samples, sr, form="WAV"):
    stream = io.BytesIO()
    soundfile.write(stream, samples, sr, format=form, subtype="PCM_16")
    return stream.getvalue()


def test_the_limit_is_four_gib_unless_set(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert max_bytes() == 2**32
    monkeypatch.setenv(VARIABLE, "0.5")
    assert max_bytes() == 2**29
    for text in ("0", "-1", "nan", "inf", "many"):
        monkeypatch.setenv(VARIABLE, text)
        with pytest.raises(ParameterError, match=VARIABLE):
            max_bytes()


def test_a_clip_above_the_limit_is_refused_and_one_below_is_not(monkeypatch):
    data = encoded(np.zeros(2**18, dtype=np.int16), 8000)
    monkeypatch.setenv(VARIABLE, str(2**-10))
    assert len(audio.decode(data).samples) == 2**18
    longer = encoded(np.zeros(2**18 + 1, dtype=np.int16), 8000)
    with pytest.raises(AudioError, match=VARIABLE):
        audio.decode(longer)
    assert len(audio.decode(longer, 1.0, 1.0).samples) == 8000


def test_a_flac_header_of_two_to_the_36_samples_costs_no_memory():
    data = bytearray(encoded(np.zeros(8000, dtype=np.int16), 8000, "FLAC"))
    data[21] |= 0x0F
    data[22:26] = b"\xff" * 4
    tracemalloc.start()
    with pytest.raises(AudioError):
        audio.decode(bytes(data))
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()


def test_resampling_is_bounded(monkeypatch):
    monkeypatch.setenv(VARIABLE, str(2**-10))
    samples = np.zeros(1000, dtype=np.float32)
    assert len(audio.resample(samples, 1000, 100_000)) == 100_000
    with pytest.raises(AudioError, match="1000000 samples at 1000000 Hz"):
        audio.resample(samples, 1000, 1_000_000)


@pytest.mark.parametrize("sr", [1, 99, 10_000_001])
def test_rates_that_cannot_be_meant_are_refused(sr):
    data = bytearray(encoded(np.zeros(8000, dtype=np.int16), 8000))
    data[24:32] = struct.pack("<II", sr, 2 * sr)
    with pytest.raises(AudioError, match=f"{sr} Hz"):
        audio.decode(bytes(data))


def test_a_long_recording_is_read_in_blocks_to_the_same_samples(monkeypatch):
    rng = np.random.default_rng(0)
    samples = rng.integers(-9000, 9000, (50_000, 2)).astype(np.int16)
    data = encoded(samples, 8000)
    whole = audio.decode(data).samples
    monkeypatch.setattr("featkit.audio.decoding._BLOCK", 7_000)
    np.testing.assert_array_equal(audio.decode(data).samples, whole)
