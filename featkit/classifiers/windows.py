"""A net that reads windows of a row and decides by their vote."""

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from featkit.classifiers._voting import VotingNet
from featkit.classifiers._wrapping import innermost, wrapped
from featkit.classifiers.base import registry
from featkit.errors import ParameterError
from featkit.training import segments
from featkit.training.rows import inner_split


class WindowVoting(VotingNet):
    """Train a net on windows of the rows, and predict a row by the votes of its windows.

    Windows are those of `featkit.training.segments.windows`. Rows, not windows, are divided into
    inner training and validation part.

    Parameters
    ----------
    net : estimator
        Unfitted net, or an SVM on one; reads rows of one window.
    length, hop : int
        Of a window and between the starts of two, in frames, or in samples of a waveform.
    rule : {"mean", "majority"}
        Mean probability; or votes of windows, ties to the higher mean probability.

    Attributes
    ----------
    net_ : estimator
        Fitted on the windows.
    classes_ : ndarray
        Sorted labels.
    n_windows_ : int
        Windows that were trained on, those of the inner validation part included.
    """

    def __init__(
        self, net: Any, length: int, hop: int, rule: Literal["mean", "majority"] = "mean"
    ) -> None:
        self.net = net
        self.length = length
        self.hop = hop
        self.rule = rule

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Return the estimator fitted on the windows of all rows.

        Parameters
        ----------
        X : array-like of shape (n, …), or list of n arrays
            Waveforms, matrices (frames, bins) or images (C, H, frames).
        y : array-like of n labels
        groups : array-like of int, optional
            Inner fold of each row; where the recipe asks for a validation part, the lowest is it.

        Raises
        ------
        ParameterError
            As the net.
        """
        net, labels = innermost(self.net), np.asarray(y)
        folds = None if groups is None else np.asarray(groups)
        fraction = net.settled().valid
        if fraction and folds is None:
            learned, _ = inner_split(labels, fraction, int(net.random_state or 0))
            folds = np.isin(np.arange(len(labels)), learned).astype(np.int64)
        rows, owners = self._cut(X)
        inner = None if folds is None else folds[owners]
        self.net_ = clone(self.net).fit(rows, labels[owners], groups=inner)
        self.classes_, self.n_windows_ = self.net_.classes_, len(rows)
        return self

    def _cut(self, X: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the windows of all rows, and the number of the row that each belongs to."""
        parts = [segments.windows(np.asarray(row), self.length, self.hop) for row in X]
        owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        return np.concatenate(parts), owners


@registry.register
def make(
    *,
    net: str = "net",
    length: int = 172,
    hop: int = 0,
    voting: Literal["mean", "majority"] = "mean",
    seed: int = 0,
) -> WindowVoting:
    """Trained net that reads windows of maps or waveforms, which vote.

    The division in time that [Wang2020] compares its own with: none is the net by itself.

    Parameters
    ----------
    net : str
        Classifier text of a ``net``, or of ``deep_svm`` around one.
    length : int
        Frames of a window, or samples of a waveform. 172 frames of 512 samples at 44,100 Hz are
        2 s.
    hop : int
        From the start of one window to that of the next; 0: ``length``, no overlap.
    voting : {"mean", "majority"}
        The class of the highest mean probability, or the one that most windows vote for.
    seed : int
        Of the net.
    """
    if length < 1 or hop < 0:
        raise ParameterError(
            f"windows: length={length} and hop={hop}; at least 1 and 0 are allowed"
        )
    return WindowVoting(
        wrapped(net, seed, "windows", ("net", "deep_svm")), length, hop or length, voting
    )
