"""Words for the patches of spectrograms: whitening and spherical k-means."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Rows = Sequence[NDArray[Any]]
Matrix = NDArray[np.float32]

ITERATIONS = 10
# Added to the variance of a patch before it is divided, in dB², and to the variances of normalised
# patches before whitening.
CONTRAST, NOISE = 10.0, 0.1


class Grid(NamedTuple):
    """Which patches a row has: their height and length, and the step from one to the next in bands;
    in frames it is 1.
    """

    bands: int
    frames: int
    step: int

    def of(self, row: NDArray[Any]) -> NDArray[Any]:
        """Return the patches of a row (frames, bands): (places in frequency, places in time, values
        of a patch).

        A row shorter than a patch goes on with its last frame.
        """
        lacking = max(self.frames - len(row), 0)
        whole = np.pad(row, ((0, lacking), (0, 0)), mode="edge")
        bands = min(self.bands, whole.shape[1])
        windows = sliding_window_view(whole, (self.frames, bands))[:, :: self.step]
        return windows.transpose(1, 0, 2, 3).reshape(windows.shape[1], windows.shape[0], -1)


def normalised(patches: NDArray[Any]) -> Matrix:
    """Return patches (…, values) less their mean, over their deviation."""
    centred = np.asarray(patches, dtype=np.float32)
    centred = centred - centred.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    centred /= np.sqrt(variance + CONTRAST)
    return np.asarray(centred)


class Codebook(NamedTuple):
    """What was learnt of patches.

    Attributes
    ----------
    mean : ndarray, shape (values,)
        Of normalised patches.
    whitening : ndarray, shape (values, values)
        Symmetric; makes their covariance nearly the identity.
    words : ndarray, shape (words, values)
        Directions of norm 1 among whitened patches.
    """

    mean: Matrix
    whitening: Matrix
    words: Matrix

    def responses(self, patches: NDArray[Any]) -> Matrix:
        """Return how well each patch (…, values) fits each word, 0 where it points away: (…,
        words).
        """
        detectors = self.whitening @ self.words.T
        fit = normalised(patches) @ detectors - self.mean @ detectors
        return np.asarray(np.maximum(fit, 0, out=fit))


def drawn(rows: Rows, grid: Grid, count: int, rng: np.random.Generator) -> Matrix:
    """Return about ``count`` normalised patches, equally many at random places of each row."""
    each = max(1, count // len(rows))
    patches = []
    for row in rows:
        own = grid.of(np.asarray(row))
        high = rng.integers(len(own), size=each)
        late = rng.integers(own.shape[1], size=each)
        patches.append(normalised(own[high, late]))
    return np.concatenate(patches)


def learnt(patches: Matrix, n_words: int, rng: np.random.Generator) -> Codebook:
    """Return the whitening of normalised ``patches`` and the words of spherical k-means on them.

    Words start as random directions. A round gives each patch to the word it fits best, in either
    direction, and adds to each word its patches times how well they fit [Coates2012].
    """
    mean = patches.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(np.cov(patches, rowvar=False, dtype=np.float64))
    scale = 1 / np.sqrt(np.maximum(variances, 0) + NOISE)
    whitening = (axes * scale @ axes.T).astype(np.float32)
    white = (patches - mean.astype(np.float32)) @ whitening
    words = _unit(rng.standard_normal((n_words, white.shape[1])).astype(np.float32))
    for _ in range(ITERATIONS):
        fits = white @ words.T
        best = np.abs(fits).argmax(axis=1)
        weight = np.take_along_axis(fits, best[:, None], axis=1)
        sums = words.copy()
        np.add.at(sums, best, weight * white)
        words = _unit(sums)
    return Codebook(mean.astype(np.float32), whitening, words)


def _unit(vectors: Matrix) -> Matrix:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
