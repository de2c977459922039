"""All SVM candidates on one set of training rows: one matrix product, one kernel per γ, one libsvm
fit per C. Where products and kernel do not fit into memory together, each kernel has a product of
its own.

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
from tqdm import tqdm

from featkit.classifiers._search.engine import Engine, Outcome, Rows
from featkit.classifiers._search.kernel_strips import (
    STRIP_BYTES,
    FreshKernels,
    Kernels,
    SharedKernels,
)
from featkit.classifiers._search.kernels import Matrix, ProductSource
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
        self._bar: tqdm[Any] | None = None  # shown once kernels are computed afresh

    def complaints(self) -> list[str]:
        """Return which candidates stopped at ``max_iter``."""
        named = "; ".join(str(self.candidates[index]) for index in sorted(self.stopped))
        return (
            [f"not converged within max_iter={self.options['max_iter']}: {named}"] if named else []
        )

    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Fit all candidates on ``train`` and write their answers for each set of held-out rows."""
        train = self.by_class(train)
        workers, kernels = self.kernels(train, held_out)
        together: dict[tuple[Any, ...], list[int]] = {}
        for index, params in enumerate(self.candidates):
            together.setdefault(
                (params["kernel"], params.get("gamma"), params.get("weights")), []
            ).append(index)

        def work(indices: list[int]) -> None:
            params = self.candidates[indices[0]]
            models = self.fit_penalties(kernels.square(params), train, indices)
            for number, outcome in enumerate(outcomes):
                for part, values in kernels.strips(number, params):
                    for index, model in models.items():
                        outcome.codes[index, part] = model.predict(values)
                        if self.scored:
                            scores = mean_margins(model, values)
                            outcome.scores[index, part][:, model.classes_] = scores
            if self._bar is not None:
                self._bar.update()

        if isinstance(kernels, FreshKernels) and self._bar is None:
            self._bar = _bar(len(train), self.sets * len(together))
        with _quiet(), threadpool_limits(1, user_api="blas"):
            Parallel(n_jobs=workers, require="sharedmem")(
                delayed(work)(indices) for indices in together.values()
            )

    def fit_penalties(self, kernel: Matrix, train: Rows, indices: Sequence[int]) -> dict[int, SVC]:
        """Return the candidates ``indices``, which differ in C only, fitted on one kernel."""
        models: dict[int, SVC] = {}
        model = None
        for index in sorted(indices, key=lambda index: self.candidates[index]["C"]):
            if model is None or not interior(model):
                model = self.fit_one(kernel, train, index)
            models[index] = model
        return models

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
        _, kernels = self.kernels(train, [])
        with _quiet():
            return self.fit_one(kernels.square(self.candidates[index]), train, index), train

    def kernels(self, train: Rows, held_out: Sequence[Rows]) -> tuple[int, Kernels]:
        """Return how many threads fit into memory, and the kernels.

        Products are shared if they fit into memory besides a kernel, else computed afresh.

        Raises
        ------
        ParameterError
            If not even one kernel fits into memory.
        """
        t, m = len(train), sum(map(len, held_out))
        for shared in (True, False):
            fixed, each = self.memory(t, m, shared)
            if fixed + each <= self.memory_budget:
                fitting = int((self.memory_budget - fixed) / each)
                workers = min(int(effective_n_jobs(self.n_jobs)), fitting)
                if shared:
                    return workers, SharedKernels(self.source(train, held_out))
                return workers, FreshKernels(self.source, train, held_out)
        raise ParameterError(
            f"an SVM on {t} rows with {self.source.X.shape[1]} features, {self.n_classes} classes "
            f"and {len(self.candidates)} candidates needs {(fixed + each) / 2**30:.2f} GiB; "
            f"memory_budget allows {self.memory_budget / 2**30:.2f} GiB"
        )

    def memory(self, t: int, m: int, shared: bool) -> tuple[float, float]:
        """Return the bytes needed once and by each thread.

        Parameters
        ----------
        t, m : int
            Numbers of training and of held-out rows.
        shared : bool
            Whether products are kept in memory.
        """
        n, d = self.source.X.shape
        blocks = len(self.source.blocks)
        outcomes = len(self.candidates) * n * (8.0 + 4.0 * self.n_classes * self.scored)
        fixed = 8.0 * n * d + self.kept * outcomes
        cache = min(_CACHE_MB * 2.0**20, 4.0 * t * t)
        terms = min(blocks, 3)  # a sum, a term and its weighted copy
        if shared:
            matrices = 8.0 * t * (t + m)
            scaled = 8.0 * (t + m) * d if self.source.scale else 8.0 * n * n * blocks
            return fixed + blocks * matrices + scaled, terms * matrices + cache
        strip = (blocks + terms) * max(min(STRIP_BYTES, 8.0 * t * max(t, m)), 8.0 * t)
        models = 8.0 * t * self.n_classes * (1 + len({p["C"] for p in self.candidates}))
        return fixed + 8.0 * t * d, 8.0 * t * t + cache + strip + models


def _bar(t: int, kernels: int) -> "tqdm[Any]":
    """Return a progress bar of kernels with the time left, shown if stderr is a terminal."""
    title = f"svm, {t} training rows"
    return tqdm(total=kernels, desc=title, unit="kernel", smoothing=0.0, disable=None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the warnings of single fits: `complaints` and the estimator report them once."""
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)
        filterwarnings("ignore", "The number of unique classes")
        yield
