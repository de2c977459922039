"""Integrated Gradients [Sundararajan2017]: how much each value of a net's input adds to a class.

The gradient of the class's output is averaged on the straight way from a baseline to the input and
multiplied by their difference. The parts then sum to what the output gained; what is missing is the
completeness error of the average.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from featkit.analysis.explanation.parts import Baseline
from featkit.errors import MissingDependencyError, ParameterError
from featkit.nets.standardize import Standardize

# Points of the way whose gradients are in memory at once.
TOGETHER = 8


def integrated_gradients(
    net: torch.nn.Module,
    row: NDArray[np.float32],
    baseline: NDArray[np.float32],
    target: int,
    steps: int = 64,
) -> tuple[NDArray[np.float32], float]:
    """Return the attribution of each value of a row, and the completeness error.

    Parameters
    ----------
    net : torch module
        From rows (n, …) to outputs (n, classes), before the softmax.
    row, baseline : ndarray of one shape
    target : int
        Which output.
    steps : int
        Points on the way, at least 2, as Gauss–Legendre quadrature places them.

    Returns
    -------
    attribution : ndarray, as ``row``
    error : float
        |sum of the attributions − gain| as a fraction of |gain|; 0 where neither is there.

    Raises
    ------
    ParameterError
        For fewer than two steps, or shapes that differ.
    MissingDependencyError
        Without captum.
    """
    try:
        from captum.attr import IntegratedGradients
    except ImportError as error:
        raise MissingDependencyError(
            "explaining a net needs captum: pip install 'featkit[explain]'"
        ) from error
    if steps < 2 or row.shape != baseline.shape:
        raise ParameterError(
            f"steps={steps} must be at least 2, and the shapes of row and baseline equal: "
            f"{row.shape}, {baseline.shape}"
        )
    net.eval()
    inputs, start = (torch.from_numpy(np.ascontiguousarray(part))[None] for part in (row, baseline))
    with torch.no_grad():
        gain = float((net(inputs) - net(start))[0, target])
    parts = IntegratedGradients(net).attribute(
        inputs, start, target=target, n_steps=steps, internal_batch_size=TOGETHER
    )
    attribution = parts[0].detach().numpy().astype(np.float32)
    missing = abs(float(attribution.sum(dtype=np.float64)) - gain)
    return attribution, missing / abs(gain) if gain else missing


class Outputs(torch.nn.Module):  # type: ignore[misc]
    """A trained model whose outputs are one number for each class: of nets that decide several
    times, the logarithm of their vote.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the outputs, shape (n, classes)."""
        outputs = self.model(rows)
        return outputs if outputs.ndim == 2 else self.model.probabilities(outputs).log()

    @property
    def mean(self) -> NDArray[np.float32] | None:
        """What the model subtracts from its rows; None where it does not standardise them."""
        scaling = self.model.scaling
        return scaling.mean.numpy() if isinstance(scaling, Standardize) else None


def baseline_row(
    kind: Baseline,
    row: NDArray[np.float32],
    silence: Callable[[], NDArray[np.float32]],
    mean: NDArray[np.float32] | None,
) -> NDArray[np.float32]:
    """Return where the way begins.

    Parameters
    ----------
    kind : {"silence", "zero", "mean"}
        The row of a silent clip; zeros; the mean of the training rows.
    row : ndarray
        Of the clip.
    silence : callable
        Gives the row of digital silence of the clip's length.
    mean : ndarray or None
        What the net subtracts from its rows; None where it does not standardise them.

    Raises
    ------
    ParameterError
        If the mean is asked of a net that does not know it.
    """
    if kind == "silence":
        return silence()
    if kind == "zero":
        return np.zeros_like(row)
    if mean is None:
        raise ParameterError(
            "baseline=mean: this net does not standardise its rows; use silence or zero"
        )
    return np.broadcast_to(np.asarray(mean, dtype=np.float32), row.shape).copy()
