"""Groups of random dilated kernels that compete for every frame [Dempster2023]."""

import numpy as np
import torch
from torch import Tensor, nn

from featkit.nets.random.rocket import DILATIONS, LENGTH, difference, groups_of_bands, taps

KERNELS = 8


class Hydra(nn.Module):  # type: ignore[misc]
    """Counts of which kernel of its group responds most, and which least, in every dilation.

    Parameters
    ----------
    groups : int
        Groups of eight kernels for each dilation; even: half of them see differences of frames.
    seed : int
    bands : int
    """

    def __init__(self, groups: int, seed: int, bands: int) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        self.maps = [(lag, step) for lag in (0, 1) for step in DILATIONS]
        shape = (groups // 2, KERNELS, LENGTH)
        for number in range(len(self.maps)):
            weights = rng.standard_normal(shape)
            weights -= weights.mean(axis=2, keepdims=True)
            weights /= np.abs(weights).sum(axis=2, keepdims=True)
            mix = groups_of_bands(groups // 2, bands, KERNELS, rng)
            self.register_buffer(f"weights{number}", torch.from_numpy(weights).float())
            self.register_buffer(f"mix{number}", torch.from_numpy(mix))

    def responses(self, spectra: Tensor, number: int) -> Tensor:
        """Return the responses of one dilation, (n, groups / 2, 8, frames), to ``spectra`` (n,
        bands, frames).
        """
        lag, dilation = self.maps[number]
        series = getattr(self, f"mix{number}") @ (difference(spectra) if lag else spectra)
        windows = torch.stack(taps(series, dilation), dim=2)
        return torch.einsum("gkt,ngtf->ngkf", getattr(self, f"weights{number}"), windows)

    def forward(self, spectra: Tensor) -> Tensor:
        """Return the vectors (n, columns) of ``spectra`` (n, bands, frames).

        For each dilation the sums of the largest responses of each group by the kernel that has
        them, then the number of frames at which each kernel has the smallest; both divided by the
        number of frames, under a root.
        """
        rows = []
        for number in range(len(self.maps)):
            responses = self.responses(spectra, number)
            largest, first = responses.max(dim=2)
            last = responses.argmin(dim=2)
            empty = responses.new_zeros(responses.shape[:3])
            most = empty.scatter_add(2, first, largest)
            least = empty.scatter_add(2, last, torch.ones_like(largest))
            rows += [most.flatten(1), least.flatten(1)]
        return (torch.cat(rows, dim=1) / spectra.shape[2]).clamp_min(0).sqrt()
