"""Fourth-order gammatone filters as weights on the bins of an FFT.

The filter of [Slaney1993] is four second-order sections that share one pair of poles,
p = exp(−B / sr) · exp(±iθ) with θ = 2π · f / sr and bandwidth B = 2π · 1.019 · ERB(f), and have one
real zero each, exp(−B / sr) · (cos θ ± √(3 ± 2^1.5) · sin θ). [Ellis2009] weights the magnitudes
of an FFT by this filter's magnitude response, 1 at its centre frequency, instead of filtering in
time.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from featkit.dsp.stft import SPARE, Power
from featkit.errors import ParameterError

Floats = NDArray[np.float32]

# ERB(f) = f / EAR_Q + MIN_ERB in Hz [Glasberg1990].
EAR_Q, MIN_ERB = 9.26449, 24.7


@dataclass(frozen=True)
class GammatoneBank:
    """Parameters of a gammatone filter bank.

    ``fmax`` None means sr / 2; ``erbs`` multiplies every bandwidth.
    """

    sr: int
    n_fft: int
    n_filters: int = 64
    fmin: float = 20.0
    fmax: float | None = None
    erbs: float = 1.0

    def __post_init__(self) -> None:
        top = self.sr / 2 if self.fmax is None else self.fmax
        if self.n_filters < 1 or not self.erbs > 0:
            raise ParameterError(
                f"n_filters={self.n_filters} must be at least 1, erbs={self.erbs:g} greater than 0"
            )
        if not 0 < self.fmin < top <= self.sr / 2:
            raise ParameterError(
                f"fmin={self.fmin:g}, fmax={top:g} Hz: "
                f"need 0 < fmin < fmax ≤ sr / 2 = {self.sr / 2:g}"
            )

    def centres(self) -> NDArray[np.float64]:
        """Return the centre frequencies in Hz, ascending from ``fmin`` in equal steps of ERB
        number; one more step would reach ``fmax``.
        """
        shift = EAR_Q * MIN_ERB
        top = self.sr / 2 if self.fmax is None else self.fmax
        spaced = np.geomspace(self.fmin + shift, top + shift, self.n_filters + 1)[:-1]
        return np.asarray(spaced - shift)

    def matrix(self) -> NDArray[np.float64]:
        """Return the magnitude responses at the FFT's frequencies, shape (n_filters, n_fft // 2 +
        1).
        """
        centres = self.centres()[:, None]
        decay = np.exp(-2 * np.pi * 1.019 * self.erbs * (centres / EAR_Q + MIN_ERB) / self.sr)
        theta = 2 * np.pi * centres / self.sr
        signs = np.array(
            [np.sqrt(3 + 2**1.5), -np.sqrt(3 + 2**1.5), np.sqrt(3 - 2**1.5), -np.sqrt(3 - 2**1.5)]
        )
        zeros = decay * (np.cos(theta) + signs * np.sin(theta))
        pole = decay * np.exp(1j * theta)

        def response(z: NDArray[np.complex128]) -> NDArray[np.float64]:
            top = np.prod(np.abs(z[..., None] - zeros[:, None, :]), axis=-1)
            return np.asarray(top / np.abs((z - pole) * (z - pole.conj())) ** 4)

        circle = np.exp(2j * np.pi * np.arange(self.n_fft // 2 + 1) / self.n_fft)
        return response(np.broadcast_to(circle, (self.n_filters, len(circle)))) / response(
            np.exp(1j * theta)
        )


@lru_cache(maxsize=16)
def filters(bank: GammatoneBank) -> Floats:
    """Return the bank's matrix in float32, shape (n_filters, n_fft // 2 + 1), read-only."""
    matrix = bank.matrix().astype(np.float32)
    matrix.flags.writeable = False
    return matrix


def apply(magnitude: Power, bank: GammatoneBank) -> Floats:
    """Return magnitudes in gammatone bands, (frames, n_filters)."""
    batches = filters(bank) @ magnitude.lanes[:, :-SPARE]
    return batches.transpose(0, 2, 1).reshape(-1, bank.n_filters)[: magnitude.n_frames]
