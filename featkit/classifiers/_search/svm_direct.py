"""Linear SVM candidates of many rows, solved on the features instead of on a kernel matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from featkit.classifiers._search.engine import Rows
from featkit.classifiers._search.interior_svc import InteriorSVC, pays
from featkit.classifiers._search.kernels import Matrix, ProductSource, linear_scales


class DirectFits:
    """The candidates that `InteriorSVC` solves.

    Parameters
    ----------
    source : ProductSource
    codes : ndarray of int, shape (n,)
        Class of every row.
    candidates : sequence of dict
    class_weight : dict, "balanced" or None

    Attributes
    ----------
    unsolved : set of int
        Candidates whose duality gap did not close on some set of training rows; libsvm is to fit
        them.
    """

    def __init__(
        self,
        source: ProductSource,
        codes: Rows,
        candidates: Sequence[dict[str, Any]],
        class_weight: Any,
    ) -> None:
        self.source = source
        self.codes = codes
        self.candidates = candidates
        self.class_weight = class_weight
        self.unsolved: set[int] = set()

    def choose(self, train: Rows) -> list[int]:
        """Return the candidates to be solved here on the rows ``train``."""
        n_classes = len(np.unique(self.codes[train]))
        if not pays(len(train), n_classes, self.source.X.shape[1]):
            return []
        every = enumerate(self.candidates)
        return [index for index, params in every if params["kernel"] == "linear"]

    def fit(self, train: Rows, index: int) -> InteriorSVC | None:
        """Return candidate ``index`` fitted on ``train``; None where the gap did not close."""
        model = InteriorSVC(self.candidates[index]["C"], self.class_weight)
        model.fit(self.features(train, train, index), self.codes[train])
        if model.converged_:
            return model
        self.unsolved.add(index)
        return None

    def features(self, train: Rows, rows: Rows, index: int) -> Matrix:
        """Return the features of ``rows`` whose inner products are the kernel of a candidate."""
        scales = linear_scales(self.source.blocks, self.candidates[index])
        return np.asarray(self.source.features(train)(rows) * scales)
