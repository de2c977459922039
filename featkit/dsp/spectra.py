"""Power spectra of a signal, compiled where the FFT's length has small factors, else by scipy.

`featkit.dsp.stft.power_plain` is the definition. Numba is imported by the first call.
"""

import numpy as np
from numpy.typing import NDArray

from featkit.dsp.bands import Bands
from featkit.dsp.stft import Power, Stft, pad, power_plain

Floats = NDArray[np.float32]


def power(samples: Floats, stft: Stft) -> Power:
    """Return the power spectrogram of ``samples``."""
    return padded_power(pad(samples, stft), stft)


def padded_power(padded: Floats, stft: Stft) -> Power:
    """Return the power spectrogram of a signal that `featkit.dsp.stft.pad` has padded."""
    from featkit.dsp import lanes

    if lanes.supports(stft.n_fft):
        return lanes.power(padded, stft)
    return Power.of(power_plain(padded, stft))


def band_power(padded: Floats, stft: Stft, bands: Bands) -> Floats:
    """Return the band sums of a padded signal's power, shape (frames, bands).

    The compiled code keeps no power spectrogram meanwhile.
    """
    from featkit.dsp import lanes

    if lanes.supports(stft.n_fft):
        return lanes.band_power(padded, stft, bands)
    return band_sums(padded_power(padded, stft), bands)


def band_sums(power: Power, bands: Bands) -> Floats:
    """Return the band sums of a power spectrogram, shape (frames, bands)."""
    from featkit.dsp import lanes

    return lanes.sums(power, bands)
