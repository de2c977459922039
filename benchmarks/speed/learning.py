"""Exact grids against the plain way: the 32-candidate SVM grid and the ridge ELM grid."""

from typing import Any

import numpy as np
from timing import against, seconds


def _gaussians(n: int, d: int, classes: int, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = rng.standard_normal((classes, d)) * 0.08
    return (centres[labels] + rng.standard_normal((n, d))).astype(np.float32), np.array(
        [f"c{label}" for label in labels]
    )


GAMMAS = [2.0**-power for power in range(3, 14, 2)]
COSTS = [0.1, 2, 8, 32]


def svm_grid(n: int = 1500, d: int = 3585, folds: int = 5, runs: int = 3) -> list[dict[str, Any]]:
    """The whole grid, unscaled, against GridSearchCV of scikit-learn's SVC and, if it is installed,
    of scikit-learn-intelex's.

    Each peer is measured once, with two jobs: it takes minutes.
    """
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.svm import SVC

    from featkit.classifiers import make_classifier

    X, y = _gaussians(n, d, 10)
    fold = np.arange(n) // 10 % folds
    grid = [
        {"kernel": ["rbf"], "gamma": [*GAMMAS, 1 / d], "C": COSTS},
        {"kernel": ["linear"], "C": COSTS},
    ]
    peers = {"GridSearchCV": (SVC(), 40.0)}
    try:
        from sklearnex.svm import SVC as FastSVC

        peers["GridSearchCV of scikit-learn-intelex"] = (FastSVC(), 20.0)
    except ImportError:
        print("scikit-learn-intelex is not installed; that comparison is left out")
    ours = make_classifier("svm:scale=false").set_params(n_jobs=2)
    mine = sorted(seconds(lambda: ours.candidate_predictions(X, y, fold)) for _ in range(runs))
    candidates, predictions = ours.candidate_predictions(X, y, fold)
    rows = []
    for name, (estimator, must) in peers.items():
        search = GridSearchCV(estimator, grid, cv=PredefinedSplit(fold), n_jobs=2, refit=False)
        theirs = seconds(lambda search=search: search.fit(X, y))
        worst = max(
            abs(
                float(np.mean([np.mean(p[fold == k] == y[fold == k]) for k in range(folds)]))
                - _score(search, params)
            )
            for p, params in zip(predictions, candidates, strict=True)
        )
        row = _row(
            f"SVM grid, {n} x {d}, {folds} folds, 32 candidates: {name} / featkit",
            mine,
            theirs,
            must,
        )
        rows.append(
            row
            | {
                "note": "the peer ran once; largest difference of a candidate's mean accuracy "
                f"{worst:.2g}"
            }
        )
    return rows


def svm_large(n: int = 8732, d: int = 3585, folds: int = 10) -> dict[str, Any]:
    """UrbanSound8K's shape, scaled: all 32 candidates on ten folds against three single fits of
    SVC, extrapolated to 320.
    """
    import resource

    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    from featkit.classifiers import make_classifier

    X, y = _gaussians(n, d, 10)
    fold = np.arange(n) // 10 % folds
    ours = make_classifier("svm").set_params(n_jobs=2)
    mine = seconds(lambda: ours.candidate_predictions(X, y, fold))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    train = fold != 0
    scaler = StandardScaler().fit(X[train])
    learned, other = scaler.transform(X[train]), scaler.transform(X[~train])

    def single(**params: Any) -> float:
        return seconds(lambda: SVC(**params).fit(learned, y[train]).predict(other))

    three = (
        single(gamma=1 / d, C=2.0),
        single(gamma=2.0**-13, C=8.0),
        single(kernel="linear", C=2.0),
    )
    theirs = 320 * float(np.mean(three))
    row = _row(
        f"SVM grid, {n} x {d}, {folds} folds, scaled: 320 fits of SVC, one process / featkit",
        [mine],
        theirs,
        40.0,
    )
    taken = ", ".join(f"{value:.0f}" for value in three)
    return row | {
        "note": f"three fits and predictions took {taken} s; peak memory of the grid {peak:.1f} GiB"
    }


def _row(name: str, mine: list[float], theirs: float, must: float) -> dict[str, Any]:
    middle = sorted(mine)[len(mine) // 2]
    return {
        "name": name,
        "ratio": round(theirs / middle, 2),
        "ratio_min": round(theirs / max(mine), 2),
        "ratio_max": round(theirs / min(mine), 2),
        "ours_s": round(middle, 3),
        "theirs_s": round(theirs, 3),
        "runs": len(mine),
        "must": must,
    }


def _score(search: Any, params: dict[str, Any]) -> float:
    for chosen, score in zip(
        search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
    ):
        if (
            all(chosen.get(key) == value for key, value in params.items() if key in chosen)
            and chosen["kernel"] == params["kernel"]
        ):
            return float(score)
    raise LookupError(f"GridSearchCV has no candidate {params}")


def elm_grid(n: int = 3000, d: int = 3585, folds: int = 10) -> dict[str, Any]:
    """All six hidden sizes on ten folds, unscaled ridge, against one direct solve per size and
    fold.
    """
    from featkit.classifiers import make_classifier

    X, y = _gaussians(n, d, 10)
    fold = np.arange(n) // 10 % folds
    ours = make_classifier("elm:scale=false")
    codes = np.unique(y, return_inverse=True)[1]
    targets = np.where(codes[:, None] == np.arange(10), 1.0, -1.0)

    def direct() -> None:
        rng = np.random.default_rng(0)
        for size in (100, 250, 500, 1200, 1800, 2500):
            weights, bias = rng.standard_normal((d, size)), rng.standard_normal(size)
            for k in range(folds):
                train = fold != k
                hidden = np.maximum(X[train] @ weights + bias, 0)
                gram = hidden.T @ hidden
                gram[np.diag_indices(size)] += 0.3 * np.trace(gram) / size
                coefficients = np.linalg.solve(gram, hidden.T @ targets[train])
                np.maximum(X[~train] @ weights + bias, 0) @ coefficients

    name = f"ELM grid, {n} x {d}, {folds} folds, 6 sizes, unscaled: direct solves / featkit"
    return against(name, lambda: ours.candidate_predictions(X, y, fold), direct, must=8.0, runs=3)
