import numpy as np
import pytest

from featkit.classifiers._search import least_squares
from featkit.errors import ParameterError

SIZES = [3, 7, 20]


@pytest.fixture
def problem(rng):
    return rng.normal(size=(30, 20)), rng.normal(size=(30, 4))


def _direct(H, T, penalty):
    return np.linalg.solve(H.T @ H + penalty * np.eye(H.shape[1]), H.T @ T)


def test_primal_solves_every_leading_block(problem):
    H, T = problem
    for h, found in zip(
        SIZES, least_squares.primal(np.tril(H.T @ H), H.T @ T, 0.7, SIZES), strict=True
    ):
        np.testing.assert_allclose(found, _direct(H[:, :h], T, 0.7), rtol=1e-10, atol=1e-12)


def test_equations_without_some_rows_are_those_of_the_others(problem):
    H, T = problem
    rows = np.array([0, 4, 29])
    gram, right = least_squares.NormalEquations(H, T).without(rows)
    rest = np.delete(H, rows, axis=0)
    np.testing.assert_allclose(np.tril(gram), np.tril(rest.T @ rest), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(right, rest.T @ np.delete(T, rows, axis=0), rtol=1e-12, atol=1e-12)


def test_leaving_out_rows_changes_nothing_for_the_next(problem):
    H, T = problem
    equations = least_squares.NormalEquations(H, T)
    first = equations.without(np.array([1, 2]))
    equations.without(np.array([7]))
    for one, other in zip(first, equations.without(np.array([1, 2])), strict=True):
        assert (one == other).all()


def test_dual_gives_the_same_solution(problem):
    H, T = problem
    for h, found in zip(SIZES, least_squares.dual(H, T, 0.7, SIZES), strict=True):
        np.testing.assert_allclose(found, _direct(H[:, :h], T, 0.7), rtol=1e-9, atol=1e-11)


def test_sizes_come_back_in_their_order(problem):
    H, T = problem
    assert [len(found) for found in least_squares.primal(H.T @ H, H.T @ T, 0.7, [20, 7, 3])] == [
        20,
        7,
        3,
    ]


@pytest.mark.parametrize("h", [5, 30, 60])
def test_pseudo_inverse_equals_numpy(h, rng):
    H, T = rng.normal(size=(30, 60)), rng.normal(size=(30, 4))
    H[:, 2] = H[:, 1]
    (found,) = least_squares.pseudo_inverse(H, T, [h])
    np.testing.assert_allclose(found, np.linalg.pinv(H[:, :h]) @ T, rtol=1e-6, atol=1e-8)


def test_a_ridge_that_vanishes_is_named():
    with pytest.raises(ParameterError, match="ridge_alpha"):
        least_squares.primal(-np.eye(2), np.ones((2, 1)), 1e-9, [2])


def test_overflow_is_named():
    with pytest.raises(ParameterError, match="overflow"), np.errstate(over="ignore"):
        least_squares.dual(np.full((3, 4), 1e200), np.ones((3, 1)), 1.0, [4])


@pytest.mark.parametrize(("precision", "tolerance"), [(np.float64, 1e-13), (np.float32, 1e-5)])
def test_equations_of_blocks_are_those_of_all_rows(problem, precision, tolerance):
    H, T = problem[:2]
    blocks = [(H[i : i + 7].astype(precision), T[i : i + 7]) for i in range(0, len(H), 7)]
    gram, right = least_squares.equations(blocks)
    assert gram.dtype == right.dtype == np.float64
    np.testing.assert_allclose(
        np.tril(gram), np.tril(H.T @ H), atol=tolerance * np.abs(H.T @ H).max()
    )
    np.testing.assert_allclose(right, H.T @ T, atol=tolerance * np.abs(H.T @ T).max())
