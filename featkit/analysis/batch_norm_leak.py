"""X1: how batch statistics at extraction leak labels (S2-23).

Random VGG features with batch normalisation are computed for batches of several sizes, of files
sorted by class and shuffled, and classified by a support vector machine on stratified folds.
Without normalisation neither size nor order may matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from featkit.errors import ParameterError
from featkit.nets.random.base import RandomNet
from featkit.nets.random.zoo import build

BatchSize = int | Literal["class"]
Order = Literal["sorted", "shuffled"]
Indices = NDArray[np.intp]
Matrix = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Cell:
    """Accuracy of one setting: the mean over the folds, as a share."""

    batch_size: BatchSize
    order: Order
    seed: int
    accuracy: float


@dataclass(frozen=True)
class BatchNormLeak:
    """What batch statistics do to accuracy.

    Attributes
    ----------
    cells : tuple of Cell
        One for each batch size, order and seed.
    without : tuple of float
        Accuracy without normalisation, one for each seed.
    largest_difference : float
        Without normalisation, the largest difference between features of different batch sizes and
        orders, as a share of the largest feature.
    """

    cells: tuple[Cell, ...]
    without: tuple[float, ...]
    largest_difference: float

    def accuracy(self, batch_size: BatchSize, order: Order) -> float:
        """Return the mean accuracy over the seeds."""
        return float(
            np.mean(
                [
                    cell.accuracy
                    for cell in self.cells
                    if (cell.batch_size, cell.order) == (batch_size, order)
                ]
            )
        )

    @property
    def leak(self) -> float:
        """Accuracy that batches of one class win over the same batches of shuffled files."""
        return self.accuracy("class", "sorted") - self.accuracy("class", "shuffled")


def batch_norm_leak(
    inputs: Sequence[Matrix] | Matrix,
    labels: Sequence[object] | NDArray[Any],
    *,
    batch_sizes: Sequence[BatchSize] = (1, 10, "class"),
    orders: Sequence[Order] = ("sorted", "shuffled"),
    seeds: Sequence[int] = (0, 1, 2),
    filters: int = 32,
    folds: int = 10,
) -> BatchNormLeak:
    """Return the accuracies for every batch size, order and seed, and the check without
    normalisation.

    Parameters
    ----------
    inputs : sequence of ndarray, shape (1376, 96)
        Log-mel spectrograms in dB, as ``logmel:preset=elmarc`` gives them to learners.
    labels : sequence
        Class of each clip.
    batch_sizes : sequence of int or "class"
        ``"class"`` cuts the files into as many batches as there are classes, as large as the
        classes are: sorted by class, each batch then is one class.
    seeds : sequence of int
        Each draws the weights and the shuffled order.
    folds : int
        Stratified, shuffled by the seed.

    Raises
    ------
    ParameterError
        If there are not as many labels as inputs, fewer than two classes, or fewer clips of a class
        than folds.
    """
    targets = _targets(inputs, labels, folds)
    cells, without, difference = [], [], 0.0
    for seed in seeds:
        plain = build("vgg", filters, seed)
        base = _features(plain, inputs, _batches(targets, 1, "sorted", seed))
        without.append(_score(base, targets, folds, seed))
        normed = build("vgg", filters, seed, batch_norm=True)
        for size in batch_sizes:
            for order in orders:
                batches = _batches(targets, size, order, seed)
                other = _features(plain, inputs, batches)
                difference = max(difference, float(np.abs(other - base).max() / np.abs(base).max()))
                cells.append(
                    Cell(
                        size,
                        order,
                        seed,
                        _score(_features(normed, inputs, batches), targets, folds, seed),
                    )
                )
    return BatchNormLeak(tuple(cells), tuple(without), difference)


def _targets(
    inputs: Sequence[Matrix] | Matrix, labels: Sequence[object] | NDArray[Any], folds: int
) -> Indices:
    if len(inputs) != len(labels):
        raise ParameterError(f"{len(inputs)} inputs but {len(labels)} labels")
    classes, targets = np.unique(np.asarray(labels), return_inverse=True)
    fewest = int(np.bincount(targets).min()) if len(targets) else 0
    if len(classes) < 2 or fewest < folds:
        raise ParameterError(
            f"the smallest of {len(classes)} classes has {fewest} clips; {folds} folds need 2 classes of {folds} clips or more"
        )
    return targets


def _batches(targets: Indices, size: BatchSize, order: Order, seed: int) -> list[Indices]:
    """Return the clips of each batch."""
    if order == "sorted":
        line = np.argsort(targets, kind="stable")
    elif order == "shuffled":
        line = np.random.default_rng(seed).permutation(len(targets))
    else:
        raise ParameterError(f"order={order!r} is not one of sorted, shuffled")
    if size == "class":
        return np.split(line, np.cumsum(np.bincount(targets))[:-1])
    if size < 1:
        raise ParameterError(f"batch size {size} is not 1 or more, or 'class'")
    return np.split(line, range(size, len(line), size))


def _features(
    net: RandomNet, inputs: Sequence[Matrix] | Matrix, batches: Sequence[Indices]
) -> Matrix:
    """Return the features of all clips, in the order of ``inputs``, computed batch by batch."""
    rows: dict[int, Matrix] = {}
    with torch.inference_mode():
        for batch in batches:
            stacked = torch.from_numpy(
                np.stack([np.asarray(inputs[i], dtype=np.float32) for i in batch])
            )
            rows.update(zip(batch.tolist(), net(stacked).numpy(), strict=True))
    return np.stack([rows[i] for i in range(len(inputs))])


def _score(features: Matrix, targets: Indices, folds: int, seed: int) -> float:
    """Return the mean accuracy of a scaled RBF machine with C = 8, one of the paper's candidates."""
    machine = make_pipeline(StandardScaler(), SVC(C=8.0))
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return float(cross_val_score(machine, features, targets, cv=split).mean())
