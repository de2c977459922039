"""Copies of a recording are found whatever the coding, gain or cut, and nothing else is."""

import io

import numpy as np
import pytest
import soundfile

from featkit.analysis.inspection.copies import SECONDS_PER_FRAME, copies, fingerprint
from featkit.audio import Signal, decode
from featkit.features import get_feature

SR = 22050


def sound(seed, seconds=4.0):
    """Noise whose spectrum changes all the time: as unlike as recordings are."""
    rng = np.random.default_rng(seed)
    pieces = [
        np.convolve(rng.normal(size=SR // 8), rng.normal(size=32), "same")
        for _ in range(round(8 * seconds))
    ]
    samples = np.concatenate(pieces)
    return (0.5 * samples / np.abs(samples).max()).astype(np.float32)


def row(samples):
    return get_feature("fingerprint")(Signal(samples, SR))


def coded(samples, container, subtype):
    file = io.BytesIO()
    soundfile.write(file, samples, SR, format=container, subtype=subtype)
    return decode(file.getvalue()).samples


CHANGES = {
    "quieter": lambda samples: 0.5 * samples,
    "ogg": lambda samples: coded(samples, "OGG", "VORBIS"),
    "8 bit": lambda samples: coded(samples, "WAV", "PCM_U8"),
    "cut": lambda samples: samples[3001:-4000],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_among_others(change):
    originals = [sound(seed) for seed in range(6)]
    rows = [row(samples) for samples in [*originals, CHANGES[change](originals[2])]]
    (pair,) = copies(rows)
    assert (pair.a, pair.b) == (2, 6)
    assert 0.85 < pair.similarity <= 1.0


def test_the_same_samples_are_equal_in_every_bit_and_a_cut_tells_its_place():
    samples = sound(0)
    same, cut = copies([row(samples), row(samples), row(samples[SR:])])[::2]
    assert (same.a, same.b, same.similarity, same.shift) == (0, 1, 1.0, 0.0)
    assert same.seconds == pytest.approx(4.0, abs=2 * SECONDS_PER_FRAME)
    assert (cut.a, cut.b) == (1, 2)
    assert cut.shift == pytest.approx(-1.0, abs=SECONDS_PER_FRAME)
    assert cut.seconds == pytest.approx(3.0, abs=0.2)


def test_gain_changes_no_bit():
    samples = sound(1)
    loud, quiet = (fingerprint(row(part))[0] for part in (samples, samples / 8))
    assert np.mean(loud == quiet) > 0.99


def test_many_copies_of_one_recording_are_connected():
    rows = [row(sound(seed)) for seed in (0, 1)] + [row(sound(2))] * 30
    pairs = copies(rows)
    reached, edges = {2}, {(pair.a, pair.b) for pair in pairs}
    for _ in range(30):
        reached |= {b for a, b in edges if a in reached} | {a for a, b in edges if b in reached}
    assert reached == set(range(2, 32))


def test_silence_short_clips_and_nothing_have_no_copies():
    silent = row(np.zeros(SR, dtype=np.float32))
    short = row(sound(0)[:500])
    assert copies([silent, silent, short, short]) == []
    assert copies([]) == []
    assert not fingerprint(silent)[1].any()
