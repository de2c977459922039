"""What systems take for what: confusion counts, recall of each class, the most confused clips."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.comparison.systems import System
from featkit.results.scores import Score


def confusion(system: System) -> tuple[list[str], NDArray[np.int64]]:
    """Return the classes, and how often each true class (row) was predicted as each (column).

    Counts are summed over folds and runs.
    """
    scores = [score for score in system.scores if score.ids]
    classes = sorted(
        {label for score in scores for label in (*score.classes, *score.y_true, *score.y_pred)}
    )
    position = {label: at for at, label in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    for score in scores:
        rows, columns = (
            [position[label] for label in labels] for labels in (score.y_true, score.y_pred)
        )
        np.add.at(counts, (rows, columns), 1)
    return classes, counts


def recalls(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the fraction of each row that lies on the diagonal; NaN for a class without clips."""
    totals = counts.sum(axis=1)
    return np.where(totals > 0, np.diag(counts) / np.maximum(1, totals), np.nan)


def errors(system: System) -> list[dict[str, Any]]:
    """Return the wrong predictions: ``id, label, predicted, probability, runs``.

    One for each clip and class that was predicted in its place, with the mean ``probability`` of
    that class (None without probabilities) and the number of ``runs`` that made the error. The
    most frequent and most probable come first.
    """
    wrong: dict[tuple[str, str, str], list[float]] = {}
    for score in system.scores:
        position = {label: at for at, label in enumerate(score.classes)}
        for row, (name, label, predicted) in enumerate(
            zip(score.ids, score.y_true, score.y_pred, strict=True)
        ):
            if label != predicted:
                rows = score.probabilities
                probability = rows[row][position[predicted]] if rows else float("nan")
                wrong.setdefault((name, label, predicted), []).append(probability)
    rows_of_clips: list[dict[str, Any]] = [
        {"id": name, "label": label, "predicted": predicted}
        | {"probability": None if np.isnan(values).any() else float(np.mean(values))}
        | {"runs": len(values)}
        for (name, label, predicted), values in wrong.items()
    ]
    return sorted(
        rows_of_clips, key=lambda row: (-row["runs"], -(row["probability"] or 0.0), row["id"])
    )


def confused_clips(systems: Sequence[System], most: int = 20) -> list[dict[str, Any]]:
    """Return the clips that most systems get wrong: ``id, label, wrong, instead, confidence``.

    ``wrong`` is the fraction of runs that err, averaged over systems (0–1), ``instead`` the labels
    predicted in its place, the most frequent first. ``confidence`` is the mean probability of the
    wrong predictions (0 without probabilities). Of clips with equal ``wrong``, those with the
    highest confidence come first.
    """
    clips: dict[str, _Clip] = {}
    for system in systems:
        for name, errors in _errors(system.scores, clips).items():
            clips[name].wrong.append(sum(errors) / len(errors))
    wrong = {name: clip for name, clip in clips.items() if any(clip.wrong)}
    rows: list[dict[str, Any]] = [
        {
            "id": name,
            "label": clip.label,
            "wrong": sum(clip.wrong) / len(clip.wrong),
            "instead": _frequent_first(clip.instead),
            "confidence": sum(clip.confidences) / len(clip.confidences),
        }
        for name, clip in wrong.items()
    ]
    rows.sort(key=lambda row: (-round(row["wrong"], 12), -row["confidence"], row["id"]))
    return rows[:most]


@dataclass
class _Clip:
    """What all systems made of one clip."""

    label: str
    wrong: list[float] = field(default_factory=list)
    instead: Counter[str] = field(default_factory=Counter)
    confidences: list[float] = field(default_factory=list)


def _errors(scores: Sequence[Score], clips: dict[str, _Clip]) -> dict[str, list[bool]]:
    """Return for each clip which runs err, and note in ``clips`` what was predicted instead."""
    errors: dict[str, list[bool]] = {}
    for score in scores:
        rows = score.probabilities
        highest = [max(row) for row in rows] if rows else [0.0] * len(score.ids)
        for name, label, predicted, confidence in zip(
            score.ids, score.y_true, score.y_pred, highest, strict=True
        ):
            errors.setdefault(name, []).append(label != predicted)
            clip = clips.setdefault(name, _Clip(label))
            if label != predicted:
                clip.instead[predicted] += 1
                clip.confidences.append(confidence)
    return errors


def _frequent_first(labels: Counter[str]) -> list[str]:
    return [label for label, _ in sorted(labels.items(), key=lambda item: (-item[1], item[0]))]
