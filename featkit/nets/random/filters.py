"""Random filters of zero mean on a spectrogram, each response pooled in four ways.

The filters span a few kinds of shapes: small patches of time and frequency, also spread out; long
stretches of time; tall stretches of frequency. A filter of zero mean does not see gain, nor an
equaliser that is constant over its extent. Pooling by the fraction of values above a bias is that
of random kernels for time series [Dempster2020], the set of poolings that of [Tan2022].
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

POOLINGS = ("mean of the positive part", "deviation", "maximum", "fraction above the bias")
# The bias of a filter is a random quantile of its responses to a reference.
QUANTILES = 0.6, 0.98


class Kind(NamedTuple):
    """A shape of filters.

    Attributes
    ----------
    bands, frames : int
        Height and width.
    spread : tuple of int
        Steps between neighbouring weights in bands and in frames.
    parts : int
        Parts of the frequency axis that are pooled apart.
    fraction : float
        Number of such filters, as a fraction of ``filters``.
    """

    bands: int
    frames: int
    spread: tuple[int, int] = (1, 1)
    parts: int = 4
    fraction: float = 1.0


KINDS = (
    *(Kind(3, 3), Kind(5, 5), Kind(9, 9), Kind(3, 3, (2, 4)), Kind(3, 3, (1, 4))),
    *(Kind(1, 9), Kind(1, 17), Kind(1, 33), Kind(1, 65)),
    *(Kind(100, 1, parts=1, fraction=0.75), Kind(80, 5, parts=1, fraction=0.75)),
    Kind(50, 9, parts=1, fraction=0.75),
)


def columns(filters: int) -> int:
    """Return the length of the vector of a bank with ``filters`` filters of each kind."""
    return len(POOLINGS) * sum(count(kind, filters) * kind.parts for kind in KINDS)


def count(kind: Kind, filters: int) -> int:
    """Return the number of filters of a kind."""
    return max(1, round(kind.fraction * filters))


class FilterBank(nn.Module):  # type: ignore[misc]
    """The filters of all kinds; their biases come from a reference.

    Parameters
    ----------
    filters : int
        Filters of each kind, three quarters as many tall ones.
    seed : int
    reference : Tensor, shape (n, bands, frames)
        Spectrograms whose responses the biases are quantiles of.
    """

    def __init__(self, filters: int, seed: int, reference: Tensor) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        for number, kind in enumerate(KINDS):
            weights = rng.standard_normal((count(kind, filters), kind.bands, kind.frames))
            weights -= weights.mean(axis=(1, 2), keepdims=True)
            weights /= np.linalg.norm(weights, axis=(1, 2), keepdims=True)
            self.register_buffer(f"weights{number}", torch.from_numpy(weights).float()[:, None])
        levels = [rng.uniform(*QUANTILES, count(kind, filters)) for kind in KINDS]
        for number, responses in enumerate(self.responses(reference)):
            values = responses.transpose(0, 1).flatten(1).numpy()
            bias = [
                np.quantile(row, level) for row, level in zip(values, levels[number], strict=True)
            ]
            self.register_buffer(f"bias{number}", torch.tensor(bias, dtype=torch.float32))

    def responses(self, spectra: Tensor) -> Iterator[Tensor]:
        """Yield the responses of each kind to ``spectra`` (n, bands, frames): (n, filters, rows,
        frames).

        In time the spectra go on with their first and last frame; in frequency filters stay inside.
        """
        for number, kind in enumerate(KINDS):
            reach = kind.spread[1] * (kind.frames - 1) // 2
            padded = functional.pad(spectra, (reach, reach), mode="replicate")
            weights = getattr(self, f"weights{number}")
            yield functional.conv2d(padded[:, None], weights, dilation=kind.spread)

    def forward(self, spectra: Tensor) -> Tensor:
        """Return the vectors (n, columns) of ``spectra`` (n, bands, frames)."""
        pooled: list[list[Tensor]] = [[] for _ in POOLINGS]
        for number, responses in enumerate(self.responses(spectra)):
            bias = getattr(self, f"bias{number}")[:, None, None]
            for part in torch.tensor_split(responses, KINDS[number].parts, dim=2):
                values = (
                    part.clamp_min(0).mean(dim=(2, 3)),
                    part.flatten(2).std(dim=2, correction=0),
                    part.amax(dim=(2, 3)),
                    (part > bias).float().mean(dim=(2, 3)),
                )
                for row, value in zip(pooled, values, strict=True):
                    row.append(value)
        return torch.cat([torch.cat(row, dim=1) for row in pooled], dim=1)
