"""Logarithms of power against numpy and librosa."""

import librosa
import numpy as np

from featkit.dsp.logarithm import Scale, decibels, ln


def test_ln_adds_its_offset(rng):
    x = (rng.random(1000) * np.logspace(-9, 5, 1000)).astype(np.float32)
    np.testing.assert_allclose(ln(x), np.log(x.astype(float) + 1e-6), atol=2e-6)
    assert ln(np.zeros(1, dtype=np.float32))[0] == np.float32(np.log(np.float32(1e-6)))


def test_decibels_are_librosas(rng):
    x = (rng.random((50, 20)) * np.logspace(-12, 4, 20)).astype(np.float32)
    for top_db in (80.0, 30.0, None):
        np.testing.assert_allclose(
            decibels(x, top_db=top_db),
            librosa.power_to_db(x.astype(float), top_db=top_db),
            atol=2e-5,
        )
    np.testing.assert_allclose(
        decibels(np.sqrt(x), floor=1e-5, power=1),
        librosa.amplitude_to_db(np.sqrt(x.astype(float)), amin=1e-5),
        atol=2e-5,
    )


def test_double_amplitude_is_6_02_db_and_the_floor_holds():
    x = np.array([1e-20, 1e-3, 1.0], dtype=np.float32)
    np.testing.assert_allclose(
        (decibels(4 * x, top_db=None) - decibels(x, top_db=None))[1:], 20 * np.log10(2), atol=1e-4
    )
    np.testing.assert_allclose(decibels(x, top_db=None)[0], -100.0, atol=1e-4)
    np.testing.assert_allclose(decibels(x, top_db=80.0)[0], -80.0, atol=1e-4)


def test_no_logarithm_leaves_power_as_it_is():
    scale = Scale("none")
    x = np.array([0.0, 3.0], dtype=np.float32)
    assert scale(x).tolist() == [0.0, 3.0]
    assert scale.silence(loudest=3.0) == 0.0
