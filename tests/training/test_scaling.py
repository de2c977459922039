"""Statistics of training rows."""

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.training.rows import Rows
from featkit.training.scaling import statistics


@pytest.mark.parametrize(
    ("shape", "scale", "axes", "kept"),
    [
        ((3, 5, 7), "channel", (0, 2, 3), (3, 1, 1)),
        ((3, 5, 7), "bin", (0, 3), (3, 5, 1)),
        ((9, 4), "channel", (0, 1, 2), (1, 1)),
        ((9, 4), "bin", (0, 1), (1, 4)),
        ((6,), "bin", (0,), (6,)),
        ((6,), "channel", (0, 1), (1,)),
    ],
)
def test_statistics_are_numpys(
    shape: tuple[int, ...], scale: str, axes: tuple[int, ...], kept: tuple[int, ...]
) -> None:
    values = np.random.default_rng(0).normal(-60, 15, size=(130, *shape)).astype(np.float32)
    mean, std = statistics(Rows(values), scale)
    assert mean.shape == std.shape == kept
    assert np.allclose(mean, values.mean(axis=axes, keepdims=True, dtype=np.float64)[0], rtol=1e-6)
    assert np.allclose(std, values.std(axis=axes, keepdims=True, dtype=np.float64)[0], rtol=1e-6)


def test_only_the_rows_given_count() -> None:
    values = np.concatenate([np.zeros((4, 3, 2)), np.full((4, 3, 2), 1e6)]).astype(np.float32)
    mean, std = statistics(Rows(values).subset(np.arange(4)), "bin")
    assert not mean.any() and (std == 1).all()


def test_a_large_offset_cancels_nothing() -> None:
    values = (1e4 + np.random.default_rng(0).normal(0, 1e-2, size=(200, 4, 2))).astype(np.float64)
    assert statistics(Rows(values), "channel")[1].item() == pytest.approx(values.std(), rel=1e-6)


def test_values_that_are_not_finite_are_refused() -> None:
    values = np.zeros((3, 2, 2), np.float32)
    values[1, 0, 0] = np.nan
    with pytest.raises(ParameterError, match="not finite"):
        statistics(Rows(values), "bin")


@pytest.mark.parametrize(("shape", "axes"), [((3, 5, 7), (0, 2, 3)), ((9, 4), (0, 1, 2))])
def test_the_range_of_each_channel_becomes_minus_one_to_one(
    shape: tuple[int, ...], axes: tuple[int, ...]
) -> None:
    values = np.random.default_rng(0).normal(-60, 15, size=(130, *shape)).astype(np.float32)
    middle, half = statistics(Rows(values), "range")
    scaled = (values - middle) / half
    assert np.allclose(scaled.min(axis=axes), -1) and np.allclose(scaled.max(axis=axes), 1)


def test_a_constant_channel_has_no_range() -> None:
    middle, half = statistics(Rows(np.full((3, 4, 2), 5.0, np.float32)), "range")
    assert (middle == 5).all() and (half == 1).all()


def test_a_range_of_values_that_are_not_finite_is_refused() -> None:
    with pytest.raises(ParameterError, match="not finite"):
        statistics(Rows(np.array([[[1.0, np.nan]]], dtype=np.float32)), "range")


def test_a_bin_that_is_constant_but_for_rounding_is_left_as_it_is(patterns) -> None:
    X = patterns(24)[0].astype(np.float64)
    X[:, :, 3] = 0.1
    mean, std = statistics(Rows(X), "bin")
    assert std.reshape(-1)[3] == 1 and mean.reshape(-1)[3] == pytest.approx(0.1)
