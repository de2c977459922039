"""How batch statistics leak labels when features are extracted in batches [Pons2019].

Random VGG features with batch normalisation are computed in batches of several sizes, from files
sorted by class and from shuffled files, and classified by a support vector machine on stratified
folds. Without normalisation, neither size nor order may matter.
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
    """Accuracy of one setting: the mean over the folds, in [0, 1]."""

    batch_size: BatchSize
    order: Order
    seed: int
    accuracy: float


@dataclass(frozen=True)
class BatchNormLeak:
    """The effect of batch statistics on accuracy.

    Attributes
    ----------
    cells : tuple of Cell
        One for each batch size, order and seed.
    without : tuple of float
        Accuracy without normalisation, one for each seed.
    largest_difference : float
        Without normalisation, the largest difference between features from different batch sizes
        and orders, as a fraction of the largest feature.
    """

    cells: tuple[Cell, ...]
    without: tuple[float, ...]
    largest_difference: float

    def accuracy(self, batch_size: BatchSize, order: Order) -> float:
        """Return the mean accuracy over the seeds."""
        matching = [
            cell.accuracy
            for cell in self.cells
            if (cell.batch_size, cell.order) == (batch_size, order)
        ]
        return float(np.mean(matching))

    @property
    def leak(self) -> float:
        """Accuracy gained by batches of a single class over batches of shuffled files."""
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
    """Return the accuracy for each batch size, order and seed, and for no normalisation.

    Parameters
    ----------
    inputs : sequence of ndarray, shape (1376, 96)
        Log-mel spectrograms in dB, as ``logmel:preset=elmarc`` passes them to learners.
    labels : sequence
        Class of each clip.
    batch_sizes : sequence of int or "class"
        ``"class"`` makes one batch per class, as large as that class: if the files are sorted,
        each batch holds exactly one class.
    seeds : sequence of int
        Each seed draws the weights and the shuffled order.
    folds : int
        Number of stratified folds, shuffled by the seed.

    Returns
    -------
    BatchNormLeak

    Raises
    ------
    ParameterError
        If inputs and labels differ in number, there are fewer than two classes, or a class has
        fewer clips than there are folds.
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
                features = _features(normed, inputs, batches)
                cells.append(Cell(size, order, seed, _score(features, targets, folds, seed)))
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
            f"the smallest of {len(classes)} classes has {fewest} clips; {folds} folds need "
            f"2 classes or more of at least {folds} clips each"
        )
    return targets


def _batches(targets: Indices, size: BatchSize, order: Order, seed: int) -> list[Indices]:
    """Return the rows of each batch."""
    if order == "sorted":
        rows = np.argsort(targets, kind="stable")
    elif order == "shuffled":
        rows = np.random.default_rng(seed).permutation(len(targets))
    else:
        raise ParameterError(f"order={order!r}; allowed: sorted, shuffled")
    if size == "class":
        return np.split(rows, np.cumsum(np.bincount(targets))[:-1])
    if size < 1:
        raise ParameterError(f"batch_size={size} must be at least 1, or 'class'")
    return np.split(rows, range(size, len(rows), size))


def _features(
    net: RandomNet, inputs: Sequence[Matrix] | Matrix, batches: Sequence[Indices]
) -> Matrix:
    """Return the features of all clips in the order of ``inputs``, computed batch by batch."""
    rows: dict[int, Matrix] = {}
    with torch.inference_mode():
        for batch in batches:
            stacked = torch.from_numpy(
                np.stack([np.asarray(inputs[i], dtype=np.float32) for i in batch])
            )
            rows.update(zip(batch.tolist(), net(stacked).numpy(), strict=True))
    return np.stack([rows[i] for i in range(len(inputs))])


def _score(features: Matrix, targets: Indices, folds: int, seed: int) -> float:
    """Return the mean accuracy of an RBF SVM on scaled features with C = 8, a value that
    [Pons2019] tries.
    """
    machine = make_pipeline(StandardScaler(), SVC(C=8.0))
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return float(cross_val_score(machine, features, targets, cv=split).mean())
