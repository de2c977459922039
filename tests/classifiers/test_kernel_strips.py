import numpy as np
import pytest

from featkit.classifiers._search import kernel_strips
from featkit.classifiers._search.kernel_strips import FreshKernels, SharedKernels
from featkit.classifiers._search.kernels import ProductSource
from featkit.errors import ParameterError

TRAIN, HELD_OUT = np.arange(12)[::-1], [np.arange(12, 17), np.arange(17, 20)]
SOURCES = {
    "scaled": lambda X: ProductSource(X, True),
    "unscaled": lambda X: ProductSource(X, False),
    "two blocks": lambda X: ProductSource(X, True, blocks=(1, 3)),
    "precomputed": lambda X: ProductSource(X @ X.T, False, precomputed=True),
}


def _params(name):
    kernel = {"kernel": "precomputed"} if name == "precomputed" else {"kernel": "rbf", "gamma": 0.3}
    return kernel | ({"weights": (0.25, 0.75)} if name == "two blocks" else {})


@pytest.mark.parametrize("rows_at_a_time", [1, 5, 100])
@pytest.mark.parametrize("name", SOURCES)
def test_strips_hold_the_values_of_the_shared_matrix(name, rows_at_a_time, monkeypatch):
    monkeypatch.setattr(kernel_strips, "STRIP_BYTES", 8 * len(TRAIN) * rows_at_a_time)
    X, params = np.random.default_rng(0).normal(size=(20, 4)), _params(name)
    shared = SharedKernels(SOURCES[name](X)(TRAIN, HELD_OUT))
    fresh = FreshKernels(SOURCES[name](X), TRAIN, HELD_OUT)
    np.testing.assert_allclose(fresh.square(params), shared.square(params), rtol=1e-13, atol=1e-13)
    for number, rows in enumerate(HELD_OUT):
        ((_, expected),) = shared.strips(number, params)
        strips = list(fresh.strips(number, params))
        assert len(strips) == -(-len(rows) // rows_at_a_time)
        values = np.concatenate([values for _, values in strips])
        np.testing.assert_allclose(values, expected, rtol=1e-13, atol=1e-13)
        covered = np.concatenate([np.arange(len(rows))[part] for part, _ in strips])
        assert covered.tolist() == list(range(len(rows)))


def test_overflow_is_an_error_here_too():
    X = np.full((20, 2), 1e200)
    fresh = FreshKernels(ProductSource(X, False), TRAIN, HELD_OUT)
    with pytest.raises(ParameterError, match="overflow"), np.errstate(over="ignore"):
        fresh.square({"kernel": "linear"})
