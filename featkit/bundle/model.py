"""The bundle itself: what it is made of, and its predictions on new files."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit import audio
from featkit.audio import interventions
from featkit.audio.windows import Windows
from featkit.bundle import folder, frontend, pieces
from featkit.bundle.pieces import Piece
from featkit.bundle.prediction import Prediction, pooled
from featkit.errors import ParameterError
from featkit.features import Feature
from featkit.features.intervened import Intervened
from featkit.features.pooling import vector
from featkit.naming import display
from featkit.naming.plugins import FAULTS

TOGETHER = 128
Path = str | os.PathLike[str]


@dataclass(frozen=True, eq=False)
class Bundle:
    """A front-end and a fitted classifier, made by `train` or read by `load`.

    Attributes
    ----------
    feature : Feature
        What is computed of a recording.
    classifier : scikit-learn estimator
        Fitted, with ``predict`` and ``predict_proba``.
    about : dict
        What ``bundle.json`` says: ``feature``, ``classifier``, ``classes``, ``data``,
        ``versions`` and, where the training rows were windows of recordings, ``windows``.

    Examples
    --------
    >>> Bundle.load("model").predict(["new.wav"])[0].label           # doctest: +SKIP
    'dog'
    """

    feature: Feature
    classifier: Any
    about: dict[str, Any]

    def __repr__(self) -> str:
        data = self.about["data"]["dataset"]
        used = self.about["classifier"]["text"]
        return (
            f"Bundle({self.feature.canonical!r}, {used!r}, {len(self.classes)} classes of {data!r})"
        )

    def _repr_html_(self) -> str:
        data, used = self.about["data"], self.about["classifier"]
        facts = {
            "feature": self.feature.canonical,
            "classifier": f"{used['text']}, seed {used['seed']}",
            **{f"chosen {name}": value for name, value in used["chosen"].items()},
            "trained on": f"{display.counted(data['clips'], 'clip')} of {data['dataset']}",
            "probabilities": used["probabilities"],
            "bytes": used["bytes"],
            "reads": None if self.windows is None else f"{self.windows}, and pools them",
        }
        rows = [(name, data["clips_of_class"][name]) for name in self.classes]
        return display.page(
            "Bundle",
            display.facts(facts),
            display.table(("class", "training clips"), rows),
            display.lines(data["notes"]),
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels, in the order of the classifier's probabilities."""
        return tuple(self.about["classes"])

    @property
    def windows(self) -> Windows | None:
        """What recordings are cut into before they are predicted; None where they are whole."""
        return Windows.read(self.about.get("windows"))

    def save(self, path: Path, overwrite: bool = False) -> None:
        """Write the bundle to a new or empty folder or, with ``overwrite``, in place of the bundle
        that is there.

        Raises
        ------
        BundleError
            If the folder holds anything else.
        """
        folder.write(path, self.classifier, self.about, overwrite)

    @classmethod
    def load(cls, path: Path, trusted: Sequence[str] = ()) -> "Bundle":
        """Return the bundle in a folder. Nothing of it is unpickled.

        Parameters
        ----------
        path : path
        trusted : sequence of str
            Names of code outside featkit and scikit-learn that the bundle may use: types,
            ``package.module:Name`` features and nets, or a module or package for all that lies in
            it.

        Raises
        ------
        BundleError
            If the folder does not hold a bundle, a file is missing or was changed, its format is
            unknown, it uses types or code that is not trusted, or this version of featkit computes
            its feature in another way.
        """
        return cls(*folder.read(path, trusted))

    def after(self, intervention: str) -> "Bundle":
        """Return the same model that changes each recording before it listens.

        Parameters
        ----------
        intervention : str
            As `featkit.audio.interventions.parse` reads it. `save` writes the model without it.

        Raises
        ------
        ParameterError
            For an unknown intervention.
        """
        return replace(self, feature=Intervened(self.feature, interventions.parse(intervention)))

    def row(self, signal: audio.Signal) -> NDArray[Any]:
        """Return what the classifier gets for a recording: the row that a table would have, as a
        vector if it wants vectors.

        Raises
        ------
        FeatkitError
            If there is no valid row, or one of another shape than the classifier was trained on.
        """
        front = self.about["feature"]
        row = frontend.row(self.feature, signal, np.dtype(front["dtype"]))
        shape = tuple(front["shape"])
        if len(shape) != row.ndim or any(
            expected not in (None, size) for expected, size in zip(shape, row.shape, strict=True)
        ):
            allowed = str(shape).replace("None", "any")
            raise ParameterError(
                f"{self.feature.canonical} gives a row of shape {row.shape}; "
                f"the training rows have {allowed}"
            )
        if front["input"] == "array":
            return row
        return vector(row, "mean_std" if front["pooled"] else "flatten")

    def predict_samples(
        self,
        samples: NDArray[np.float32],
        sr: int,
        start: float = 0.0,
        path: str = "",
        pool: bool = True,
    ) -> Prediction:
        """Return the prediction for samples in memory, with ``error`` where there is none.

        Parameters
        ----------
        samples : ndarray of shape (n,)
            Mono, in [−1, 1].
        sr : int
            Rate in Hz.
        start : float
            Seconds from the beginning of the recording that they are a part of.
        path : str
            What the recording is called.
        pool : bool
            Cut them into the `windows` and pool these, if the bundle has any.
        """
        signal, blank = audio.Signal(samples, sr), Prediction(path, start=start)
        windows = self.windows if pool else None
        predictions = self._classified([*pieces.of_samples(signal, blank, windows, self.row)])
        return predictions[0] if windows is None else pooled(predictions)

    def predict(
        self, paths: Path | Iterable[Path], window: float | None = None, hop: float | None = None
    ) -> list[Prediction]:
        """Return one prediction for each recording, or with ``window`` for each window of each; a
        bad file gives one with ``error``.

        A bundle that was trained on `windows` cuts each recording into such windows, and a
        recording is the class of the highest mean probability over them.

        Parameters
        ----------
        paths : path, URL or several of them
        window : float, optional
            Length of a window in seconds, to have a prediction for each. The last one ends with the
            recording; a shorter recording is one window. A minute, or one window, is decoded at a
            time.
        hop : float, optional
            Seconds from one window's start to the next; by default ``window``.

        Raises
        ------
        ParameterError
            If ``window`` or ``hop`` is not above 0, or there is a hop without a window. Files never
            raise.
        """
        windows = Windows.of(window, hop) or self.windows
        listed = [paths] if isinstance(paths, (str, os.PathLike)) else paths
        names = [os.fspath(path) for path in listed]
        owners: list[int] = []

        def every() -> Iterator[Piece]:
            for number, name in enumerate(names):
                for piece in pieces.of_file(name, windows, self.row):
                    owners.append(number)
                    yield piece

        waiting = every()
        predictions: list[Prediction] = []
        while chunk := list(islice(waiting, TOGETHER)):
            predictions += self._classified(chunk)
        if window is not None or windows is None:
            return predictions
        numbered = groupby(zip(owners, predictions, strict=True), key=lambda item: item[0])
        return [pooled([one for _, one in group]) for _, group in numbered]

    def _classified(self, waiting: Sequence[Piece]) -> list[Prediction]:
        rows = [row for _, row in waiting if row is not None]
        if not rows:
            return [piece for piece, _ in waiting]
        equal = len({row.shape for row in rows}) == 1
        try:
            X = np.stack(rows) if equal else rows
            labels, probabilities = self.classifier.predict(X), self.classifier.predict_proba(X)
        except FAULTS as error:
            if len(waiting) == 1:
                return [replace(waiting[0][0], error=pieces.stated(error))]
            return [single for piece in waiting for single in self._classified([piece])]
        answers = zip(labels, probabilities, strict=True)
        return [
            piece if row is None else self._labelled(piece, *next(answers))
            for piece, row in waiting
        ]

    def _labelled(self, piece: Prediction, label: Any, probabilities: NDArray[Any]) -> Prediction:
        return replace(
            piece,
            label=str(label),
            probabilities=dict(zip(self.classes, map(float, probabilities), strict=True)),
        )
