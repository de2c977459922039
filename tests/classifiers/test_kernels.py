import numpy as np
import pytest
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import StandardScaler

from featkit.classifiers._search.kernels import (
    Products,
    ProductSource,
    by_block,
    columns,
    rbf,
    row_squares,
    summed,
)
from featkit.errors import ParameterError


@pytest.mark.parametrize("gamma", [1e-3, 0.125, 7.0])
def test_rbf_equals_scikit_learn(gamma, rng):
    a, b = rng.normal(size=(37, 11)), rng.normal(size=(501, 11))
    found = rbf(a @ b.T, row_squares(a), row_squares(b), gamma)
    np.testing.assert_allclose(found, rbf_kernel(a, b, gamma=gamma), rtol=1e-11, atol=1e-15)


def test_rbf_of_a_row_with_itself_is_one(rng):
    a = 1e3 * rng.normal(size=(300, 5))
    ((products,),) = ProductSource(a, scale=False)(np.arange(300), [])
    kernel = products.kernel({"kernel": "rbf", "gamma": 3.3})
    assert (kernel.diagonal() == 1.0).all()
    assert kernel.max() == 1.0


def test_linear_kernel_is_the_inner_product(rng):
    inner = rng.normal(size=(2, 3))
    assert Products(inner, np.zeros(2), np.zeros(3)).kernel({"kernel": "linear"}) is inner


def test_scaling_uses_the_training_rows_only(rng):
    X = rng.normal(size=(20, 4)) * [1.0, 10.0, 0.1, 0.0] + 3.0
    train, held_out = np.arange(12), np.arange(12, 20)
    (gram,), (cross,) = ProductSource(X, scale=True)(train, [held_out])
    scaler = StandardScaler().fit(X[train])
    left, right = scaler.transform(X[train]), scaler.transform(X[held_out])
    np.testing.assert_allclose(gram.inner, left @ left.T, atol=1e-12)
    np.testing.assert_allclose(cross.inner, right @ left.T, atol=1e-12)
    np.testing.assert_allclose(cross.squares, (right**2).sum(axis=1), rtol=1e-12)
    X[held_out] += 100.0
    (again,), _ = ProductSource(X, scale=True)(train, [held_out])
    assert (again.inner == gram.inner).all()


def test_input_is_not_changed(rng):
    X = rng.normal(size=(20, 4))
    before = X.copy()
    ProductSource(X, scale=True)(np.arange(20), [np.arange(5)])
    assert (before == X).all()


@pytest.mark.parametrize("precomputed", [False, True])
def test_unscaled_products_are_parts_of_one_matrix(precomputed, rng):
    X = rng.normal(size=(20, 4))
    whole = X @ X.T
    source = ProductSource(whole if precomputed else X, scale=False, precomputed=precomputed)
    train, held_out = np.array([5, 2, 9]), np.array([0, 1])
    (gram,), (cross,) = source(train, [held_out])
    np.testing.assert_allclose(gram.inner, whole[np.ix_(train, train)], rtol=1e-12)
    np.testing.assert_allclose(cross.inner, whole[np.ix_(held_out, train)], rtol=1e-12)


def test_overflow_is_an_error():
    with (
        pytest.raises(ParameterError, match="overflow"),
        np.errstate(over="ignore", invalid="ignore"),
    ):
        ProductSource(np.full((3, 3), 1e200), scale=False)(np.arange(3), [])


def test_blocks_are_columns_side_by_side():
    assert columns((), 7) == [(slice(0, 7), 1.0)]
    assert columns((2, 6), 8) == [(slice(0, 2), 4.0), (slice(2, 8), 8.0 / 6.0)]
    for blocks in ((2, 5), (0, 8), (-1, 9)):
        with pytest.raises(ParameterError, match="add up to 8"):
            columns(blocks, 8)


@pytest.mark.parametrize("scale", [True, False])
def test_sum_of_kernels_over_blocks(scale, rng):
    X = rng.normal(size=(25, 8))
    train, held_out = np.arange(15), np.arange(15, 25)
    _, cross = ProductSource(X, scale, blocks=(2, 6))(train, [held_out])
    scaler = StandardScaler(with_mean=scale, with_std=scale).fit(X[train])
    left, right = scaler.transform(X[train]), scaler.transform(X[held_out])
    expected = 0.25 * rbf_kernel(right[:, :2], left[:, :2], gamma=0.1 * 4.0)
    expected += 0.75 * rbf_kernel(right[:, 2:], left[:, 2:], gamma=0.1 * 8.0 / 6.0)
    params = {"kernel": "rbf", "gamma": 0.1, "weights": (0.25, 0.75)}
    np.testing.assert_allclose(summed(cross, params), expected, rtol=1e-10)
    np.testing.assert_allclose(
        summed(by_block(right, left, columns((2, 6), 8)), params), expected, rtol=1e-10
    )


def test_repeating_a_block_changes_nothing():
    """A block counts as if it filled all columns: alone, or standing twice in a plain kernel, it
    gives the same.
    """
    X = np.random.default_rng(0).normal(size=(12, 3))
    params = {"kernel": "rbf", "gamma": 0.2, "weights": (1.0, 0.0)}
    (sums,) = ProductSource(np.hstack([X, X + 1.0]), scale=False, blocks=(3, 3))(np.arange(12), [])
    (plain,) = ProductSource(np.hstack([X, X]), scale=False)(np.arange(12), [])
    np.testing.assert_allclose(summed(sums, params), summed(plain, params), rtol=1e-12)
    linear = {"kernel": "linear", "weights": (1.0, 0.0)}
    np.testing.assert_allclose(summed(sums, linear), summed(plain, linear), rtol=1e-12, atol=1e-12)
