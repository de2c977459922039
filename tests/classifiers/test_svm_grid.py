import pytest
from sklearn.model_selection import ParameterGrid

from featkit.classifiers._search.svm_grid import PAPER_C, PAPER_GAMMA, candidates, simplex
from featkit.errors import ParameterError


def test_the_paper_has_32_candidates():
    found = candidates(("rbf", "linear"), PAPER_C, PAPER_GAMMA, 160)
    assert len(found) == 32
    assert len({tuple(params.items()) for params in found}) == 32
    assert {params["gamma"] for params in found if params["kernel"] == "rbf"} == {
        2.0**-k for k in (3, 5, 7, 9, 11, 13)
    } | {1 / 160}


def test_order_is_that_of_scikit_learns_grid():
    widths = [0.5, 0.25]
    grid = ParameterGrid(
        [
            {"kernel": ["rbf"], "C": [1.0, 2.0], "gamma": widths},
            {"kernel": ["linear"], "C": [1.0, 2.0]},
        ]
    )
    assert candidates(("rbf", "linear"), (1.0, 2.0), (0.5, 0.25), 9) == list(grid)


@pytest.mark.parametrize(
    ("kernels", "penalties", "gammas", "message"),
    [
        (("poly",), (1.0,), (1.0,), "kernel="),
        (("precomputed", "rbf"), (1.0,), (1.0,), "alone"),
        ("rbf", (1.0,), (1.0,), "tuple"),
        (("rbf",), (), (1.0,), "C=.*at least one"),
        (("rbf",), (0.0,), (1.0,), "C=.*above 0"),
        (("rbf",), (1.0,), (-1.0,), "gamma=.*above 0"),
        (("rbf",), (1.0,), ("scale",), "gamma=.*'auto'"),
    ],
)
def test_values_that_are_not_allowed_are_named(kernels, penalties, gammas, message):
    with pytest.raises(ParameterError, match=message):
        candidates(kernels, penalties, gammas, 3)


def test_weights_add_up_to_one():
    assert simplex(1, 4) == []
    assert simplex(2, 4) == [(0.0, 1.0), (0.25, 0.75), (0.5, 0.5), (0.75, 0.25), (1.0, 0.0)]
    assert len(simplex(3, 4)) == 15  # (4 + 2 choose 2)
    assert all(abs(sum(weights) - 1.0) < 1e-12 for weights in simplex(4, 3))
    with pytest.raises(ParameterError, match="weight_steps=0"):
        simplex(2, 0)


def test_every_candidate_is_tried_with_all_weights():
    found = candidates(("linear",), (1.0, 2.0), (1.0,), 4, simplex(2, 1))
    assert [(params["C"], params["weights"]) for params in found] == [
        (c, w) for c in (1.0, 2.0) for w in ((0.0, 1.0), (1.0, 0.0))
    ]
