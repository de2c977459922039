"""Mel filter banks against their closed form and librosa's; the banded kernel against the matrix
product.
"""

import librosa
import numpy as np
import pytest

from featkit.dsp.mel import MelBank, apply, apply_plain, bands, filters, hz_to_mel, mel_to_hz
from featkit.dsp.stft import Power
from featkit.errors import ParameterError

BANKS = [
    MelBank(44100, 4410, 128, scale="htk", norm="none"),
    MelBank(22050, 2205, 128, scale="htk", norm="none"),
    MelBank(12000, 512, 96),
    MelBank(22050, 1024, 60, 50.0, 8000.0),
    MelBank(8000, 128, 128),
]


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_filters_are_librosas(bank):
    norm = "slaney" if bank.norm == "area" else None
    theirs = librosa.filters.mel(
        sr=bank.sr,
        n_fft=bank.n_fft,
        n_mels=bank.n_mels,
        fmin=bank.fmin,
        fmax=bank.fmax,
        htk=bank.scale == "htk",
        norm=norm,
        dtype=float,
    )
    np.testing.assert_allclose(bank.matrix(), theirs, atol=1e-9)


def test_htk_rows_are_the_closed_form():
    bank = BANKS[0]
    points = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 22050 / 700), 130) / 2595) - 1)
    frequencies = np.arange(2206) * 10.0
    for row in (0, 1, 40, 127):
        expected = np.interp(frequencies, points[row : row + 3], [0, 1, 0], left=0, right=0)
        np.testing.assert_allclose(filters(bank)[row], expected, atol=1e-6)


def test_a_bin_feeds_at_most_two_filters_and_htk_weights_sum_to_one():
    matrix = BANKS[0].matrix()
    assert (matrix > 0).sum(axis=0).max() == 2
    inside = (np.arange(2206) * 10 > BANKS[0].edges()[1]) & (
        np.arange(2206) * 10 < BANKS[0].edges()[-2]
    )
    np.testing.assert_allclose(matrix.sum(axis=0)[inside], 1.0, atol=1e-12)


def test_the_two_families_differ_on_purpose():
    slaney = MelBank(44100, 4410, 128)
    assert abs(slaney.matrix() - BANKS[0].matrix()).max() > 0.5
    widths = slaney.edges()[2:] - slaney.edges()[:-2]
    np.testing.assert_allclose(slaney.matrix().max(axis=1)[60:], 2 / widths[60:], rtol=0.1)


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_scales_are_inverse_and_librosas(scale):
    hz = np.array([0.0, 100.0, 999.0, 1000.0, 1001.0, 22050.0])
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hz, scale), scale), hz, rtol=1e-12)
    np.testing.assert_allclose(
        hz_to_mel(hz, scale), librosa.hz_to_mel(hz, htk=scale == "htk"), rtol=1e-12
    )


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_the_kernel_equals_the_matrix_product(rng, bank):
    power = Power.of(rng.random((37, bank.n_fft // 2 + 1)).astype(np.float32) ** 4)
    np.testing.assert_allclose(apply(power, bank), apply_plain(power, bank), rtol=2e-6)


def test_bands_hold_every_weight_and_empty_filters_have_none():
    bank = BANKS[-1]
    banded = bands(bank)
    assert (banded.last == banded.first).any()  # 128 bands on 65 bins: some contain none
    np.testing.assert_allclose(banded.weights.sum(), filters(bank).sum(), rtol=1e-6)
    assert (
        apply(Power.of(np.ones((1, 65), dtype=np.float32)), bank)[
            0, banded.last == banded.first
        ].max()
        == 0.0
    )


@pytest.mark.parametrize(
    "change",
    [
        {"n_mels": 0},
        {"fmin": -1.0},
        {"fmax": 4001.0},
        {"fmin": 3000.0, "fmax": 2000.0},
        {"scale": "bark"},
    ],
)
def test_bad_banks_are_refused(change):
    with pytest.raises(ParameterError):
        MelBank(**{"sr": 8000, "n_fft": 512, "n_mels": 10, **change})
