"""All SVM candidates on one set of training rows: one matrix product, one kernel per γ, one libsvm
fit per C.

The fits are scikit-learn's own ``SVC`` on the kernel matrix, in threads (libsvm releases the GIL),
so each candidate is what ``SVC`` gives on the features themselves, and neither the number of
threads nor their timing changes a result.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from warnings import catch_warnings, filterwarnings, simplefilter

import numpy as np
import sklearn
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from featkit.classifiers._search.engine import Engine, Outcome, Rows
from featkit.classifiers._search.kernels import Matrix, ProductSource, summed
from featkit.classifiers._search.svm_margins import interior, mean_margins
from featkit.errors import ParameterError

_CACHE_MB = 200


class SVMEngine(Engine):
    """SVM candidates: ``kernel``, ``C`` and, for ``rbf``, ``gamma``.

    Parameters
    ----------
    source : ProductSource
        Inner products of the features.
    codes, candidates, scored
        As in `Engine`; scores are mean margins.
    options : dict
        Further arguments of ``SVC``.
    n_jobs : int or None
        Threads, as joblib counts them.
    memory_budget : float
        Upper bound in bytes for the matrices.
    """

    def __init__(
        self,
        source: ProductSource,
        codes: Rows,
        candidates: list[dict[str, Any]],
        scored: bool,
        options: Mapping[str, Any],
        n_jobs: int | None,
        memory_budget: float,
    ) -> None:
        super().__init__(codes, candidates, scored)
        self.source = source
        self.options = options
        self.n_jobs = n_jobs
        self.memory_budget = memory_budget
        self.stopped: set[int] = set()

    def complaints(self) -> list[str]:
        """Return which candidates stopped at ``max_iter``."""
        named = "; ".join(str(self.candidates[index]) for index in sorted(self.stopped))
        return (
            [f"not converged within max_iter={self.options['max_iter']}: {named}"] if named else []
        )

    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Fit all candidates on ``train`` and write their answers for each set of held-out rows."""
        train = self.by_class(train)
        workers = self.workers(len(train), sum(map(len, held_out)))
        gram, *crosses = self.source(train, held_out)
        shared: dict[tuple[Any, ...], list[int]] = {}
        for index, params in enumerate(self.candidates):
            shared.setdefault(
                (params["kernel"], params.get("gamma"), params.get("weights")), []
            ).append(index)

        def work(indices: list[int]) -> None:
            params = self.candidates[indices[0]]
            kernel, parts = summed(gram, params), [summed(cross, params) for cross in crosses]
            model = None
            for index in sorted(indices, key=lambda index: self.candidates[index]["C"]):
                if model is None or not interior(model):
                    model = self.fit_one(kernel, train, index)
                for outcome, part in zip(outcomes, parts, strict=True):
                    outcome.codes[index] = model.predict(part)
                    if self.scored:
                        outcome.scores[index][:, model.classes_] = mean_margins(model, part)

        with _quiet(), threadpool_limits(1, user_api="blas"):
            Parallel(n_jobs=workers, require="sharedmem")(
                delayed(work)(indices) for indices in shared.values()
            )

    def fit_one(self, kernel: Matrix, train: Rows, index: int) -> SVC:
        """Return candidate ``index``, fitted on the kernel matrix of the rows ``train``."""
        with sklearn.config_context(assume_finite=True):
            model = SVC(
                kernel="precomputed",
                C=self.candidates[index]["C"],
                cache_size=_CACHE_MB,
                **self.options,
            )
            model.fit(kernel, self.codes[train])
        if model.fit_status_:
            self.stopped.add(index)
        return model

    def by_class(self, rows: Rows) -> Rows:
        """Return the rows sorted by class, their order within each class unchanged.

        libsvm arranges them so anyway; doing it first keeps what it reads close together.
        """
        return rows[np.argsort(self.codes[rows], kind="stable")]

    def fit_final(self, index: int) -> tuple[SVC, Rows]:
        """Return candidate ``index``, fitted on all rows, and the order in which it saw them."""
        train = self.by_class(np.arange(len(self.codes)))
        self.workers(len(train), 0)
        (gram,) = self.source(train, [])
        with _quiet():
            return self.fit_one(summed(gram, self.candidates[index]), train, index), train

    def workers(self, t: int, m: int) -> int:
        """Return how many threads fit into memory for ``t`` training and ``m`` held-out rows.

        Raises
        ------
        ParameterError
            If not even one does.
        """
        n, d = self.source.X.shape
        blocks = len(self.source.blocks)
        matrices = 8.0 * t * (t + m)
        fixed = (
            blocks * matrices
            + 8.0 * n * d
            + (8.0 * (t + m) * d if self.source.scale else 8.0 * n * n * blocks)
        )
        fixed += self.kept * len(self.candidates) * n * (8.0 + 4.0 * self.n_classes * self.scored)
        each = matrices * min(blocks, 3) + min(
            _CACHE_MB * 2.0**20, 4.0 * t * t
        )  # a sum, a term and its weighted copy
        if fixed + each > self.memory_budget:
            raise ParameterError(
                f"an SVM on {t} rows with {d} features, {self.n_classes} classes and "
                f"{len(self.candidates)} candidates needs {(fixed + each) / 2**30:.2f} GiB; "
                f"memory_budget allows {self.memory_budget / 2**30:.2f} GiB"
            )
        return min(int(effective_n_jobs(self.n_jobs)), int((self.memory_budget - fixed) / each))


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the warnings of single fits: `complaints` and the estimator report them once."""
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)
        filterwarnings("ignore", "The number of unique classes")
        yield
