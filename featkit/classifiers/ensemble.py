"""An ensemble over classifiers and features, members and weights chosen on inner folds."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from featkit.classifiers._search import out_of_fold, selection
from featkit.classifiers._search.kernels import columns
from featkit.classifiers.base import Conduct, make_classifier, registry
from featkit.classifiers.contract import GivesProbabilities, offers
from featkit.errors import ParameterError
from featkit.results.metrics import aligned, log_loss
from featkit.results.probabilities import Mean, averaged

Matrix = NDArray[np.float64]
MEMBERS = ("svm", "elm", "random_forest")


class Candidate(NamedTuple):
    """One classifier on one feature's columns."""

    member: str
    block: int

    def __str__(self) -> str:
        return f"{self.member} on feature {self.block}"


class Ensemble(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Mean of the probabilities of several classifiers, each on one of several features.

    Every member is tried on every feature. The candidates' probabilities for held-out rows, with
    hyper-parameters chosen on the remaining inner folds, decide which are taken and with what
    weight [Caruana2004]: starting from none, the candidate whose addition lowers the log loss most
    is added, again and again, and its weight is how often it was added. The chosen candidates are
    then fitted on all rows.

    Parameters
    ----------
    members : tuple of str
        Names of classifiers that offer probabilities.
    rule : {"mean", "product"}
        How probabilities are combined: see `featkit.results.probabilities`.
    select : {"greedy", "best", "all"}
        As above, or the single candidate with the lowest log loss, or all with equal weight, which
        needs no inner folds.
    rounds : int
        Number of additions in the greedy selection.
    blocks : tuple of int, or "features"
        Number of columns of each feature; empty: a single one. ``"features"`` means those of a
        table of joined features, which `evaluate` and `train` fill in; otherwise there is one.
    n_folds : int
        Number of inner folds if ``fit`` is given none.
    n_jobs : int or None
        Processes, each fitting a candidate; the result does not depend on it.
    random_state : int
        Seed of the members.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    best_params_ : dict
        Weight of each chosen candidate; they add up to 1.
    losses_ : dict
        Held-out log loss of every candidate and, as ``ensemble``, of the whole; empty with
        ``select="all"``.
    models_ : list of (slice, weight, estimator)
    held_out_ : ndarray of shape (n, n_classes)
        Only with ``hold``, and where members are chosen: the combination's probabilities of every
        row, by models without the row's inner fold; NaN for rows that are in none.
    """

    def __init__(
        self,
        members: tuple[str, ...] = MEMBERS,
        rule: Mean = "product",
        select: Literal["greedy", "best", "all"] = "greedy",
        rounds: int = 50,
        blocks: tuple[int, ...] | Literal["features"] = (),
        n_folds: int = 5,
        n_jobs: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.members = members
        self.rule = rule
        self.select = select
        self.rounds = rounds
        self.blocks = blocks
        self.n_folds = n_folds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        clips: ArrayLike | None = None,
        hold: bool = False,
    ) -> Self:
        """Return self, fitted on all rows with the best combination on the inner folds.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : array-like of shape (n,)
        groups : array-like of shape (n,), optional
            Inner fold of every row; None: stratified folds.
        clips : array-like of shape (n,), optional
            A label for each row. The first row of a label is a clip, the others are copies of it,
            on which nothing is chosen.
        hold : bool
            Keep the held-out probabilities as ``held_out_``.

        Raises
        ------
        ParameterError
            For a bad parameter, a member without probabilities, or impossible folds.
        """
        data, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ParameterError(
                "at least two classes are needed; "
                f"all {len(codes)} rows are of one class, {str(self.classes_[0])!r}"
            )
        candidates, parts = self._candidates(data.shape[1])
        folds = selection.inner_folds(codes, groups, self.n_folds, clips)
        first = None if clips is None else selection.originals(clips, len(codes))
        counted = folds >= 0
        if first is not None:
            counted &= first == np.arange(len(first))
        weights = np.ones(len(candidates))
        self.losses_: dict[str, float] = {}
        if self.select != "all" and len(candidates) > 1:
            work = delayed(out_of_fold.probabilities)
            jobs = (
                work(self._member(one), data[:, part], codes, folds, first)
                for one, part in zip(candidates, parts, strict=True)
            )
            held_out: Matrix = np.stack(Parallel(n_jobs=self.n_jobs)(jobs))
            weights = self._chosen(held_out[:, counted], codes[counted], candidates)
        taken = np.flatnonzero(weights)
        weights = weights / weights.sum()
        if hold and self.losses_:
            self.held_out_ = averaged(held_out[taken], self.rule, weights[taken])
            self.held_out_[folds < 0] = np.nan
        self.best_params_ = {str(candidates[c]): round(float(weights[c]), 4) for c in taken}
        jobs = (
            delayed(out_of_fold.fitted)(
                self._member(candidates[c]), data[:, parts[c]], codes, folds, first
            )
            for c in taken
        )
        models = Parallel(n_jobs=self.n_jobs)(jobs)
        self.models_ = [
            (parts[c], float(weights[c]), model) for c, model in zip(taken, models, strict=True)
        ]
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of every row."""
        best = self.predict_proba(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def predict_proba(self, X: ArrayLike) -> Matrix:
        """Return the combined probabilities, shape (n, n_classes), columns as ``classes_``."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        classes = list(range(len(self.classes_)))
        members = [
            aligned(model.predict_proba(rows[:, part]), model.classes_, classes)
            for part, _, model in self.models_
        ]
        weights = np.array([weight for _, weight, _ in self.models_])
        return averaged(np.stack(members), self.rule, weights)

    def _candidates(self, d: int) -> tuple[list[Candidate], list[slice]]:
        if self.rule not in ("mean", "product"):
            raise ParameterError(f"rule={self.rule!r} is not one of mean, product")
        if self.select not in ("greedy", "best", "all"):
            raise ParameterError(f"select={self.select!r} is not one of greedy, best, all")
        if not self.members or self.rounds < 1:
            raise ParameterError(
                f"members={self.members!r}, rounds={self.rounds}: at least one of each is needed"
            )
        hard = [
            name for name in self.members if not offers(make_classifier(name), GivesProbabilities)
        ]
        if hard:
            raise ParameterError(
                f"members={self.members!r}: no probabilities from {', '.join(hard)}"
            )
        pairs = [
            (Candidate(name, b), part)
            for b, (part, _) in enumerate(columns(self.blocks, d))
            for name in self.members
        ]
        return [candidate for candidate, _ in pairs], [part for _, part in pairs]

    def _member(self, candidate: Candidate) -> Any:
        return make_classifier(candidate.member, seed=self.random_state)

    def _chosen(
        self, held_out: Matrix, codes: NDArray[np.intp], candidates: Sequence[Candidate]
    ) -> Matrix:
        """Return how often each candidate is taken.

        ``held_out`` holds probabilities for held-out rows, (n_candidates, n, n_classes).
        """
        classes = list(range(len(self.classes_)))

        def loss(weights: Matrix) -> float:
            some = np.flatnonzero(weights)
            return log_loss(codes, averaged(held_out[some], self.rule, weights[some]), classes)

        single = np.eye(len(candidates))
        losses = [loss(row) for row in single]
        self.losses_ = {
            str(candidate): value for candidate, value in zip(candidates, losses, strict=True)
        }
        counts: Matrix = single[int(np.argmin(losses))]
        lowest, best = min(losses), counts
        for _ in range(self.rounds - 1 if self.select == "greedy" else 0):
            tried = [loss(counts + row) for row in single]
            counts = counts + single[int(np.argmin(tried))]
            if min(tried) < lowest:
                lowest, best = min(tried), counts
        self.losses_["ensemble"] = lowest
        return best


@registry.register
def make(
    *,
    members: tuple[str, ...] = MEMBERS,
    rule: Mean = "product",
    select: Literal["greedy", "best", "all"] = "greedy",
    rounds: int = 50,
    blocks: tuple[int, ...] | Literal["features"] = "features",
    n_folds: int = 5,
    n_jobs: Annotated[int | None, Conduct] = None,
    seed: int = 0,
) -> Ensemble:
    """Ensemble of classifiers and features, members and weights chosen on inner folds."""
    return Ensemble(
        members=members,
        rule=rule,
        select=select,
        rounds=rounds,
        blocks=blocks,
        n_folds=n_folds,
        n_jobs=n_jobs,
        random_state=seed,
    )
