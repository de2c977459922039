"""Labels that are likely wrong, by confident learning [Northcutt2021].

A classifier that has not seen a clip says how probable each class is. The mean probability of a
class over the clips that bear its label is the class's threshold: a clip whose most probable class,
of those that reach their threshold, is not its label is likely mislabelled. Clips are sorted by how
improbable their label is, which ranks errors best [Kuan2022].
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError


@dataclass(frozen=True)
class LabelError:
    """A clip whose label is doubted.

    Attributes
    ----------
    row : int
        Which clip.
    suggested : int
        The most probable class.
    score : float
        1 less the probability of the label, in [0, 1].
    confident : bool
        Whether confident learning calls it an error; otherwise the classifier merely differs.
    """

    row: int
    suggested: int
    score: float
    confident: bool


def label_errors(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> list[LabelError]:
    """Return the clips whose label is not the most probable class, the most suspicious first.

    Parameters
    ----------
    probabilities : ndarray of shape (n_clips, n_classes)
        Of a classifier that did not learn from the clip. Rows sum to 1.
    labels : ndarray of int, shape (n_clips,)

    Raises
    ------
    ParameterError
        If the shapes differ or a label has no column.
    """
    n, classes = probabilities.shape
    if labels.shape != (n,) or not np.all((labels >= 0) & (labels < classes)):
        raise ParameterError(
            f"{labels.shape} labels do not fit probabilities of shape {probabilities.shape}"
        )
    own = probabilities[np.arange(n), labels]
    suggested = probabilities.argmax(axis=1)
    thresholds = np.array(
        [own[labels == k].mean() if np.any(labels == k) else np.inf for k in range(classes)]
    )
    reached = np.where(probabilities >= thresholds, probabilities, 0.0)
    confident = (reached.max(axis=1) > 0) & (reached.argmax(axis=1) != labels)
    doubted = np.flatnonzero(suggested != labels)
    order = doubted[np.argsort(own[doubted], kind="stable")]
    return [
        LabelError(int(row), int(suggested[row]), float(1 - own[row]), bool(confident[row]))
        for row in order
    ]
