"""Ensembles of nets by their mean class probabilities, and the spread of single runs
[Palanisamy2020].
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import log_loss
from sklearn.utils.validation import check_is_fitted

from featkit.classifiers._wrapping import fitted, set_innermost, wrapped
from featkit.classifiers.base import registry
from featkit.errors import ParameterError
from featkit.naming import spec


class MeanEnsemble(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classifiers that are fitted on the same rows and whose probabilities are averaged.

    By convexity its log loss is never above the mean of its members' log losses.

    Parameters
    ----------
    members : sequence of estimators
        Unfitted, with ``predict_proba``. `make` gives members that differ in the head's initial
        weights and the batch order only [Palanisamy2020], or are different nets.

    Attributes
    ----------
    members_ : list of estimators
        The fitted members.
    classes_ : ndarray
        Sorted labels.
    """

    input_kind: ClassVar[str] = "array"

    def __init__(self, members: Sequence[Any]) -> None:
        self.members = members

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        eval_set: tuple[Any, ArrayLike] | None = None,
    ) -> Self:
        """Return the ensemble with every member fitted; arguments are those of the members."""
        if not self.members:
            raise ParameterError("an ensemble needs at least one member")
        self.members_ = [fitted(member, X, y, groups, eval_set) for member in self.members]
        self.classes_ = self.members_[0].classes_
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the members' mean probabilities, shape (n, classes)."""
        check_is_fitted(self)
        mean: NDArray[np.float64] = np.mean(
            [member.predict_proba(X) for member in self.members_], axis=0
        )
        return mean

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each row."""
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

    @property
    def model_bytes(self) -> int:
        """Bytes of all fitted members' parameters."""
        return sum(member.model_bytes for member in getattr(self, "members_", ()))

    def size(self) -> dict[str, Any]:
        """Return ``parameters``, ``model_bytes`` and ``weights`` of all members together, and the
        ``classes`` that they hold for, without training.
        """
        sizes = [member.size() for member in self.members]
        keys = ("parameters", "model_bytes", "weights")
        return {key: sum(size[key] for size in sizes) for key in keys} | {
            "classes": sizes[0]["classes"]
        }


def spread(ensemble: MeanEnsemble, X: Any, y: ArrayLike) -> dict[str, Any]:
    """Return how single members and the ensemble do on some rows, as the papers' "single ± →
    ensemble" columns have it.

    Returns
    -------
    dict
        ``accuracies`` and ``log_losses`` of the members, ``mean`` and ``std`` (n − 1) of the
        accuracies, ``ensemble`` (its accuracy) and ``ensemble_log_loss``.
    """
    truth = np.asarray(y)
    each = [member.predict_proba(X) for member in ensemble.members_]
    mean = np.mean(each, axis=0)
    accuracies = [float((ensemble.classes_[one.argmax(axis=1)] == truth).mean()) for one in each]
    return {
        "accuracies": accuracies,
        "log_losses": [float(log_loss(truth, one, labels=ensemble.classes_)) for one in each],
        "mean": float(np.mean(accuracies)),
        "std": float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else 0.0,
        "ensemble": float((ensemble.classes_[mean.argmax(axis=1)] == truth).mean()),
        "ensemble_log_loss": float(log_loss(truth, mean, labels=ensemble.classes_)),
    }


@registry.register
def make(*, net: str = "net", members: int = 0, seed: int = 0) -> MeanEnsemble:
    """Ensemble of trained nets by their mean class probabilities.

    Parameters
    ----------
    net : str
        Classifier text of a ``net``, ``net_grid``, ``deep_svm``, ``segments`` or ``windows``, or
        several:
        ``net=(net:arch=cnn)+(net:arch=crnn)``.
    members : int
        Copies of each, which differ in the head's initial weights and the batch order. 0: one of
        each of several nets, five of a single one [Palanisamy2020].
    seed : int
        Of everything random.

    Raises
    ------
    ParameterError
        If there would be a single member, or for a classifier that cannot be wrapped.
    """
    texts = spec.several(net)
    members = members or (5 if len(texts) == 1 else 1)
    if members < 1 or members * len(texts) < 2:
        raise ParameterError(
            f"members={members} of {len(texts)} nets: an ensemble needs two; give members=5, "
            "or several nets: net=(net:arch=cnn)+(net:arch=crnn)"
        )
    allowed = ("net", "net_grid", "deep_svm", "segments", "windows")
    return MeanEnsemble(
        [
            set_innermost(wrapped(text, seed, "net_ensemble", allowed), member=member)
            for text in texts
            for member in range(members)
        ]
    )
