"""What every feature inherits: text to fields, and the rule from a row to a vector."""

from dataclasses import dataclass

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.features import Feature, get_feature


@dataclass(frozen=True)
class Shaped(Feature):
    """A feature of any declared shape."""

    sizes: tuple[int | None, ...] = (2, 3)

    @property
    def shape(self):
        return self.sizes


def test_rows_of_open_length_become_mean_and_deviation_whatever_their_length(rng):
    feature = Shaped((None, 3, 2))
    assert (feature.pooling, feature.columns) == ("mean_std", 12)
    for frames in (1, 4, 9):
        row = rng.normal(size=(frames, 3, 2))
        expected = np.concatenate([row.mean(0).ravel(), row.std(0).ravel()])
        assert feature.vector(row).dtype == np.float32
        np.testing.assert_allclose(feature.vector(row), expected, rtol=1e-6)


@pytest.mark.parametrize(("shape", "columns"), [((2, 3), 6), ((5,), 5), ((), 1)])
def test_rows_of_declared_length_are_flattened(shape, columns):
    feature = Shaped(shape)
    assert (feature.pooling, feature.columns) == ("flatten", columns)
    assert feature.vector(np.arange(columns).reshape(shape)).tolist() == [*range(columns)]


@pytest.mark.parametrize("attribute", ["pooling", "columns"])
def test_another_open_axis_than_the_first_is_refused(attribute):
    with pytest.raises(ParameterError, match=r"\(None, None\): only the first axis may be None"):
        getattr(Shaped((None, None)), attribute)


def test_a_row_without_frames_has_no_mean():
    with pytest.raises(ParameterError, match="without frames"):
        Shaped((None, 3)).vector(np.ones((0, 3)))


@pytest.mark.parametrize(
    "text",
    [
        "gammatone:floor_db=inf",
        "gammatone:floor_db=-inf",
        "gammatone:erbs=inf",
        "logmel:floor=inf",
        "cqt:fmin=0.02,n_bins=4",
        "random_cnn:arch=vgg,mode=as_coded",
    ],
)
def test_values_that_no_clip_could_be_computed_with_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(text)
