"""Standardisation as the first layer of a net, so that it travels with the weights and runs on the
net's device.
"""

import torch
from torch import Tensor, nn


class Standardize(nn.Module):  # type: ignore[misc]
    """Rows minus ``mean``, divided by ``std``; both broadcast to a row's shape.

    Parameters
    ----------
    mean, std : Tensor
        Statistics of the training rows.
    """

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("std", std.to(torch.float32))

    def forward(self, rows: Tensor) -> Tensor:
        """Return the standardised rows, of the same shape."""
        return (rows - self.mean) / self.std
