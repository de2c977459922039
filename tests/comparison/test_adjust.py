import pytest
from statsmodels.stats.multitest import multipletests

from featkit.comparison.statistics.adjust import holm


@pytest.mark.parametrize("size", [1, 2, 17])
def test_holm_equals_statsmodels(rng, size):
    p = rng.random(size) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], rel=1e-12)


def test_holm_of_none():
    assert holm([]).shape == (0,)
