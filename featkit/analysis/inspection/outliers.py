"""Clips that are unlike the others of their class."""

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

NEIGHBOURS = 5
# Of a normal distribution, the median absolute deviation as a fraction of the standard deviation.
_NORMAL = 0.6745


def outlier_scores(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far each clip lies from its class, in robust standard deviations.

    The measure is the logarithm of the mean distance to the five nearest clips of the class, after
    standardisation of the columns, compared with the median over the class; deviations are scaled
    by the median absolute deviation. A class of fewer than three clips scores 0.

    Parameters
    ----------
    vectors : ndarray of shape (n_clips, n_columns)
    labels : ndarray of int, shape (n_clips,)
    """
    scaled = StandardScaler().fit_transform(vectors.astype(np.float64))
    scores = np.zeros(len(labels))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(rows) < 3:
            continue
        nearest = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(rows) - 1)).fit(scaled[rows])
        distances = np.log(nearest.kneighbors()[0].mean(axis=1) + np.finfo(float).tiny)
        deviations = distances - np.median(distances)
        spread = np.median(np.abs(deviations)) / _NORMAL
        if spread > 0:
            scores[rows] = deviations / spread
    return scores
