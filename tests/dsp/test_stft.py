"""The short-time Fourier transform against numpy's in double precision, librosa's and torch's
framing.
"""

import librosa
import numpy as np
import pytest
import torch

from featkit.dsp.spectra import power
from featkit.dsp.stft import Power, Stft, hann, lengthen, pad, power_plain
from featkit.errors import ParameterError

SHAPES = [
    (4410, 1102, 441, "reflect"),
    (2205, 551, 220, "reflect"),
    (2048, 2048, 512, "constant"),
    (512, 512, 256, "reflect"),
]


@pytest.mark.parametrize(("n_fft", "win", "hop", "mode"), SHAPES)
def test_power_is_librosas_and_torchs(rng, n_fft, win, hop, mode):
    y = rng.standard_normal(30_011).astype(np.float32)
    stft = Stft(n_fft, win, hop, mode)
    theirs = (
        np.abs(
            librosa.stft(
                y.astype(float), n_fft=n_fft, win_length=win, hop_length=hop, pad_mode=mode
            )
        ).T
        ** 2
    )
    window = torch.hann_window(win, dtype=torch.float64)
    torchs = (
        torch.stft(
            torch.from_numpy(y).double(), n_fft, hop, win, window, True, mode, return_complex=True
        )
        .abs()
        .T
        ** 2
    )
    for ours in (power(y, stft).frames(), power_plain(pad(y, stft), stft)):
        assert ours.dtype == np.float32 and ours.shape == theirs.shape == torchs.shape
        for other in (theirs, torchs.numpy()):
            np.testing.assert_allclose(ours, other, rtol=1e-4, atol=1e-6 * other.max())


def test_hann_is_periodic_and_centred():
    window = hann(6, 9)
    np.testing.assert_allclose(window, [0, 0, 0.25, 0.75, 1, 0.75, 0.25, 0, 0], atol=1e-7)
    assert (
        hann(1102, 4410)[:1654].max() == 0.0
        and hann(1102, 4410)[1654] == 0.0
        and hann(1102, 4410)[1655] > 0
    )
    with pytest.raises(ValueError, match="read-only"):
        window[0] = 1.0


@pytest.mark.parametrize("n", [1, 3, 4, 5, 6, 20])
def test_reflection_is_numpys_after_lengthening(n):
    y = np.arange(1, n + 1, dtype=np.float32)
    for n_fft in (8, 9):
        expected = np.pad(np.pad(y, (0, max(0, 5 - n))), 4, mode="reflect")
        np.testing.assert_array_equal(pad(y, Stft(n_fft, n_fft, 1)), expected)


def test_zero_padding_and_lengthening():
    y = np.ones(3, dtype=np.float32)
    np.testing.assert_array_equal(pad(y, Stft(4, 4, 1, "constant")), [0, 0, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(lengthen(y, 5), [1, 1, 1, 0, 0])
    assert lengthen(y, 2) is y
    assert power(np.ones(1, dtype=np.float32), Stft(5, 5, 2, "constant")).frames().shape == (1, 3)


def test_unpadded_frames_start_at_their_first_sample(rng):
    y = rng.standard_normal(1000).astype(np.float32)
    ours = power(y, Stft(256, 100, 50, "none")).frames()
    frames = np.lib.stride_tricks.sliding_window_view(y, 100)[::50] * hann(100)
    np.testing.assert_allclose(ours, np.abs(np.fft.rfft(frames, 256)) ** 2, rtol=1e-4, atol=1e-4)
    assert power(y[:7], Stft(256, 100, 50, "none")).frames().shape == (1, 129)


@pytest.mark.parametrize("pad_mode", ["reflect", "constant", "none"])
@pytest.mark.parametrize("n_fft", [16, 17])
def test_frames_are_as_many_as_announced(pad_mode, n_fft):
    for n in (1, 7, 8, 9, 15, 16, 17, 100):
        stft = Stft(n_fft, 12, 5, pad_mode)
        assert power(np.ones(n, dtype=np.float32), stft).frames().shape == (
            stft.n_frames(n),
            stft.n_bins,
        )


def test_sine_peaks_in_its_bin_with_the_windows_gain():
    sr, n_fft = 8000, 1000
    y = np.sin(2 * np.pi * 400 * np.arange(sr) / sr).astype(np.float32)
    inside = power(y, Stft(n_fft, n_fft, 100)).frames()[5:-6]
    assert (inside.argmax(axis=1) == 50).all()
    np.testing.assert_allclose(
        inside[:, 50], (n_fft / 4) ** 2, rtol=1e-4
    )  # amplitude ½ times the window's sum, N / 2


def test_frames_do_not_depend_on_their_batch(rng):
    y = rng.standard_normal(40_000).astype(np.float32)
    stft = Stft(1024, 1024, 256, "constant")
    late = power(y[256 * 40 :], stft).frames()
    np.testing.assert_array_equal(power(y, stft).frames()[44 : 44 + 50], late[4:54])


def test_frames_come_back_from_their_lanes(rng):
    for n in (1, 16, 37):
        frames = rng.random((n, 5), dtype=np.float32)
        kept = Power.of(frames)
        assert kept.lanes.shape == (-(-n // 16), 8, 16) and kept.n_frames == n
        np.testing.assert_array_equal(kept.frames(), frames)
        np.testing.assert_array_equal(kept.magnitudes().frames(), np.sqrt(frames))
        assert not kept.lanes[:, 5:].any()


@pytest.mark.parametrize(
    "numbers", [(512, 513, 1), (512, 0, 1), (512, 512, 0), (1, 1, 1), (512, 512, 256, "wrap")]
)
def test_bad_numbers_are_refused(numbers):
    with pytest.raises(ParameterError):
        Stft(*numbers)
