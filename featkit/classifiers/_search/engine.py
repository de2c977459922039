"""Candidates tried on held-out rows: what they say, and in which choices of training rows they are
asked.

A selection on K folds asks K times; a nested one asks about every pair of folds once. How all
candidates are fitted on one choice of training rows, and what they share there, is the part that
each kind of classifier adds.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from featkit.classifiers._search.selection import splits

Rows = NDArray[np.intp]
_UNKNOWN = -1


@dataclass(frozen=True)
class Outcome:
    """What every candidate says about some held-out rows.

    Attributes
    ----------
    codes : ndarray of int, shape (n_candidates, m)
        Predicted class, −1 where nothing was predicted.
    scores : ndarray of float32, shape (n_candidates, m, n_classes) or (n_candidates, m, 0)
        The larger, the more likely the class; −inf where a model did not know the class.
    """

    codes: Rows
    scores: NDArray[np.float32]

    def put(self, rows: Rows, part: "Outcome") -> None:
        """Write the outcome of some rows in its place."""
        self.codes[:, rows] = part.codes
        self.scores[:, rows] = part.scores

    def take(self, rows: Rows, classes: Rows) -> "Outcome":
        """Return the outcome for some rows, all predicted, with ``classes`` (sorted, none else
        occurs) renamed to 0, 1 …
        """
        columns = classes if self.scores.shape[2] else classes[:0]
        return Outcome(
            np.searchsorted(classes, self.codes[:, rows]), self.scores[:, rows][:, :, columns]
        )


class Engine(ABC):
    """The candidates of one data set, to be fitted on any choice of its rows.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Class of every row, 0 … n_classes − 1.
    candidates : list of dict
        Hyper-parameters, in the order in which ties are resolved.
    scored : bool
        Whether scores are wanted besides predictions.
    """

    def __init__(self, codes: Rows, candidates: list[dict[str, Any]], scored: bool) -> None:
        self.codes = codes
        self.candidates = candidates
        self.scored = scored
        self.n_classes = 1 + int(codes.max())
        self.kept = 1  # outcomes for all rows that exist at the same time
        self.at_once = 1  # choices of training rows that are asked at the same time, in threads

    @abstractmethod
    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Write what the candidates, fitted on ``train``, say about each set of held-out rows into
        its outcome.
        """

    def begin(self) -> None:  # noqa: B027 (nothing to share is allowed)
        """Compute what all choices of training rows share; called before the first of them is
        asked.
        """

    def complaints(self) -> list[str]:
        """Return what the user should know about the fits so far, such as candidates that did not
        converge.
        """
        return []

    def empty(self, m: int) -> Outcome:
        """Return an outcome for ``m`` rows in which nothing is predicted yet."""
        shape = (len(self.candidates), m)
        scores = np.full((*shape, self.n_classes if self.scored else 0), -np.inf, dtype=np.float32)
        return Outcome(np.full(shape, _UNKNOWN, dtype=np.intp), scores)

    def held_out(self, train: Rows, held_out: Sequence[Rows]) -> list[Outcome]:
        """Return what the candidates, fitted on ``train``, say about each set of held-out rows.

        A training part with a single class leaves nothing to learn: that class is the answer.
        """
        outcomes = [self.empty(len(rows)) for rows in held_out]
        present = np.unique(self.codes[train])
        if len(present) > 1:
            self.ask(train, held_out, outcomes)
        else:
            for outcome in outcomes:
                outcome.codes[:] = present[0]
                outcome.scores[..., present if self.scored else []] = 0.0
        return outcomes

    def cross_predict(self, folds: Rows) -> Outcome:
        """Return what the candidates say about every row when its fold (0 … K−1; −1: never) is left
        out.
        """
        outcome = self.empty(len(folds))
        parts = list(splits(folds))
        for (_, rows), (found,) in zip(
            parts, self._asked((train, [rows]) for train, rows in parts), strict=True
        ):
            outcome.put(rows, found)
        return outcome

    def nested_predict(self, folds: Rows) -> list[Outcome]:
        """Return, for each fold k (0 … K−1), what is said about the rows of every other fold j by
        models that saw neither.

        The models without j and k answer for j in the result k and for k in the result j.
        """
        parts = [np.flatnonzero(folds == fold) for fold in range(folds.max() + 1)]
        self.kept = len(parts)
        without = [self.empty(len(folds)) for _ in parts]
        pairs = [(j, k) for k in range(len(parts)) for j in range(k)]
        asked = (
            (np.flatnonzero((folds != j) & (folds != k)), [parts[j], parts[k]]) for j, k in pairs
        )
        for (j, k), (about_j, about_k) in zip(pairs, self._asked(asked), strict=True):
            without[k].put(parts[j], about_j)
            without[j].put(parts[k], about_k)
        return without

    def _asked(self, questions: Iterable[tuple[Rows, list[Rows]]]) -> Iterator[list[Outcome]]:
        """Yield what `held_out` returns for each choice of training rows, several at a time if
        ``at_once`` says so.
        """
        self.begin()
        if self.at_once == 1:
            yield from (self.held_out(train, rows) for train, rows in questions)
            return
        with threadpool_limits(1, user_api="blas"):
            work = (delayed(self.held_out)(train, rows) for train, rows in questions)
            yield from Parallel(self.at_once, require="sharedmem", return_as="generator")(work)
