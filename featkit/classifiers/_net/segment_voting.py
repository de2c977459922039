"""A net that hears segments of a clip and decides by vote: F11 (S3-2 … S3-4) and M7 (S3-11)."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from featkit.audio import Samples
from featkit.classifiers._search.svm_margins import lift
from featkit.errors import ParameterError
from featkit.training import segments, voting
from featkit.training.inner import fold_split, inner_split
from featkit.training.streams import stream

_DELAY = 5


class SegmentVoting(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Train a net on the segments of clips, and predict a clip by the votes of its segments.

    Segments are those of `featkit.training.segments.cut`: 51 200 samples, half of them shared,
    without silent ones. Clips, not segments, are divided into inner training and validation part,
    and delayed copies are trained on only (S3-1).

    Parameters
    ----------
    net : NetClassifier
        Unfitted; reads waveforms of one segment, so it usually has a ``front``.
    delays : int
        Copies of every training clip that start 0 … 1 s later, each drawn once.
    rule : {"majority", "mean"}
        Votes of segments, of equals the higher mean probability; or mean probability.

    Attributes
    ----------
    net_ : NetClassifier
        Fitted on the segments.
    classes_ : ndarray
        Sorted labels.
    n_segments_ : int
        Segments that were trained on, those of the inner validation part included.
    """

    input_kind: ClassVar[str] = "array"

    def __init__(
        self, net: Any, delays: int = 0, rule: Literal["majority", "mean"] = "majority"
    ) -> None:
        self.net = net
        self.delays = delays
        self.rule = rule

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Return the estimator fitted on waveforms at 22 050 Hz.

        Parameters
        ----------
        X : array-like of shape (n, samples), or list of n arrays (samples,)
        y : array-like of n labels
        groups : array-like of int, optional
            Inner fold of each clip; where the recipe asks for a validation part, the lowest is it.

        Raises
        ------
        ParameterError
            For rows that are no waveforms, and as `NetClassifier.fit`.
        """
        labels, seed = np.asarray(y), int(self.net.random_state or 0)
        share, learned = self.net.settled().valid, np.arange(len(labels))
        if share:
            learned, _ = (
                inner_split(labels, share, seed)
                if groups is None
                else fold_split(np.asarray(groups))
            )
        rows, owners = _cut(X)
        for copy in range(self.delays):
            draws = (np.random.default_rng(stream(seed, _DELAY, copy, int(row))) for row in learned)
            more, whose = _cut(
                [
                    segments.delayed(_wave(X, row), rng)
                    for row, rng in zip(learned, draws, strict=True)
                ]
            )
            rows, owners = np.concatenate([rows, more]), np.concatenate([owners, learned[whose]])
        inner = np.isin(owners, learned).astype(np.int64) if share else None
        self.net_ = clone(self.net).fit(rows, labels[owners], groups=inner)
        self.classes_, self.n_segments_ = self.net_.classes_, len(rows)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return mean probabilities of each clip's segments, shape (n, classes).

        Where the vote of the majority falls on another class than the most probable one, the two
        exchange their values.
        """
        check_is_fitted(self)
        rows, owners = _cut(X)
        each = self.net_.predict_proba(rows)
        shares = voting.mean_probability(each, owners, len(X))
        if self.rule == "majority":
            lift(shares, voting.majority(each, owners, len(X)))
        return shares

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label that each clip's segments decide on."""
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

    @property
    def model_bytes(self) -> int:
        """Bytes of the net's parameters."""
        return int(self.net_.model_bytes)

    def size(self) -> dict[str, Any]:
        """Return ``parameters``, ``model_bytes`` and a row's ``shape`` of the net, without
        training.
        """
        found: dict[str, Any] = self.net.size()
        return found


def _wave(X: Any, row: Any) -> Samples:
    wave = np.asarray(X[int(row)], dtype=np.float32)
    if wave.ndim != 1:
        raise ParameterError(
            f"row {row} of shape {wave.shape} is no waveform; segments=true reads the feature waveform:sr=22050"
        )
    return wave


def _cut(X: Any) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the segments of all clips, and the number of the clip that each is of."""
    parts: Sequence[NDArray[np.float32]] = [segments.cut(_wave(X, row)) for row in range(len(X))]
    return np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])
