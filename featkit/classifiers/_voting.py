"""What classifiers share that train a net on parts of rows, which then vote."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from featkit.classifiers._search.svm_margins import lift
from featkit.classifiers._wrapping import NetWrapper
from featkit.training import segments


class VotingNet(NetWrapper):
    """A net whose votes on the parts of a row become one decision.

    A subclass has the parameters ``net`` and ``rule``, sets ``net_`` and ``classes_`` in ``fit``,
    and says in ``_cut`` what the parts are.
    """

    rule: Literal["majority", "mean"]
    classes_: NDArray[Any]

    def _cut(self, X: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the parts of all rows, and the number of the row that each belongs to."""
        raise TypeError(f"{type(self).__name__} does not say what its parts are")

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return mean probabilities of each row's parts, shape (n, classes).

        If the majority votes for another class than the most probable one, the two exchange their
        values.
        """
        check_is_fitted(self)
        rows, owners = self._cut(X)
        each = self.net_.predict_proba(rows)
        mean = segments.mean_probability(each, owners, len(X))
        if self.rule == "majority":
            lift(mean, segments.majority(each, owners, len(X)))
        return mean

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label that each row's parts decide on."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])
