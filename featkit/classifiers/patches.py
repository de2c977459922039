"""A classifier on words for patches of spectrograms that it learns from the training rows."""

import inspect
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from featkit.classifiers import _codebook
from featkit.classifiers._codebook import Codebook, Grid
from featkit.classifiers.base import make_classifier, registry
from featkit.classifiers.contract import takes_arrays
from featkit.errors import ParameterError


def _gives_probabilities(model: Any) -> bool:
    return hasattr(model.readout, "predict_proba")


class PatchWords(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Learn words for the patches of spectrograms, then a classifier on where and how they occur.

    Words are learnt anew in every fit, from its rows and without labels. Inner folds of the readout
    share them: they choose the readout's parameters, not the words.

    Parameters
    ----------
    readout : estimator
        Unfitted classifier of vectors.
    words : int
        Number of words.
    bands, frames, step : int
        Of a patch, and from one to the next in bands; a patch has at most the bands of a row.
    parts : int
        Parts of the frequency axis that are pooled apart.
    samples : int
        Patches that words are learnt from.
    random_state : int

    Attributes
    ----------
    codebook_ : dict of str to ndarray
        Those of a `Codebook`.
    readout_ : estimator
        Fitted.
    classes_ : ndarray
    """

    input_kind: ClassVar[str] = "array"

    def __init__(
        self,
        readout: Any,
        words: int = 256,
        bands: int = 16,
        frames: int = 16,
        step: int = 4,
        parts: int = 4,
        samples: int = 50_000,
        random_state: int = 0,
    ) -> None:
        self.readout = readout
        self.words = words
        self.bands = bands
        self.frames = frames
        self.step = step
        self.parts = parts
        self.samples = samples
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Return self, fitted on spectrograms.

        Parameters
        ----------
        X : array-like of shape (n, frames, bands), or list of n arrays (frames, bands)
        y : array-like of n labels
        groups : array-like of int, optional
            Inner fold of each row, for the readout.

        Raises
        ------
        ParameterError
            For rows that are not spectrograms, and as the readout.
        """
        rng = np.random.default_rng(self.random_state)
        patches = _codebook.drawn(_maps(X), self._grid(), self.samples, rng)
        self.codebook_ = _codebook.learnt(patches, self.words, rng)._asdict()
        readout = clone(self.readout)
        folds = {"groups": groups} if "groups" in inspect.signature(readout.fit).parameters else {}
        self.readout_ = readout.fit(self.vectors(X), np.asarray(y), **folds)
        self.classes_ = self.readout_.classes_
        return self

    def vectors(self, X: Any) -> NDArray[np.float32]:
        """Return mean, deviation and maximum over time of each word in each part of the frequency
        axis, (n, 3 · parts · words).
        """
        check_is_fitted(self, "codebook_")
        return np.stack([self._vector(row) for row in _maps(X)])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return one label for each row."""
        return np.asarray(self.readout_.predict(self.vectors(X)))

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the readout's probabilities, (n, n_classes), columns as ``classes_``."""
        return np.asarray(self.readout_.predict_proba(self.vectors(X)))

    @property
    def best_params_(self) -> dict[str, Any]:
        """What the readout chose; empty where it chooses nothing."""
        return dict(getattr(self.readout_, "best_params_", {}))

    def _grid(self) -> Grid:
        return Grid(self.bands, self.frames, self.step)

    def _vector(self, row: NDArray[Any]) -> NDArray[np.float32]:
        responses = Codebook(**self.codebook_).responses(self._grid().of(row))
        values = []
        for part in np.array_split(responses, min(self.parts, len(responses))):
            values += [part.mean(axis=(0, 1)), part.std(axis=(0, 1)), part.max(axis=(0, 1))]
        return np.concatenate(values)


def _maps(X: Any) -> list[NDArray[Any]]:
    """Return the rows, each (frames, bands)."""
    rows = [np.asarray(row) for row in X]
    shape = next((row.shape for row in rows if row.ndim != 2), None)
    if shape is not None:
        raise ParameterError(
            f"patches reads spectrograms (frames, bands), such as logmel; got a row {shape}"
        )
    return rows


@registry.register
def make(
    *,
    readout: str = "ridge",
    words: int = 256,
    bands: int = 16,
    frames: int = 16,
    step: int = 4,
    parts: int = 4,
    samples: int = 50_000,
    seed: int = 0,
) -> PatchWords:
    """Classifier on whitened patches of spectrograms, grouped by k-means on the training rows.

    Patches are normalised and whitened, and spherical k-means makes words of them [Coates2012].
    A clip becomes the mean, deviation and maximum over time of how well its patches fit each word.
    All of it is learnt from the rows of a fit, so a test fold reaches neither words nor whitening.

    Parameters
    ----------
    readout : str
        Classifier text of what reads these vectors.
    words : int
        Number of words, ≥ 2.
    bands, frames : int
        Height and length of a patch; at most all bands.
    step : int
        Bands from one patch to the next; frames follow each other.
    parts : int
        Parts of the frequency axis that are pooled apart.
    samples : int
        Patches that words are learnt from, ≥ ``words``.
    seed : int
        Of the words and of the readout.
    """
    least = {"words": (words, 2), "samples": (samples, words)}
    least |= {"bands": (bands, 1), "frames": (frames, 1), "step": (step, 1), "parts": (parts, 1)}
    for name, (value, lowest) in least.items():
        if value < lowest:
            raise ParameterError(f"patches:{name}={value} must be at least {lowest}")
    inner = make_classifier(readout, seed=seed)
    if takes_arrays(inner):
        raise ParameterError(f"patches:readout={readout} must read vectors, such as ridge or svm")
    return PatchWords(inner, words, bands, frames, step, parts, samples, seed)
