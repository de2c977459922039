"""A net's penultimate activations as features of a linear SVM [InstrumentsReport]."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted

from featkit.classifiers._wrapping import NetWrapper, fitted, wrapped
from featkit.classifiers.base import registry


class DeepSVM(NetWrapper):
    """Train a net, then a linear SVM on what the net's head reads, standardised, of the same rows.

    Parameters
    ----------
    net : estimator
        Unfitted, with ``embed(X)``: a net, or a grid over one.
    C : float
        Penalty of the SVM.

    Attributes
    ----------
    net_, svm_ : estimators
        The fitted parts.
    classes_ : ndarray
        Sorted labels.

    Notes
    -----
    Probabilities are a logistic regression's on the SVM's margins of the training rows. ``predict``
    is the SVM's own vote.
    """

    def __init__(self, net: Any, C: float = 1.0) -> None:
        self.net = net
        self.C = C

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        eval_set: tuple[Any, ArrayLike] | None = None,
    ) -> Self:
        """Return the estimator with net and SVM fitted; arguments are those of the net."""
        self.net_ = fitted(self.net, X, y, groups, eval_set)
        deep = self.net_.embed(X)
        self.svm_ = make_pipeline(StandardScaler(), SVC(kernel="linear", C=self.C)).fit(deep, y)
        self.calibration_ = LogisticRegression().fit(self._margins(deep), y)
        self.classes_ = self.svm_.classes_
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the SVM's label of each row."""
        check_is_fitted(self)
        labels: NDArray[Any] = self.svm_.predict(self.net_.embed(X))
        return labels

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return class probabilities, shape (n, classes)."""
        check_is_fitted(self)
        margins = self._margins(self.net_.embed(X))
        probabilities: NDArray[np.float64] = self.calibration_.predict_proba(margins)
        return probabilities

    def _margins(self, deep: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self.svm_.decision_function(deep)).reshape(len(deep), -1)

    @property
    def model_bytes(self) -> int:
        """Bytes of the net's parameters and of the support vectors."""
        return int(self.net_.model_bytes) + int(self.svm_[-1].support_vectors_.nbytes)


@registry.register
def make(*, net: str = "net", C: float = 1.0, seed: int = 0) -> DeepSVM:
    """Linear SVM on what the last layer of a trained net reads.

    Parameters
    ----------
    net : str
        Classifier text of a ``net``, or of a ``net_grid`` over one: ``net=(net:arch=lstm)``.
    C : float
        Penalty of the SVM.
    seed : int
        Of the net.
    """
    return DeepSVM(wrapped(net, seed, "deep_svm", ("net", "net_grid")), C)
