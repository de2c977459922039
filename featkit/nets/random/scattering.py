"""Wavelets of time and of frequency on a spectrogram, and the pooled moduli of their responses.

Nothing is random here; like the random nets it is never trained.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from featkit.nets.random.pooling import pooled, quantiles
from featkit.nets.random.pools import BIASED, QUANTILES

# In cycles per sample: the highest centre, from which octaves go down, and bandwidth over centre.
HIGHEST = 0.35
WIDTH = (1 - 0.5) / (1 + 0.5) / np.sqrt(2 * np.log(np.sqrt(2)))
# Frames around a clip, which goes on with its first and last one: 3.5 deviations of the slowest.
MARGIN = 256
PERIODS = 4
# What is added before the logarithm, in dB or as a ratio.
FLOOR = {"log": 0.1, "magnitude": 1e-3}


def morlet(octave: int, length: int) -> NDArray[np.float64]:
    """Return the transform of the Morlet wavelet at 0.35 / 2^octave cycles per sample, (length,).

    A Gaussian around the centre less one around 0, so that its value at 0 is 0; the sum of
    magnitudes in time is 1. With one wavelet an octave they are those of [Andreux2020].
    """
    centre = HIGHEST / 2**octave
    width = WIDTH * centre
    places = np.arange(-PERIODS * length, (PERIODS + 1) * length) / length
    both = [np.exp(-((places - middle) ** 2) / (2 * width**2)) for middle in (centre, 0.0)]
    gabor, low = (each.reshape(-1, length).sum(axis=0) for each in both)
    transform = gabor - gabor[0] / low[0] * low
    return np.asarray(transform / np.abs(np.fft.ifft(transform)).sum())


def stride(octave: int) -> int:
    """Return the step between the responses of a wavelet that are kept."""
    return 1 << max(octave - 1, 0)


def across(octave: int, bands: int) -> NDArray[np.complex128]:
    """Return the matrix that convolves bands with a wavelet, (kept bands, bands).

    The bands go on with the lowest and the highest.
    """
    kernel = np.roll(np.fft.ifft(morlet(octave, 2 * bands)), bands)
    matrix = np.zeros((len(range(0, bands, stride(octave))), bands), dtype=np.complex128)
    for row, place in zip(matrix, range(0, bands, stride(octave)), strict=True):
        sources = np.clip(place - np.arange(-bands, bands), 0, bands - 1)
        np.add.at(row, sources, kernel)
    return matrix


class Scattering(nn.Module):  # type: ignore[misc]
    """Scattering of a spectrogram: means of the bands, and pooled moduli of wavelets in time, in
    frequency and in both.

    Parameters
    ----------
    rates, scales : int
        Octaves of wavelets in time and in frequency.
    on : {"log", "magnitude"}
        Wavelets see dB, or magnitudes.
    parts : int
        Parts of the frequency axis that are pooled apart.
    pools : tuple of str
        Of `pools.POOLS`.
    seed : int
        Of the quantiles that biases are.
    reference : Tensor, shape (n, bands, frames)
        Spectrograms, in dB, whose moduli the biases are quantiles of.
    """

    def __init__(
        self,
        rates: int,
        scales: int,
        on: str,
        parts: int,
        pools: tuple[str, ...],
        seed: int,
        reference: Tensor,
    ) -> None:
        super().__init__()
        self.rates, self.scales, self.on = rates, scales, on
        self.parts, self.pools = parts, pools
        for octave in range(scales):
            matrix = across(octave, reference.shape[1])
            both = np.stack([matrix, matrix.conj()])
            self.register_buffer(f"across{octave}", torch.from_numpy(both).to(torch.complex64))
        rng = np.random.default_rng(seed)
        self.biased = bool(BIASED & set(pools))
        if self.biased:
            for number, maps in enumerate(self.moduli(self.heard(reference))):
                levels = rng.uniform(*QUANTILES, maps.shape[1])
                self.register_buffer(f"bias{number}", quantiles(maps, levels))

    def heard(self, spectra: Tensor) -> Tensor:
        """Return what the wavelets see of ``spectra`` in dB; magnitudes are relative to the clip's
        largest.
        """
        if self.on == "log":
            return spectra
        return 10 ** ((spectra - spectra.amax((1, 2), keepdim=True)) / 20)

    def moduli(self, heard: Tensor) -> Iterator[Tensor]:
        """Yield the moduli of wavelets in frequency; then, for each rate, those of the wavelet in
        time, and of it with each in frequency, upwards and downwards.

        ``heard`` is (n, bands, frames); each map is (n, 1 or 2, kept bands, kept frames).
        """
        for scale in range(self.scales):
            kernel = getattr(self, f"across{scale}")[:1, None]
            yield (kernel @ heard.to(kernel.dtype)).abs().transpose(0, 1)
        frames = heard.shape[2]
        spare = -frames % stride(self.rates - 1)
        padded = functional.pad(heard, (MARGIN, MARGIN + spare), mode="replicate")
        transform = torch.fft.fft(padded, dim=2)
        for rate in range(self.rates):
            step = stride(rate)
            wavelet = torch.from_numpy(morlet(rate, padded.shape[2])).to(heard)
            # Folding the transform keeps every step-th value of its inverse.
            folded = (transform * wavelet).unflatten(2, (step, -1)).mean(2)
            kept = torch.fft.ifft(folded, dim=2)[
                :, :, MARGIN // step : MARGIN // step - (-frames // step)
            ]
            yield kept.abs()[:, None]
            for scale in range(self.scales):
                kernel = getattr(self, f"across{scale}")
                yield (kernel @ kept[:, None]).abs()

    def forward(self, spectra: Tensor) -> Tensor:
        """Return the vectors (n, columns) of ``spectra`` (n, bands, frames), in dB.

        First the means of the bands over time, relative to their own mean; then what each map
        becomes, in the order of `moduli`: channels within parts within poolings. Other values than
        times and fractions are logarithms; those of magnitudes are relative to the mean of their
        part.
        """
        heard = self.heard(spectra)
        means = heard.mean(2)
        none = means.new_zeros(1)
        level = torch.stack([part.mean(1) for part in means.tensor_split(self.parts, 1)], 1)
        if self.on == "log":
            rows, level = [means - means.mean(1, keepdim=True)], torch.ones_like(level)
        else:
            rows = [(means / means.mean(1, keepdim=True)).clamp_min(1e-6).log()]
        for number, maps in enumerate(self.moduli(heard)):
            bias = getattr(self, f"bias{number}") if self.biased else none.expand(maps.shape[1])
            values = pooled(maps, bias, self.pools, self.parts)
            ratio = level.repeat_interleave(maps.shape[1], 1)
            for pool, value in zip(self.pools, values, strict=True):
                plain = pool in ("ppv", "mipv", "lspv")
                rows.append(value if plain else (value / ratio + FLOOR[self.on]).log())
        return torch.cat(rows, 1)
