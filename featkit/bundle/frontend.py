"""From a recording to a row, without a store: the same numbers that a table has, and a scikit-learn
transformer of paths.
"""

import os
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from featkit import audio
from featkit.errors import FeatkitError, ParameterError
from featkit.features import Feature, get_feature

Row = NDArray[Any]


def row(feature: Feature, signal: audio.Signal, dtype: DTypeLike = np.float32) -> Row:
    """Return one clip's row as a table holds it: computed, rounded to the type it is stored in,
    expanded.

    Parameters
    ----------
    feature : Feature
    signal : Signal
    dtype : dtype
        The type that a store keeps the rows in.

    Raises
    ------
    ParameterError
        If the row is empty or not finite; what the feature itself raises is passed on.
    """
    (value,) = feature.compute([signal])
    if isinstance(value, Exception):
        raise value
    stored = np.asarray(value, dtype=dtype)
    if stored.ndim and not len(stored):
        raise ParameterError(f"{feature.canonical} gives an array without frames")
    if not np.isfinite(stored).all():
        bad = int(np.count_nonzero(~np.isfinite(stored)))
        raise ParameterError(
            f"{feature.canonical}: {bad} of {stored.size} values are not finite as {stored.dtype}"
        )
    return stored if feature.shape == feature.stored_shape else feature.expand(stored)


class FrontEnd(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Transformer of paths of recordings into the vectors of one feature, for a scikit-learn
    ``Pipeline``.

    A row becomes a vector as the feature declares (`featkit.Feature.pooling`). Nothing is learned.

    Parameters
    ----------
    feature : str
        ``name:key=value,…``.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> model = make_pipeline(FrontEnd("mfcc_stats"), StandardScaler(), SVC())
    >>> model.fit(paths, labels).predict(["new.wav"])                  # doctest: +SKIP
    """

    def __init__(self, feature: str = "mfcc_stats") -> None:
        self.feature = feature

    def fit(self, X: Iterable[str | os.PathLike[str]], y: object = None) -> Self:
        """Return self, after a look at whether the feature exists; no recording is read.

        Raises
        ------
        ParameterError
            For an unknown feature, or one whose rows depend on the other clips of their batch.
        """
        self._front()
        return self

    def transform(self, X: Iterable[str | os.PathLike[str]]) -> NDArray[np.float32]:
        """Return one vector for each path, shape (n, d).

        Raises
        ------
        FeatkitError
            For the first recording that cannot be read or gives no valid row; the message names its
            path.
        """
        feature = self._front()
        if isinstance(X, (str, os.PathLike)):
            raise ParameterError(
                f"one path was given, {os.fspath(X)!r}; FrontEnd takes a list of paths"
            )
        paths = [os.fspath(path) for path in X]
        if not paths:
            raise ParameterError("no paths were given; at least one is needed")
        rows = [self._vector(feature, path) for path in paths]
        odd = next(
            (path for path, row in zip(paths, rows, strict=True) if len(row) != len(rows[0])), None
        )
        if odd is not None:
            raise ParameterError(f"{odd}: its row has another length than that of {paths[0]}")
        return np.stack(rows)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """Return ``name0``, ``name1``, … for the columns.

        Raises
        ------
        ParameterError
            If an axis other than the first depends on the clip.
        """
        feature = self._front()
        names = [f"{feature.name}{column}" for column in range(feature.columns)]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        return tags

    def _front(self) -> Feature:
        feature = get_feature(self.feature)
        check_alone(feature)
        return feature

    @staticmethod
    def _vector(feature: Feature, path: str) -> NDArray[np.float32]:
        signal = audio.load(path)
        try:
            return feature.vector(row(feature, signal))
        except FeatkitError as error:
            raise type(error)(f"{path}: {error}") from error
        except Exception as error:
            raise FeatkitError(
                f"{path}: {feature.canonical}: {type(error).__name__}: {error}"
            ) from error


def check_alone(feature: Feature) -> None:
    """Raise ParameterError for a feature whose rows depend on the other clips of their batch: a new
    file has no such batch.
    """
    if feature.batched:
        raise ParameterError(
            f"{feature.canonical}: a row depends on the other clips of its batch, "
            "which a new file does not have"
        )
