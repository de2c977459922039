"""All SVM candidates on one set of training rows: one matrix product, one kernel per γ, one libsvm
fit per C. Where product and kernel do not fit into memory together, each kernel has its own.

The fits are scikit-learn's own ``SVC`` on the kernel matrix, in threads (libsvm releases the GIL),
so each candidate is what ``SVC`` gives on the features themselves, and threads change no result.
Linear candidates of many rows need no kernel matrix: `InteriorSVC` solves the same problem.
"""

import itertools
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

from featkit.classifiers._search.countdown import Countdown
from featkit.classifiers._search.engine import Engine, Outcome, Rows
from featkit.classifiers._search.hinge import GAP
from featkit.classifiers._search.interior_svc import InteriorSVC
from featkit.classifiers._search.kernel_strips import (
    FreshKernels,
    Kernels,
    SharedKernels,
)
from featkit.classifiers._search.kernels import Matrix, ProductSource
from featkit.classifiers._search.svm_costs import CACHE_MB, Costs
from featkit.classifiers._search.svm_direct import DirectFits
from featkit.classifiers._search.svm_margins import interior, mean_margins
from featkit.errors import ParameterError


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
        self.direct = DirectFits(source, codes, candidates, options.get("class_weight"))
        self.costs = Costs(
            n=source.X.shape[0],
            d=source.X.shape[1],
            blocks=len(source.blocks),
            scaled=source.scale,
            n_classes=self.n_classes,
            candidates=len(candidates),
            penalties=len({params["C"] for params in candidates}),
            scored=scored,
        )
        self._countdown: Countdown | None = None

    def complaints(self) -> list[str]:
        """Return which candidates stopped at ``max_iter``, and which only libsvm could solve."""
        reasons = {
            f"not converged within max_iter={self.options.get('max_iter')}": self.stopped,
            f"fitted by libsvm, since a duality gap did not reach {GAP:g}": self.direct.unsolved,
        }
        return [
            f"{reason}: " + "; ".join(str(self.candidates[index]) for index in sorted(indices))
            for reason, indices in reasons.items()
            if indices
        ]

    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Fit all candidates on ``train`` and write their answers for each set of held-out rows."""
        train = self.by_class(train)
        direct = self.direct.choose(train)
        t, m = len(train), sum(map(len, held_out))
        if len(direct) < len(self.candidates):
            self.plan(t, m)  # raises before any work
        if self._countdown is None:
            self._begin_countdown(t, m, len(direct))
        with _quiet(), threadpool_limits(1, user_api="blas"):
            jobs = (delayed(self._directly)(train, index, held_out, outcomes) for index in direct)
            solved = Parallel(n_jobs=self.n_jobs, require="sharedmem")(jobs)
            left = set(range(len(self.candidates))).difference(itertools.compress(direct, solved))
            if left:
                self._by_kernel(sorted(left), train, held_out, outcomes)

    def _directly(
        self, train: Rows, index: int, held_out: Sequence[Rows], outcomes: Sequence[Outcome]
    ) -> bool:
        """Write the answers of a linear candidate and return True, or False if it is unsolved."""
        model = self.direct.fit(train, index)
        if model is None:
            return False
        for rows, outcome in zip(held_out, outcomes, strict=True):
            values = self.direct.features(train, rows, index)
            self._write(outcome, index, slice(None), model, values)
        self._advance(1)
        return True

    def _by_kernel(
        self,
        indices: Sequence[int],
        train: Rows,
        held_out: Sequence[Rows],
        outcomes: Sequence[Outcome],
    ) -> None:
        """Write the answers of candidates that libsvm fits."""
        workers, kernels = self.kernels(train, held_out)
        together: dict[tuple[Any, ...], list[int]] = {}
        for index in indices:
            params = self.candidates[index]
            key = (params["kernel"], params.get("gamma"), params.get("weights"))
            together.setdefault(key, []).append(index)

        def work(group: list[int]) -> None:
            shared = self.candidates[group[0]]
            models = self.fit_penalties(kernels.square(shared), train, group)
            for number, outcome in enumerate(outcomes):
                for part, values in kernels.strips(number, shared):
                    for index, model in models.items():
                        self._write(outcome, index, part, model, values)
            self._advance(len(group))

        Parallel(n_jobs=workers, require="sharedmem")(
            delayed(work)(group) for group in together.values()
        )

    def _write(
        self, outcome: Outcome, index: int, part: slice, model: SVC | InteriorSVC, values: Matrix
    ) -> None:
        """Write what a model answers for ``part`` of the rows: kernel values, or features."""
        outcome.codes[index, part] = model.predict(values)
        if self.scored:
            outcome.scores[index, part][:, model.classes_] = mean_margins(model, values)

    def _begin_countdown(self, t: int, m: int, direct: int) -> None:
        title = f"svm: {len(self.candidates)} candidates on {self.sets} x {t} rows"
        seconds = self.sets * self.costs.seconds(t, m, direct) / effective_n_jobs(self.n_jobs)
        self._countdown = Countdown(title, self.sets * len(self.candidates), seconds)

    def _advance(self, candidates: int) -> None:
        if self._countdown is not None:
            self._countdown.advance(candidates)

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
                cache_size=CACHE_MB,
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

    def fit_final(self, index: int) -> tuple[SVC | InteriorSVC, Rows]:
        """Return candidate ``index``, fitted on all rows, and the order in which it saw them."""
        train = self.by_class(np.arange(len(self.codes)))
        if index in self.direct.choose(train):
            with threadpool_limits(1, user_api="blas"):
                model = self.direct.fit(train, index)
            if model is not None:
                return model, train
        _, kernels = self.kernels(train, [])
        with _quiet():
            return self.fit_one(kernels.square(self.candidates[index]), train, index), train

    def kernels(self, train: Rows, held_out: Sequence[Rows]) -> tuple[int, Kernels]:
        """Return how many threads fit into memory, and the kernels; see `plan`."""
        workers, shared = self.plan(len(train), sum(map(len, held_out)))
        if shared:
            return workers, SharedKernels(self.source(train, held_out))
        return workers, FreshKernels(self.source, train, held_out)

    def plan(self, t: int, m: int) -> tuple[int, bool]:
        """Return how many threads fit into memory, and whether products do besides a kernel.

        Raises
        ------
        ParameterError
            If not even one kernel of ``t`` training rows fits into memory.
        """
        for shared in (True, False):
            fixed, each = self.memory(t, m, shared)
            if fixed + each <= self.memory_budget:
                fitting = int((self.memory_budget - fixed) / each)
                return min(int(effective_n_jobs(self.n_jobs)), fitting), shared
        raise ParameterError(
            f"an SVM on {t} rows with {self.source.X.shape[1]} features, {self.n_classes} classes "
            f"and {len(self.candidates)} candidates needs {(fixed + each) / 2**30:.2f} GiB; "
            f"memory_budget allows {self.memory_budget / 2**30:.2f} GiB"
        )

    def memory(self, t: int, m: int, shared: bool) -> tuple[float, float]:
        """Return the bytes needed once and by each thread; see `Costs.memory`."""
        return self.costs.memory(t, m, self.kept, shared)


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the warnings of single fits: `complaints` and the estimator report them once."""
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)
        filterwarnings("ignore", "The number of unique classes")
        yield
