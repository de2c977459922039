"""Rows as points of a plane: principal components, or UMAP."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from featkit.errors import MissingDependencyError, ParameterError

Method = Literal["pca", "umap"]
# Principal components that UMAP reads.
_KEPT = 50


@dataclass(frozen=True, eq=False)
class Projection:
    """Points of a plane.

    Attributes
    ----------
    points : ndarray of shape (n, 2)
    axes : tuple of str
        What each axis is.
    """

    points: NDArray[np.float64]
    axes: tuple[str, str]


def project(vectors: NDArray[np.float32], method: Method = "pca", seed: int = 0) -> Projection:
    """Return rows as points: near points are, as far as two numbers can say it, similar rows.

    Columns are standardised. ``pca`` keeps the two directions of the largest variance; ``umap``
    [McInnes2018] keeps neighbours together, so that distances between groups say nothing.

    Parameters
    ----------
    vectors : ndarray of shape (n, d)
        At least three rows of two columns or more.
    method : {"pca", "umap"}
        The latter needs umap-learn (``pip install 'featkit[map]'``).
    seed : int
        Of what is drawn at random.

    Raises
    ------
    ParameterError
        For another method, or too few rows or columns.
    MissingDependencyError
        Without umap-learn.
    """
    if method not in get_args(Method):
        raise ParameterError(f"method={method!r} is not one of {', '.join(get_args(Method))}")
    n, d = vectors.shape
    if n < 3 or d < 2:
        raise ParameterError(f"{n} rows of {d} columns; a map needs 3 rows of 2 columns")
    if method == "umap":
        return _umap(vectors, seed)
    scaled = StandardScaler().fit_transform(vectors.astype(np.float64))
    pca = PCA(2, random_state=seed).fit(scaled)
    first, second = (
        f"component {at}: {100 * part:.1f} % of the variance"
        for at, part in enumerate(pca.explained_variance_ratio_, start=1)
    )
    return Projection(pca.transform(scaled), (first, second))


def _umap(vectors: NDArray[np.float32], seed: int) -> Projection:
    try:
        from umap import UMAP
    except ImportError as error:
        raise MissingDependencyError(
            "method=umap needs umap-learn: pip install 'featkit[map]'"
        ) from error
    scaled = StandardScaler().fit_transform(vectors.astype(np.float64))
    kept = PCA(min(_KEPT, *scaled.shape), random_state=seed).fit_transform(scaled)
    neighbours = min(15, len(kept) - 1)
    points = UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1).fit_transform(kept)
    return Projection(np.asarray(points, dtype=np.float64), ("UMAP 1", "UMAP 2"))
