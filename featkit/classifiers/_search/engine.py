"""All candidates of a classifier, fitted on sets of training rows and asked about held-out rows.

A selection on K folds asks K times; a nested one asks once for every pair of folds. How the
candidates are fitted on one set of training rows, and what they share there, is what each kind of
classifier adds.
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
    """The answers of every candidate for some held-out rows.

    Attributes
    ----------
    codes : ndarray of int, shape (n_candidates, m)
        Predicted class; −1: nothing was predicted.
    scores : ndarray of float32, shape (n_candidates, m, n_classes) or (n_candidates, m, 0)
        The larger, the more likely the class; −inf: the model did not know the class.
    """

    codes: Rows
    scores: NDArray[np.float32]

    def put(self, rows: Rows, part: "Outcome") -> None:
        """Insert the outcome of ``rows``."""
        self.codes[:, rows] = part.codes
        self.scores[:, rows] = part.scores

    def take(self, rows: Rows, classes: Rows) -> "Outcome":
        """Return the outcome for ``rows``, all of them predicted, with classes renumbered.

        ``classes`` are those that occur, sorted; they become 0, 1, …
        """
        columns = classes if self.scores.shape[2] else classes[:0]
        return Outcome(
            np.searchsorted(classes, self.codes[:, rows]), self.scores[:, rows][:, :, columns]
        )


class Engine(ABC):
    """The candidates of one data set, to be fitted on any subset of its rows.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Class of every row, 0 … n_classes − 1.
    candidates : list of dict
        Hyper-parameters, in the order in which ties are resolved.
    scored : bool
        Whether scores are returned besides predictions.
    """

    def __init__(self, codes: Rows, candidates: list[dict[str, Any]], scored: bool) -> None:
        self.codes = codes
        self.candidates = candidates
        self.scored = scored
        self.n_classes = 1 + int(codes.max())
        self.kept = 1  # outcomes for all rows that are in memory at the same time
        self.sets = 1  # sets of training rows that are to be fitted
        self.at_once = 1  # sets of training rows that are fitted at the same time, in threads

    @abstractmethod
    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Fit all candidates on ``train`` and write their answers for each set of held-out rows."""

    def begin(self) -> None:  # noqa: B027 (there may be nothing to share)
        """Compute what all sets of training rows share; called before the first one is fitted."""

    def complaints(self) -> list[str]:
        """Return warnings about the fits so far, such as candidates that did not converge."""
        return []

    def empty(self, m: int) -> Outcome:
        """Return an outcome for ``m`` rows without predictions."""
        shape = (len(self.candidates), m)
        scores = np.full((*shape, self.n_classes if self.scored else 0), -np.inf, dtype=np.float32)
        return Outcome(np.full(shape, _UNKNOWN, dtype=np.intp), scores)

    def held_out(self, train: Rows, held_out: Sequence[Rows]) -> list[Outcome]:
        """Return the answers for each set of held-out rows of the candidates fitted on ``train``.

        If the training rows are of a single class, there is nothing to learn and it is the answer.
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
        """Return the answers for every row of candidates fitted without its fold.

        Folds are 0 … K−1; rows in fold −1 are always trained on and get no answer.
        """
        outcome = self.empty(len(folds))
        parts = list(splits(folds))
        self.sets = len(parts)
        answers = self._answers((train, [rows]) for train, rows in parts)
        for (_, rows), (answer,) in zip(parts, answers, strict=True):
            outcome.put(rows, answer)
        return outcome

    def nested_predict(self, folds: Rows) -> list[Outcome]:
        """Return, for each fold k, the answers for all other folds j of models that saw neither.

        The models fitted without j and k answer for j in result k and for k in result j.
        """
        parts = [np.flatnonzero(folds == fold) for fold in range(folds.max() + 1)]
        self.kept = len(parts)
        without = [self.empty(len(folds)) for _ in parts]
        pairs = [(j, k) for k in range(len(parts)) for j in range(k)]
        self.sets = len(pairs)
        questions = (
            (np.flatnonzero((folds != j) & (folds != k)), [parts[j], parts[k]]) for j, k in pairs
        )
        for (j, k), (about_j, about_k) in zip(pairs, self._answers(questions), strict=True):
            without[k].put(parts[j], about_j)
            without[j].put(parts[k], about_k)
        return without

    def _answers(self, questions: Iterable[tuple[Rows, list[Rows]]]) -> Iterator[list[Outcome]]:
        """Yield `held_out` of each question, ``at_once`` of them in parallel."""
        self.begin()
        if self.at_once == 1:
            yield from (self.held_out(train, rows) for train, rows in questions)
            return
        with threadpool_limits(1, user_api="blas"):
            work = (delayed(self.held_out)(train, rows) for train, rows in questions)
            yield from Parallel(self.at_once, require="sharedmem", return_as="generator")(work)
