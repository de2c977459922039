"""Classes that can be told by how they were recorded or coded rather than by what they sound like.

Clips of ESC-50, for example, come from recordings of several rates, and those of some classes from
few: their highest frequency gives them away.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

# An area under the curve this far from 0.5 tells a class by one number.
TELLING = 0.4


@dataclass(frozen=True)
class Artefact:
    """How well one level tells one class from the others.

    Attributes
    ----------
    level, label : str
    auc : float
        Probability that a clip of the class has a greater value than a clip of another, ties half:
        0.5 says nothing, 0 and 1 give the class away.
    median, others : float
        Medians within the class and elsewhere.
    """

    level: str
    label: str
    auc: float
    median: float
    others: float

    @property
    def telling(self) -> bool:
        """Whether the level tells the class nearly alone."""
        return abs(self.auc - 0.5) >= TELLING


def artefacts(
    levels: NDArray[np.float32], names: tuple[str, ...], labels: NDArray[np.str_]
) -> list[Artefact]:
    """Return how well each level tells each class, the most telling first.

    Parameters
    ----------
    levels : ndarray of shape (n_clips, n_levels)
    names : tuple of str
        Of the levels.
    labels : ndarray of str, shape (n_clips,)
    """
    classes = np.unique(labels)
    if len(classes) < 2:
        return []
    rows = []
    for column, name in enumerate(names):
        values = levels[:, column]
        for label in classes:
            own = labels == label
            auc = float(roc_auc_score(own, values))
            medians = float(np.median(values[own])), float(np.median(values[~own]))
            rows.append(Artefact(name, str(label), auc, *medians))
    return sorted(rows, key=lambda row: (-abs(row.auc - 0.5), row.level, row.label))
