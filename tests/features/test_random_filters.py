"""Random filters: what they are invariant to, their poolings by hand, and their seeds."""

import numpy as np
import pytest
import torch
from conftest import tone
from scipy.signal import correlate2d

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.features._fullband import SR, reference, spectrogram
from featkit.nets.random.filters import BANKS, FIRST, FilterBank, count

POOLS = ("relu", "std", "max", "ppv")


@pytest.fixture(scope="module")
def feature():
    return get_feature("random_filters:filters=4")


@pytest.fixture(scope="module")
def noise():
    return reference(7)[0]


@pytest.fixture(scope="module")
def bank():
    spectra = np.random.default_rng(0).normal(size=(2, 128, 80)).astype(np.float32)
    return FilterBank(4, 3, torch.from_numpy(spectra))


def test_a_vector_has_the_stated_length_whatever_the_clips_length(feature, noise):
    assert feature.shape == (4 * (36 * 4 + 9),)
    for length in (SR // 100, SR, len(noise.samples)):
        row = feature(Signal(noise.samples[:length], SR))
        assert row.shape == feature.shape and row.dtype == np.float32 and np.isfinite(row).all()


@pytest.mark.parametrize("gain", [0.5, 0.01])
def test_gain_changes_nothing(feature, noise, gain):
    row, other = feature(noise), feature(Signal(gain * noise.samples, SR))
    assert other == pytest.approx(row, abs=1e-3)


def test_digital_silence_and_a_steady_spectrum_have_no_response(feature, bank):
    silent = feature(Signal(np.zeros(SR, dtype=np.float32), SR)).reshape(len(POOLS), -1)
    assert silent[:3] == pytest.approx(0, abs=1e-4)
    level = torch.full((1, 128, 90), -37.5)
    assert bank(level)[0, : 3 * bank(level).shape[1] // 4].abs().max() < 1e-3


def test_filters_have_zero_mean_and_unit_norm(bank):
    for number, kind in enumerate(FIRST):
        weights = getattr(bank, f"weights{number}")
        assert weights.shape == (count(kind, 4), 1, kind.bands, kind.frames)
        assert weights.sum(dim=(2, 3)).abs().max() < 1e-5
        assert torch.allclose(weights.square().sum(dim=(2, 3)), torch.ones(1))


@pytest.mark.parametrize("number", range(len(FIRST)))
def test_responses_are_correlations_with_the_spread_filter(bank, number, rng):
    kind = FIRST[number]
    spectrum = rng.normal(size=(128, 70)).astype(np.float32)
    (responses,) = list(bank.responses(torch.from_numpy(spectrum)[None]))[number].numpy()
    filters = getattr(bank, f"weights{number}")[:, 0].numpy()
    spread = np.zeros(
        (kind.spread[0] * (kind.bands - 1) + 1, kind.spread[1] * (kind.frames - 1) + 1)
    )
    spread[:: kind.spread[0], :: kind.spread[1]] = filters[1]
    reach = spread.shape[1] // 2
    padded = np.pad(spectrum, ((0, 0), (reach, reach)), mode="edge")
    assert responses[1] == pytest.approx(correlate2d(padded, spread, "valid"), abs=1e-4)
    assert responses.shape[2] == 70


def test_poolings_are_those_of_the_definition(bank, rng):
    spectrum = torch.from_numpy(rng.normal(size=(1, 128, 70)).astype(np.float32))
    row = bank(spectrum)[0].numpy().reshape(len(POOLS), -1)
    first = next(iter(bank.responses(spectrum)))[0].numpy()
    rows = np.array_split(np.arange(first.shape[1]), 4)[0]
    part, bias = first[2, rows], float(bank.bias0[2])
    expected = [np.maximum(part, 0).mean(), part.std(), part.max(), (part > bias).mean()]
    assert row[:, 2] == pytest.approx(expected, rel=1e-4)


def test_biases_are_quantiles_of_the_reference():
    spectra = np.random.default_rng(0).normal(size=(2, 128, 80)).astype(np.float32)
    bank = FilterBank(8, 0, torch.from_numpy(spectra))
    for number, responses in enumerate(bank.responses(torch.from_numpy(spectra))):
        above = (responses > getattr(bank, f"bias{number}")[:, None, None]).float()
        fractions = above.mean(dim=(0, 2, 3)).numpy()
        assert ((fractions > 0.015) & (fractions < 0.405)).all()
        assert np.ptp(fractions) > 0.05


def test_seeds_differ_and_the_same_seed_repeats(noise):
    rows = [get_feature(f"random_filters:filters=4,seed={seed}")(noise) for seed in (0, 1, 0)]
    assert np.array_equal(rows[0], rows[2])
    assert abs(np.corrcoef(rows[0], rows[1])[0, 1]) < 0.999


def test_a_band_that_sounds_is_in_its_part_of_the_axis(feature):
    low = tone(150.0, 1.0, SR, 0.3) * np.repeat([1, 0.01] * 10, SR // 20)
    row = feature(Signal(low.astype(np.float32), SR)).reshape(len(POOLS), -1)
    # The deviation of 3 × 3 filters: four parts of four filters each, low to high.
    parts = row[1, :16].reshape(4, 4).mean(axis=1)
    assert parts.argmax() == 0
    assert spectrogram(Signal(low, SR)).shape[1] == 128


@pytest.mark.parametrize(
    "text", ["filters=3", "seed=-1", "banks=3", "pool=mean+mean", "pool=median"]
)
def test_what_is_impossible_is_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"random_filters:{text}")


def test_two_banks_are_the_first_and_another(feature, noise):
    both = get_feature("random_filters:filters=4,banks=2")
    row, first = both(noise), feature(noise)
    assert row.shape == both.shape == (2 * len(first),)
    assert np.array_equal(row[: len(first)], first)
    assert abs(np.corrcoef(row[: len(first)], row[len(first) :])[0, 1]) < 0.999
    assert not set(BANKS[0]) & set(BANKS[1])


@pytest.mark.parametrize("bank", range(2))
def test_the_length_of_a_vector_is_that_of_both_banks(bank):
    assert sum(count(kind, 32) * kind.parts for kind in BANKS[bank]) == 36 * 32 + 3 * 24


def test_poolings_may_be_chosen_one_by_one(feature, noise):
    row = feature(noise).reshape(len(POOLS), -1)
    for number, pool in enumerate(POOLS):
        alone = get_feature(f"random_filters:filters=4,pool={pool}")(noise)
        np.testing.assert_allclose(alone, row[number], rtol=1e-5, atol=1e-5)
    more = get_feature("random_filters:filters=4,pool=mipv+relu")
    assert more.canonical == "random_filters:filters=4,pool=mipv+relu"
    assert np.array_equal(more(noise)[153:], row[0])


def test_fields_that_came_later_leave_the_key_as_it_was():
    assert get_feature("random_filters").key == "random_filters-f6296b6f"
    assert get_feature("random_filters:banks=1,pool=relu+std+max+ppv").key.endswith("f6296b6f")
    assert get_feature("random_filters:banks=2").spec["params"]["banks"] == 2
