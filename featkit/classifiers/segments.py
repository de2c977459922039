"""A net that hears segments of a clip and decides by vote [Tax2017]."""

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from featkit.audio import Samples
from featkit.classifiers._voting import VotingNet
from featkit.classifiers._wrapping import innermost, set_innermost, wrapped
from featkit.classifiers.base import registry
from featkit.errors import ParameterError
from featkit.training import segments
from featkit.training.rows import fold_split, inner_split
from featkit.training.runtime import stream

_DELAY = 5


class SegmentVoting(VotingNet):
    """Train a net on the segments of clips, and predict a clip by the votes of its segments.

    Segments are those of `featkit.training.segments.cut`, without silent ones. Clips, not segments,
    are divided into inner training and validation part, and delayed copies are for training only.

    Parameters
    ----------
    net : estimator
        Unfitted net, or an SVM on one; reads waveforms of one segment, so the net usually has a
        ``front``.
    delays : int
        Copies of every training clip that start 0 … 1 s later, each drawn once.
    rule : {"majority", "mean"}
        Votes of segments, ties to the higher mean probability; or mean probability.
    frames, silence_db, normalize
        As in `featkit.training.segments.cut`.

    Attributes
    ----------
    net_ : estimator
        Fitted on the segments.
    classes_ : ndarray
        Sorted labels.
    n_segments_ : int
        Segments that were trained on, those of the inner validation part included.
    """

    def __init__(
        self,
        net: Any,
        delays: int = 0,
        rule: Literal["majority", "mean"] = "majority",
        frames: int = segments.FRAMES,
        silence_db: float = segments.SILENCE_DB,
        normalize: segments.Normalize = "clip",
    ) -> None:
        self.net = net
        self.delays = delays
        self.rule = rule
        self.frames = frames
        self.silence_db = silence_db
        self.normalize = normalize

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Return the estimator fitted on waveforms at 22,050 Hz.

        Parameters
        ----------
        X : array-like of shape (n, samples), or list of n arrays (samples,)
        y : array-like of n labels
        groups : array-like of int, optional
            Inner fold of each clip; where the recipe asks for a validation part, the lowest is it.

        Raises
        ------
        ParameterError
            For rows that are not waveforms, and as the net.
        """
        net, labels = innermost(self.net), np.asarray(y)
        seed, fraction, learned = (
            int(net.random_state or 0),
            net.settled().valid,
            np.arange(len(labels)),
        )
        if fraction:
            learned, _ = (
                inner_split(labels, fraction, seed)
                if groups is None
                else fold_split(np.asarray(groups))
            )
        rows, owners = self._cut(X)
        for copy in range(self.delays):
            draws = (np.random.default_rng(stream(seed, _DELAY, copy, int(row))) for row in learned)
            more, whose = self._cut(
                [
                    segments.delayed(_wave(X, row), rng)
                    for row, rng in zip(learned, draws, strict=True)
                ]
            )
            rows, owners = np.concatenate([rows, more]), np.concatenate([owners, learned[whose]])
        inner = np.isin(owners, learned).astype(np.int64) if fraction else None
        self.net_ = clone(self.net).fit(rows, labels[owners], groups=inner)
        self.classes_, self.n_segments_ = self.net_.classes_, len(rows)
        return self

    def _cut(self, X: Any) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the segments of all clips, and the number of the clip that each belongs to."""
        options = (self.silence_db, self.normalize, self.frames)
        parts = [segments.cut(_wave(X, row), *options) for row in range(len(X))]
        owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        return np.concatenate(parts), owners


def _wave(X: Any, row: Any) -> Samples:
    wave = np.asarray(X[int(row)], dtype=np.float32)
    if wave.ndim != 1:
        raise ParameterError(
            f"row {row} of shape {wave.shape} is not a waveform; "
            "segments reads the feature waveform:sr=22050"
        )
    return wave


@registry.register
def make(
    *,
    net: str = "net",
    delays: int = 0,
    voting: Literal["majority", "mean"] = "majority",
    frames: int = segments.FRAMES,
    silence_db: float = segments.SILENCE_DB,
    normalize: segments.Normalize = "clip",
    seed: int = 0,
) -> SegmentVoting:
    """Trained net that hears overlapping segments of clips, which vote.

    Rows are waveforms at 22,050 Hz; segments have 2.3 s, half of it shared with the next.

    Parameters
    ----------
    net : str
        Classifier text of a ``net``, or of ``deep_svm`` around one. Its ``front`` turns a segment
        into what it reads: ``net=(net:front=(logmel:preset=piczak))``.
    delays : int
        Copies of every training clip that start up to a second later.
    voting : {"majority", "mean"}
        The class that most segments vote for, or the one of the highest mean probability.
    frames : int
        Log-mel frames of a segment, 512 samples each: 101, or 41 for the short variant.
    silence_db : float
        Segments whose mean log-mel is at or below it are dropped; −70 in [Piczak2015-code].
    normalize : {"clip", "segment", "none"}
        What is divided by its largest magnitude.
    seed : int
        Of the net and of the delays.
    """
    model = wrapped(net, seed, "segments", ("net", "deep_svm"))
    inner = innermost(model)
    if inner.augment:
        raise ParameterError("segments cannot wrap a net with augment=true; delays=4 makes copies")
    if delays < 0 or inner.sr not in (0, segments.SR):
        raise ParameterError(
            f"segments needs delays ≥ 0 and sr={segments.SR}; got delays={delays}, sr={inner.sr}"
        )
    if frames < 3:
        raise ParameterError(f"segments:frames={frames}: a segment has at least 3 frames")
    net_at_rate = set_innermost(model, sr=segments.SR)
    return SegmentVoting(net_at_rate, delays, voting, frames, silence_db, normalize)
