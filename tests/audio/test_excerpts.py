"""Excerpts of one recording that are decoded together."""

import numpy as np
import pytest
import soundfile
from conftest import tone

from featkit import audio
from featkit.audio import excerpts
from featkit.audio.excerpts import Excerpts
from featkit.audio.recording import Recording
from featkit.audio.windows import Windows
from featkit.errors import AudioError

SR = 44_100
# MP3 is decoded in float, whose sums depend on where it starts.
TOLERANCE = {"mp3": 1e-6}


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Ten seconds of a tone with bursts of noise, in several formats.

    An MP3 saves bytes for the bursts, which then lie in earlier frames.
    """
    folder, rng = tmp_path_factory.mktemp("formats"), np.random.default_rng(0)
    bursts = np.repeat(rng.random(40) < 0.4, 10 * SR // 40)
    samples = tone(700.0, 10.0, SR, 0.2) + 0.2 * bursts * rng.standard_normal(10 * SR)
    samples = samples.astype(np.float32)
    for suffix in ("wav", "flac", "ogg", "mp3"):
        with soundfile.SoundFile(folder / f"a.{suffix}", "w", SR, 1) as file:
            for part in np.array_split(samples, 40):
                file.write(part)
    return folder


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize(("window", "hop"), [(1.0, 1.0), (1.0, 0.25), (0.3, 0.9)])
def test_an_excerpt_is_a_part_of_the_whole_decoded(recordings, suffix, window, hop):
    with Recording(str(recordings / f"a.{suffix}")) as data:
        whole = audio.decode(data).samples
        spans = dict(enumerate(Windows(window, hop).spans(*audio.extent(data))))
        reader = Excerpts(data, spans)
        for number, (start, length) in spans.items():
            signal = reader.signal(number)
            first = round(start * SR)
            part = whole[first : first + round(length * SR)]
            assert signal.sr == SR and signal.samples.shape == part.shape
            assert np.abs(signal.samples - part).max() <= TOLERANCE.get(suffix, 0.0)


@pytest.fixture
def decoded(monkeypatch):
    """A list of the samples that each call of the decoder gave."""
    counts, decode = [], excerpts.decode

    def counting(data, start=0.0, duration=None):
        signal = decode(data, start, duration)
        counts.append(len(signal.samples))
        return signal

    monkeypatch.setattr(excerpts, "decode", counting)
    return counts


def test_overlapping_windows_are_decoded_once(recordings, decoded):
    data = (recordings / "a.flac").read_bytes()
    reader = Excerpts(data, dict(enumerate(Windows(1.0, 0.25).spans(10 * SR, SR))))
    for number in range(37):
        assert len(reader.signal(number).samples) == SR
    assert decoded == [10 * SR]


def test_windows_with_gaps_decode_only_what_they_cover(recordings, decoded):
    reader = Excerpts((recordings / "a.wav").read_bytes(), {0: (0.0, 1.0), 7: (5.0, 1.0)})
    assert [len(reader.signal(number).samples) for number in (0, 7)] == [SR, SR]
    assert decoded == [SR, SR]


def test_a_run_is_limited(recordings, decoded, monkeypatch):
    monkeypatch.setattr(excerpts, "MOST_SECONDS", 4.0)
    reader = Excerpts((recordings / "a.wav").read_bytes(), {n: (float(n), 1.0) for n in range(10)})
    for number in range(10):
        reader.signal(number)
    assert decoded == [4 * SR, 4 * SR, 2 * SR]


def test_what_is_wrong_with_one_excerpt_costs_no_other(tmp_path):
    samples = np.full(4 * SR, 0.1, dtype=np.float32)
    samples[SR + 7] = np.nan
    audio.write(tmp_path / "nan.wav", samples, SR, "FLOAT")
    data = (tmp_path / "nan.wav").read_bytes()
    reader = Excerpts(data, {n: (float(n), 1.0) for n in range(6)})
    for good in (0, 2, 3):
        assert (reader.signal(good).samples == np.float32(0.1)).all()
    with pytest.raises(AudioError, match="not finite"):
        reader.signal(1)
    with pytest.raises(AudioError, match="ends at 4 s"):
        reader.signal(5)


def test_the_end_and_the_whole_are_excerpts_too(recordings):
    data = (recordings / "a.mp3").read_bytes()
    whole = audio.decode(data).samples
    reader = Excerpts(data, {0: (0.0, None), 1: (8.0, None), 2: (0.0, 1.0)})
    assert np.array_equal(reader.signal(0).samples, whole)
    assert np.allclose(reader.signal(1).samples, whole[8 * SR :], atol=1e-6)
    assert np.array_equal(reader.signal(2).samples, whole[:SR])
