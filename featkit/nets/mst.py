"""MSTmodel: three convolutions that predict a log-mel from a waveform [Tax2017]."""

import os
from pathlib import Path
from typing import Literal, Self

import torch
from torch import Tensor, nn
from torch.nn import functional, init

from featkit.errors import ParameterError
from featkit.nets.adapters import Shape
from featkit.nets.base import Net

HOP, KERNEL, BANDS = 512, 1024, 60
_WIDTHS = (512, 256, BANDS)
# Zeros on both sides: 100 frames of 51,200 samples, the middle of each half a hop later than that
# of the log-mel's; or as many as the log-mel has, 101, in the same places.
_PADDING = {"drop": KERNEL // 4, "pad": KERNEL // 2}

Edge = Literal["drop", "pad"]
Norm = Literal["fold", "drop"]


class ShiftNorm(nn.BatchNorm1d):  # type: ignore[misc]
    """Batch normalisation with a learned shift, no learned scale, and ε = 0.001 [MSTmodel]."""

    def __init__(self, width: int) -> None:
        super().__init__(width, eps=1e-3, affine=False)
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, maps: Tensor) -> Tensor:
        """Return the normalised maps (B, width, T)."""
        return super().forward(maps) + self.shift[:, None]


class MST(Net):
    """Waveform → 512 filters of 1,024 samples every 512, ReLU → 256 of 3 frames, ReLU → 60 of 3,
    tanh: 964,412 parameters [Tax2017].

    Rows are waveforms (n,), outputs (B, 60, frames) in [−1, 1]; the loss is the mean squared
    error.

    Parameters
    ----------
    edge : {"drop", "pad"}
        How the net's frames and the 101 of a log-mel come together: the log-mel's last frame is
        dropped, or the waveform gets more zeros on both sides (the paper's second footnote).
    batch_norm : bool
        Normalise before each activation, as the code does [MSTmodel] and the paper does not.
    dropout : float
        Fraction of each activation that training drops.
    """

    row_shape = (51_200,)
    recipe = "mst"

    def __init__(self, edge: Edge = "drop", batch_norm: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.edge, self.dropout = edge, dropout
        sources, lengths, steps = (1, *_WIDTHS), (KERNEL, 3, 3), (HOP, 1, 1)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(source, width, length, step, padding=1 if length == 3 else _PADDING[edge])
            for source, width, length, step in zip(sources, _WIDTHS, lengths, steps, strict=False)
        )
        for layer in self.convolutions:
            init.xavier_uniform_(layer.weight)
            init.zeros_(layer.bias)
        self.norms = nn.ModuleList(
            ShiftNorm(width) if batch_norm else nn.Identity() for width in _WIDTHS
        )

    def forward(self, rows: Tensor) -> Tensor:
        """Return log-mels (B, 60, frames) of waveforms (B, n)."""
        maps = rows.unsqueeze(1)
        last = len(_WIDTHS) - 1
        for number, (layer, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            maps = norm(layer(maps))
            maps = torch.tanh(maps) if number == last else torch.relu(maps)
            maps = functional.dropout(maps, self.dropout, self.training)
        return maps

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean squared error."""
        return functional.mse_loss(outputs, targets)

    def frames(self, n_samples: int) -> int:
        """Return how many frames a waveform of ``n_samples`` gives."""
        return (n_samples + 2 * _PADDING[self.edge] - KERNEL) // HOP + 1

    @property
    def batch_norm(self) -> bool:
        """Whether it normalises."""
        return isinstance(self.norms[0], ShiftNorm)

    def without_norm(self, norm: Norm) -> "MST":
        """Return the net without batch normalisation.

        Parameters
        ----------
        norm : {"fold", "drop"}
            ``fold`` puts statistics and shifts into the convolutions, so that the outputs in
            evaluation stay; ``drop`` keeps weights and biases only, and loses what was learned
            with the normalisation, as the code does [MSTmodel].
        """
        plain = MST(self.edge, dropout=self.dropout)
        plain.convolutions.load_state_dict(self.convolutions.state_dict())
        if norm == "fold" and self.batch_norm:
            for layer, own in zip(plain.convolutions, self.norms, strict=True):
                scale = (own.running_var + own.eps).rsqrt()
                layer.weight.data *= scale[:, None, None]
                layer.bias.data.sub_(own.running_mean).mul_(scale).add_(own.shift.data)
        return plain

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tensors to a safetensors file that `read` reads."""
        from safetensors.torch import save_file

        tensors = {name: value.contiguous() for name, value in self.state_dict().items()}
        aside = f"{os.fspath(path)}.part"
        save_file(tensors, aside, metadata={"edge": self.edge})
        os.replace(aside, path)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Return the net of a file that `save` wrote.

        Raises
        ------
        ParameterError
            If there is no such file, or it holds another net.
        """
        from safetensors import SafetensorError, safe_open
        from safetensors.torch import load_file

        if not Path(path).is_file():
            raise ParameterError(
                f"mst={os.fspath(path)}: no such file; featkit analyze mst makes it"
            )
        try:
            with safe_open(path, "pt") as file:
                edge = (file.metadata() or {}).get("edge", "")
            tensors = load_file(path)
        except SafetensorError as error:
            raise ParameterError(f"{os.fspath(path)}: not a safetensors file: {error}") from error
        batch_norm = "norms.0.shift" in tensors
        if edge not in _PADDING:
            raise ParameterError(f"{os.fspath(path)}: not a file of featkit analyze mst")
        net = cls(edge, batch_norm=batch_norm)
        try:
            net.load_state_dict(tensors)
        except RuntimeError as error:
            raise ParameterError(f"{os.fspath(path)}: tensors of another net") from error
        return net


def samples_of(shape: Shape) -> int:
    """Return the samples of a row (n,).

    Raises
    ------
    ParameterError
        If rows are not waveforms of at least one kernel.
    """
    if len(shape) != 1 or shape[0] < KERNEL:
        raise ParameterError(
            f"rows of shape {shape} are not waveforms (n,) of at least {KERNEL} samples"
        )
    return shape[0]
