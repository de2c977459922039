"""How batch statistics leak labels when features are extracted in batches [Pons2019].

Random VGG features with batch normalisation are computed in batches of several sizes, from files
sorted by class and from shuffled files, and classified, unscaled, by a support vector machine on
stratified folds: the best of 32 candidates, chosen on the same folds as the paper does. Without
normalisation, neither size nor order may matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from featkit.classifiers import make_classifier
from featkit.comparison.statistics.outcome import Outcome
from featkit.comparison.statistics.runs import anova
from featkit.errors import ParameterError
from featkit.nets.random.base import RandomNet
from featkit.nets.random.zoo import build

BatchSize = int | Literal["class"]
Order = Literal["sorted", "shuffled"]
Indices = NDArray[np.intp]
Matrix = NDArray[np.floating[Any]]
# Between the seeds of weights that must differ.
_APART = 1_000_003


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
    without : tuple of Cell
        Accuracy without normalisation, one for each batch size and seed, files sorted. Each has
        weights of its own, as each of the paper's runs has.
    largest_difference : float
        Without normalisation, the largest difference between features from different batch sizes
        and orders, as a fraction of the largest feature.
    """

    cells: tuple[Cell, ...]
    without: tuple[Cell, ...]
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
    def dependence(self) -> Outcome:
        """Analysis of variance that without normalisation all batch sizes have the same mean."""
        sizes = dict.fromkeys(cell.batch_size for cell in self.without)
        groups = [
            [cell.accuracy for cell in self.without if cell.batch_size == size] for size in sizes
        ]
        return anova(*groups)

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
        for number, size in enumerate(batch_sizes):
            own = build("vgg", filters, seed + _APART * (1 + number))
            features = _features(own, inputs, _batches(targets, size, "sorted", seed))
            without.append(Cell(size, "sorted", seed, _score(features, targets, folds, seed)))
        plain = build("vgg", filters, seed)
        base = _features(plain, inputs, _batches(targets, 1, "sorted", seed))
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
    """Return the mean accuracy over the folds of the candidate that is best in it [Pons2019]."""
    machine = make_classifier("svm:scale=false,probability=false")
    fold = np.empty(len(targets), dtype=np.int64)
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for number, (_, held) in enumerate(split.split(features, targets)):
        fold[held] = number
    _, predicted = machine.candidate_predictions(features, targets, fold)
    correct = np.asarray(predicted) == targets
    means = [correct[:, fold == number].mean(axis=1) for number in range(folds)]
    return float(np.mean(means, axis=0).max())
