"""Outputs of a trained net, batch by batch."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from featkit.nets import adapters
from featkit.training.data import Loader, Rows, split_batches


def probabilities(
    net: nn.Module,
    rows: Rows,
    *,
    batch_size: int = 32,
    device: str = "cpu",
    precision: str = "float32",
) -> NDArray[np.float64]:
    """Return the softmax of the net's outputs, shape (n, classes); rows sum to 1."""
    outputs = _run(net, rows, False, batch_size, device, precision)
    shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = shifted / shifted.sum(axis=1, keepdims=True)
    return shares


def embeddings(
    net: nn.Module,
    rows: Rows,
    *,
    batch_size: int = 32,
    device: str = "cpu",
    precision: str = "float32",
) -> NDArray[np.float64]:
    """Return what the net's head reads, shape (n, d): the penultimate activations (S4-7, T7)."""
    return _run(net, rows, True, batch_size, device, precision)


def _run(
    net: nn.Module, rows: Rows, deep: bool, batch_size: int, device: str, precision: str
) -> NDArray[np.float64]:
    net.to(device).eval()
    order = split_batches(np.arange(len(rows)), batch_size)
    found = []
    with (
        torch.inference_mode(),
        torch.autocast(torch.device(device).type, torch.bfloat16, enabled=precision == "bfloat16"),
    ):
        for batch in Loader(rows, device).batches(order):
            outputs = adapters.embed(net, batch) if deep else net(batch)
            found.append(outputs.float().cpu().numpy().astype(np.float64))
    return np.concatenate(found)
