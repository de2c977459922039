"""Values that the papers publish, as the classifiers have them by default."""

from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from featkit.classifiers import make_classifier


def test_extreme_learning_machines_try_the_papers_sizes() -> None:
    assert make_classifier("elm").n_hidden == (100, 250, 500, 1200, 1800, 2500)


def test_nearest_neighbours_try_the_papers_numbers() -> None:
    assert make_classifier("knn").n_neighbors == (1, 3, 5, 10, 20, 30, 50, 100)


def test_linear_machines_try_the_papers_penalties() -> None:
    assert make_classifier("linear_svm").C == (0.1, 1.0, 2.0)


def test_a_machine_tries_the_papers_32_candidates() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 4)), np.arange(20) % 2
    candidates, _ = make_classifier("svm:scale=false").candidate_predictions(
        X, y, np.arange(20) // 10
    )
    tried = {(one["kernel"], one.get("gamma"), one["C"]) for one in candidates}
    widths = [2.0**-power for power in (3, 5, 7, 9, 11, 13)] + [0.25]
    assert len(candidates) == 32
    assert tried == {
        (kernel, gamma, C)
        for kernel, gammas in (("rbf", widths), ("linear", [None]))
        for gamma in gammas
        for C in (0.1, 2.0, 8.0, 32.0)
    }


@pytest.fixture
def flat() -> tuple[Any, Any, Any]:
    """Flattened matrices of two classes, and far louder test rows."""
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    return (
        rng.normal(size=(40, 12)) * np.arange(1, 13) + y[:, None],
        y,
        rng.normal(50, 90, (25, 12)),
    )


def test_one_penalty_is_the_plain_linear_machine_on_scaled_rows(flat: Any) -> None:
    X, y, test = flat
    model = make_classifier("linear_svm:C=1").fit(X, y)
    plain = make_pipeline(StandardScaler(), SVC(kernel="linear", C=1.0)).fit(X, y)
    assert np.array_equal(model.predict(test), plain.predict(test))
    assert np.allclose(model.scaler_.mean_, X.mean(axis=0))
    # A scaler that had seen the test rows would decide otherwise.
    leaked = StandardScaler().fit(np.concatenate([X, test]))
    other = SVC(kernel="linear", C=1.0).fit(leaked.transform(X), y)
    assert not np.array_equal(other.predict(leaked.transform(test)), plain.predict(test))


def test_members_of_an_ensemble_see_batches_in_another_order(patterns: Any) -> None:
    from featkit.classifiers._net import NetClassifier
    from featkit.training import loop

    orders: list[list[int]] = []
    X, y = patterns(12, (8, 8))
    X[:, 0, 0] = np.arange(12)

    class Watched(loop.Trainer):
        def _outputs(self, rows: Any) -> Any:
            orders.append(rows[:, 0, 0].int().tolist())
            return super()._outputs(rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("featkit.training.run.Trainer", Watched)
        for member in (0, 0, 1):
            net = NetClassifier(
                "cnn",
                member=member,
                recipe="default",
                overrides={"epochs": 1, "batch_size": 12},
                random_state=0,
            )
            net.fit(X, y)
    same, again, other = orders
    assert same == again and sorted(other) == sorted(same) and other != same
