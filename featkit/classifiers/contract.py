"""What an estimator may offer beyond scikit-learn's interface, and the one place that asks for it.

Every ability is optional and a protocol of its own; `offers` tells whether an estimator has it.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import get_tags

from featkit.errors import ParameterError


class Estimator(Protocol):
    """What scikit-learn asks of an unfitted classifier."""

    def fit(self, X: Any, y: Any, /) -> Any:
        """Return the fitted estimator."""

    def predict(self, X: Any, /) -> Any:
        """Return one label for each row."""

    def get_params(self, deep: bool = True) -> Any:
        """Return the constructor's parameters."""


class GivesProbabilities(Protocol):
    """Log loss, fusion and bundles use the probabilities."""

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return probabilities, shape (n, n_classes), columns as ``classes_``."""


class TriesCandidates(Protocol):
    """The ``paper`` protocol and a validation part select from the candidates."""

    def candidate_predictions(
        self, X: Any, y: ArrayLike, folds: ArrayLike
    ) -> tuple[Sequence[Mapping[str, Any]], NDArray[Any]]:
        """Return the candidates and what each predicts for every row, (n_candidates, n).

        A row is predicted by models that were fitted without its fold; rows of fold −1 always
        train.
        """


class FixesCandidate(Protocol):
    """Fixes a candidate in its own way; by default the parameters of that name are set."""

    def with_candidate(self, params: Mapping[str, Any]) -> Any:
        """Return an unfitted copy that tries only the candidate ``params``."""


class NestsFolds(Protocol):
    """Shares work between the folds of the ``nested`` protocol."""

    def nested_fit(
        self,
        X: Any,
        y: ArrayLike,
        folds: ArrayLike,
        clips: ArrayLike | None = None,
        hold: bool = False,
    ) -> Iterator[tuple[Any, Any]]:
        """Yield (fold k, the model of ``fit(X[folds != k], y[folds != k], groups=…)``).

        ``clips`` and ``hold`` are as of ``fit``.
        """


class NamesItsChoice(Protocol):
    """Results and bundles record the hyper-parameters."""

    best_params_: Mapping[str, Any]


class HoldsOut(Protocol):
    """``fit(…, hold=True)`` keeps the probabilities of each training row by a model without its
    inner fold, from which a stack learns its weights.
    """

    held_out_: NDArray[np.float64]


class CalibratesScores(Protocol):
    """The bundle's card says that probabilities were calibrated on held-out clips."""

    beta_: float


class PrefersShape(Protocol):
    """``"array"`` gets rows in their own shape (maps, waveforms) instead of vectors."""

    input_kind: str


class CanWatch(Protocol):
    """With ``watch`` true, ``fit`` is given the test part as ``eval_set`` and results hold the
    numbers.
    """

    watch: bool
    numbers_: Mapping[str, Any]


class LearnsByEpochs(Protocol):
    """Results hold the curves: one mapping for each epoch, as of `featkit.training.loop`."""

    curves_: Sequence[Mapping[str, Any]]


class NamesItsOrigin(Protocol):
    """Results are computed again when files or code that parameters only name have changed."""

    def origin(self) -> str:
        """Return a text that changes with that content; empty where there is none."""


class SplitsColumns(Protocol):
    """``blocks="features"`` becomes the number of columns of each feature that a table joins."""

    blocks: str | tuple[int, ...]


class ExpectsRate(Protocol):
    """Waveforms at another rate are refused before anything runs (0 takes any rate)."""

    sr: int


class KnowsItsBytes(Protocol):
    """Results record this size in place of the sum over all arrays."""

    model_bytes: int


class KnowsItsSize(Protocol):
    """``featkit classifiers show`` prints the size."""

    def size(self) -> dict[str, Any]:
        """Return ``parameters`` and ``model_bytes`` of the unfitted model."""


class FollowsRecipe(Protocol):
    """``featkit classifiers show`` prints the recipe and its values."""

    def settled(self) -> Any:
        """Return the `Recipe` with all changes."""

    def recipe_name(self) -> str:
        """Return the name of the recipe that the changes are made to."""


class ShowsItsNet(Protocol):
    """Explanations follow the gradients of its outputs (`featkit.analysis.explanation`)."""

    def fitted(self) -> Any:
        """Return the trained torch module, from rows as it reads them to outputs."""

    def rows(self, X: Any) -> Any:
        """Return rows as that module reads them (`featkit.training.rows.Rows`)."""


ABILITIES: tuple[type, ...] = (
    GivesProbabilities,
    TriesCandidates,
    FixesCandidate,
    NestsFolds,
    NamesItsChoice,
    HoldsOut,
    CalibratesScores,
    PrefersShape,
    CanWatch,
    LearnsByEpochs,
    NamesItsOrigin,
    SplitsColumns,
    ExpectsRate,
    KnowsItsBytes,
    KnowsItsSize,
    FollowsRecipe,
    ShowsItsNet,
)


def members(ability: type) -> tuple[str, ...]:
    """Return the names of the methods and attributes that an ability consists of."""
    names = {**vars(ability), **inspect.get_annotations(ability)}
    return tuple(name for name in names if not name.startswith("_"))


def offers(estimator: object, ability: type) -> bool:
    """Return whether an estimator has every member of an ability.

    `isinstance` with a runtime-checkable protocol is no substitute: from Python 3.12 it also sees
    methods that scikit-learn hides because the configuration lacks them, such as
    ``predict_proba`` of a pipeline whose last step has none.
    """
    return all(hasattr(estimator, name) for name in members(ability))


def accepted(method: Callable[..., Any], **options: Any) -> dict[str, Any]:
    """Return those of ``options`` that are not None and that a method has parameters for.

    ``fit`` may take ``groups`` (the inner fold of each row), ``clips`` (a label for each row: the
    first row of a label is a clip, the others are copies of it), ``hold`` (keep `HoldsOut`) and
    ``eval_set`` (`CanWatch`).
    """
    names = inspect.signature(method).parameters
    return {name: value for name, value in options.items() if value is not None and name in names}


def takes_arrays(estimator: Any) -> bool:
    """Return whether an estimator takes rows in their own shape instead of vectors."""
    if offers(estimator, PrefersShape) and estimator.input_kind == "array":
        return True
    return hasattr(estimator, "__sklearn_tags__") and bool(
        get_tags(estimator).input_tags.three_d_array
    )


def watches(estimator: Any) -> bool:
    """Return whether an estimator, fitted or not, is to be given the test part while it trains."""
    return bool(getattr(estimator, "watch", False))


def chosen(model: Any) -> dict[str, Any]:
    """Return the hyper-parameters that a fitted model selected; empty where it selects nothing."""
    return dict(model.best_params_) if offers(model, NamesItsChoice) else {}


def curves(model: Any) -> list[dict[str, Any]]:
    """Return the curves of a fitted model, without seconds; empty where it has no epochs.

    Those of a wrapper are its fitted ``net_``'s. Those of an ensemble's ``members_`` follow each
    other, with ``member`` from 0.

    Raises
    ------
    ParameterError
        If ``curves_`` are something else.
    """
    while not offers(model, LearnsByEpochs) and hasattr(model, "net_"):
        model = model.net_
    if not offers(model, LearnsByEpochs):
        members = enumerate(getattr(model, "members_", ()))
        return [{"member": number} | row for number, member in members for row in curves(member)]
    if not all(isinstance(row, Mapping) and "epoch" in row for row in model.curves_):
        raise ParameterError(f"curves_ of {type(model).__name__} are not mappings with an epoch")
    return [{key: value for key, value in row.items() if key != "seconds"} for row in model.curves_]
