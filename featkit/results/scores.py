"""A `Score`: how one system did on one fold, with the prediction of every clip."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.naming import display
from featkit.results.notes import Note

# (dataset, feature, classifier, protocol, fold, seed), and the intervention where there is one
Cell = tuple[str, str, str, str, str, int] | tuple[str, str, str, str, str, int, str]
PAPER_WEIGHTED = "paper-weighted"
# Protocols that select hyper-parameters on the test folds.
PAPER_PROTOCOLS = ("paper", PAPER_WEIGHTED)
# Fields that are kept apart from the others on disk: one entry for each clip, for each epoch.
PER_CLIP = ("classes", "ids", "groups", "y_true", "y_pred", "probabilities")
PER_EPOCH = ("curves",)
# What a line of results does not hold.
APART = (*PER_CLIP, *PER_EPOCH, "inner")


@dataclass(frozen=True, eq=False)
class Inner:
    """Probabilities of the training clips of one fold, each by a model without its inner fold.

    Attributes
    ----------
    ids, y_true : tuple of str
        One entry for each training clip that is in an inner fold.
    probabilities : ndarray of shape (n, n_classes)
        Columns as ``classes`` of the score.
    """

    ids: tuple[str, ...]
    y_true: tuple[str, ...]
    probabilities: NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """How one system did on one fold.

    Attributes
    ----------
    dataset, feature, classifier : str
        What was measured: the feature's canonical text, the classifier's text as written.
    protocol : {"nested", "paper", "paper-weighted"}
        ``paper`` selects on the test folds and is optimistic.
    fold : str
        Name of the test fold.
    seed : int
        Seed of the classifier.
    scheme : str
        How the folds were made, such as ``official folds``; results of different schemes are never
        pooled.
    accuracy, macro_accuracy, macro_f1, log_loss : float or None
        Fractions in 0–1; log loss in nats, None where the classifier gives no probabilities.
    n_train, n_test : int
        Numbers of clips; copies of them, which train too, are not counted.
    params : dict
        Hyper-parameters that were selected; of a net with ``watch=true`` also its accuracies in
        ``numbers``.
    fit_seconds, predict_seconds : float
        Wall-clock seconds.
    model_bytes : int
        Size of the fitted model's arrays.
    data : str
        Fingerprint of what was learned from (`featkit.evaluation.Run.data`): a cell is done only
        for the same rows, weight files and outside nets.
    notes : tuple of Note
        What a reader of the number must know, such as leakage that was allowed.
    intervention : str
        How the test recordings were changed, such as ``lowpass=4000``; empty where they were not.
        The model is that of the score without it.
    error : str
        Why the cell failed; empty where it did not.
    window, hop : float
        Where the rows are windows of clips, their length and the step between them in seconds; 0
        where they are whole clips. `featkit.results.pooled` gives the score of the clips.
    n_train_clips : int
        How many clips the training windows are cut from; 0 where rows are whole clips.
    classes : tuple of str
        Sorted labels of the dataset.
    ids, groups, y_true, y_pred : tuple of str
        One entry for each test clip.
    probabilities : tuple of tuple of float, or None
        Rows as ``ids``, columns as ``classes``.
    curves : tuple of dict
        Of a net, one for each epoch: ``epoch`` from 0, ``lr``, ``train_loss``, ``train_accuracy``,
        the same of the inner validation part where there is one and, with ``watch=true``, of the
        test part; of an ensemble of nets also ``member`` from 0.
    inner : Inner or None
        Predictions for the training clips by models without their inner fold, where the classifier
        makes them; None for scores that were read (`featkit.results.inner.with_inner`).
    """

    dataset: str
    feature: str
    classifier: str
    protocol: str
    fold: str
    seed: int = 0
    scheme: str = ""
    accuracy: float | None = None
    macro_accuracy: float | None = None
    macro_f1: float | None = None
    log_loss: float | None = None
    n_train: int = 0
    n_test: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    model_bytes: int = 0
    data: str = ""
    notes: tuple[Note, ...] = ()
    intervention: str = ""
    error: str = ""
    window: float = 0.0
    hop: float = 0.0
    n_train_clips: int = 0
    classes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    y_true: tuple[str, ...] = ()
    y_pred: tuple[str, ...] = ()
    probabilities: tuple[tuple[float, ...], ...] | None = None
    curves: tuple[dict[str, Any], ...] = ()
    inner: Inner | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        accuracy = "none" if self.accuracy is None else f"{self.accuracy:.4f}"
        outcome = f"error={self.error!r}" if self.error else f"accuracy={accuracy}"
        return (
            f"Score({self.dataset!r}, {self.feature!r}, {self.classifier!r}, {self.protocol!r}, "
            f"fold={self.fold!r}, seed={self.seed}, {outcome})"
        )

    def _repr_html_(self) -> str:
        row = self.row()
        names = ("accuracy", "macro_accuracy", "macro_f1", "log_loss", "n_train", "n_test")
        texts = {"protocol": self.protocol, "fold": self.fold, "seed": self.seed}
        texts |= {"intervention": self.intervention} if self.intervention else {}
        params = {
            f"selected {name}": value
            for name, value in self.params.items()
            if not isinstance(value, list | tuple | dict)
        }
        return display.page(
            f"{self.feature} + {self.classifier} on {self.dataset}",
            display.facts(texts | {name: row[name] for name in names} | params),
            display.lines([*(note.text for note in self.notes), *filter(None, [self.error])]),
        )

    @property
    def cell(self) -> Cell:
        """What identifies this result: (dataset, feature, classifier, protocol, fold, seed), and
        the intervention where there is one.
        """
        cell = (self.dataset, self.feature, self.classifier, self.protocol, self.fold, self.seed)
        return (*cell, self.intervention) if self.intervention else cell

    @property
    def system(self) -> tuple[str, ...]:
        """What was measured: (dataset, feature, classifier, protocol), and the intervention where
        there is one.
        """
        return (*self.cell[:4], *filter(None, [self.intervention]))

    @property
    def optimistic(self) -> bool:
        """Whether hyper-parameters were selected on the test folds."""
        return self.protocol in PAPER_PROTOCOLS

    @property
    def leaky(self) -> bool:
        """Whether training and test clips were allowed to share a group or a recording."""
        return any(note.kind == "leakage" for note in self.notes)

    def row(self) -> dict[str, Any]:
        """Return every field but those of clips and epochs, as JSON has them."""
        row = {
            item.name: getattr(self, item.name) for item in fields(self) if item.name not in APART
        }
        return row | {"notes": [asdict(note) for note in self.notes]}
