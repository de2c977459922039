"""Linear support vector machine: one against one (``SVC``) or one against the rest."""

from typing import Annotated, Any, Literal

from featkit.classifiers._search.liblinear import LinearSVCGrid
from featkit.classifiers._search.search import FoldSearch
from featkit.classifiers._search.svm_grid import PAPER_GAMMA, candidates
from featkit.classifiers.base import Conduct, registry
from featkit.classifiers.svm import SVMGrid
from featkit.errors import ParameterError

PAPER_C = (0.1, 1.0, 2.0)
PRESETS = {
    "elmarc": {"solver": "liblinear", "C": PAPER_C, "scale": False},
    "instruments": {"solver": "libsvm", "C": (1.0,), "scale": True},
}


@registry.register
def make(
    *,
    solver: Literal["libsvm", "liblinear"] = "libsvm",
    C: tuple[float, ...] = PAPER_C,
    scale: bool = True,
    class_weight: Literal["balanced"] | None = None,
    max_iter: int | None = None,
    n_folds: int = 5,
    probability: bool = True,
    n_jobs: Annotated[int | None, Conduct] = None,
    seed: int = 0,
) -> FoldSearch:
    """Linear support vector machine, C chosen on inner folds.

    ``solver`` is ``libsvm`` (scikit-learn's ``SVC``: hinge loss, one vote per pair of classes;
    ``seed`` has no effect) or ``liblinear`` (``LinearSVC``: squared hinge loss, one against the
    rest; ``n_jobs`` has no effect). ``max_iter`` none means no limit for the first and 1000 for the
    second. Presets: ``elmarc``, ``LinearSVC`` on unscaled features with C among 0.1, 1 and 2
    [elmarc]; ``instruments``, ``SVC`` with C 1 on scaled features [InstrumentsReport], which are
    flattened MFCCs padded with zeros, such as ``mfcc:preset=dcase_code,n_frames=173,fill=zero``.
    """
    candidates(("linear",), C, PAPER_GAMMA, 1)  # Raises for values that are not allowed.
    if solver not in ("libsvm", "liblinear"):
        raise ParameterError(f"solver={solver!r} is not one of libsvm, liblinear")
    common: dict[str, Any] = {
        "C": C,
        "scale": scale,
        "class_weight": class_weight,
        "n_folds": n_folds,
        "probability": probability,
    }
    if solver == "liblinear":
        limit = 1000 if max_iter is None else max_iter
        return LinearSVCGrid(**common, max_iter=limit, random_state=seed)
    limit = -1 if max_iter is None else max_iter
    return SVMGrid(**common, kernel=("linear",), max_iter=limit, n_jobs=n_jobs)
