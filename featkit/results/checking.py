"""What a stored score must be to be believed: values in their ranges that agree with its own
predictions.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from featkit.errors import ParameterError
from featkit.results.metrics import LARGEST_LOSS, fold_metrics
from featkit.results.scores import PER_CLIP, Score

FRACTIONS = ("accuracy", "macro_accuracy", "macro_f1")
TEXTS = (
    "dataset",
    "feature",
    "classifier",
    "protocol",
    "fold",
    "scheme",
    "data",
    "intervention",
    "error",
)
COUNTS = ("seed", "n_train", "n_test", "n_train_clips", "model_bytes")
SECONDS = ("fit_seconds", "predict_seconds", "window", "hop")
# Metrics are written as they were computed; other libraries may differ in the last digits.
TOLERANCE = 1e-6


def check_values(row: Mapping[str, Any]) -> None:
    """Raise ParameterError for the first value of a line of results that is not what it must be."""
    for name in TEXTS:
        _expect(isinstance(row.get(name, ""), str), row, name, "a text")
    for name in COUNTS:
        value = row.get(name, 0)
        _expect(_is_number(value, int) and 0 <= value < 2**63, row, name, "a whole number ≥ 0")
    for name in SECONDS:
        value = row.get(name, 0.0)
        _expect(_is_number(value) and 0 <= value < math.inf, row, name, "seconds ≥ 0")
    for name in FRACTIONS:
        value = row.get(name)
        _expect(value is None or (_is_number(value) and 0 <= value <= 1), row, name, "within 0–1")
    loss = row.get("log_loss")
    within = loss is None or (_is_number(loss) and -TOLERANCE <= loss <= LARGEST_LOSS + TOLERANCE)
    _expect(within, row, "log_loss", f"within 0–{LARGEST_LOSS:.2f}")
    _expect(isinstance(row.get("params", {}), dict), row, "params", "an object")
    measured = bool(row.get("error")) or row.get("accuracy") is not None
    _expect(measured, row, "accuracy", "given where there is no error")
    if (digest := row.get("data", "")) and len(digest) == 16:
        _expect(re.fullmatch("[0-9a-f]{16}", digest), row, "data", "16 hex digits")


def contradiction(score: Score, clips: Mapping[str, Any]) -> str:
    """Return how the predictions of a score contradict it; empty where they do not.

    Parameters
    ----------
    score : Score
        As its line says, without clips.
    clips : mapping
        The per-clip fields, from the file of predictions.
    """
    if wrong := _misshapen(score, clips):
        return wrong
    if score.error or not clips["ids"]:
        return ""
    truth, predicted = np.array(clips["y_true"]), np.array(clips["y_pred"])
    stored = clips.get("probabilities")
    probabilities = None if stored is None else np.array(stored, dtype=np.float64)
    again = fold_metrics(truth, predicted, probabilities, clips["classes"])
    for name, value in again.items():
        claimed = getattr(score, name)
        if claimed is not None and (value is None or abs(claimed - value) > TOLERANCE):
            return f"{name} is {claimed}, and the stored predictions give {value}"
    return ""


def _misshapen(score: Score, clips: Mapping[str, Any]) -> str:
    """Return what is wrong with the per-clip fields by themselves."""
    for name in PER_CLIP[:-1]:
        values = clips.get(name)
        if not isinstance(values, tuple) or not all(isinstance(value, str) for value in values):
            return f"{name} is not a list of texts"
    if not all(map(_is_epoch, clips.get("curves", ()))):
        return "curves are not objects of numbers with an epoch"
    lengths = {name: len(clips.get(name, ())) for name in ("ids", "groups", "y_true", "y_pred")}
    if score.error:
        return ""
    if set(lengths.values()) != {score.n_test}:
        return f"n_test is {score.n_test}, and the stored predictions have {lengths}"
    classes = clips["classes"]
    if set(clips["y_true"]) - set(classes) or len(set(classes)) < len(classes):
        return "y_true has labels that are not among the classes"
    return _improbable(clips.get("probabilities"), score.n_test, len(classes))


def _is_epoch(row: object) -> bool:
    return isinstance(row, dict) and "epoch" in row and all(map(_is_number, row.values()))


def _improbable(probabilities: Any, n: int, classes: int) -> str:
    if probabilities is None:
        return ""
    try:
        values = np.array(probabilities, dtype=np.float64)
    except (TypeError, ValueError):
        return "probabilities is not a table of numbers"
    if values.shape != (n, classes):
        return f"probabilities has shape {values.shape}, not {(n, classes)}"
    if not ((values >= -TOLERANCE) & (values <= 1 + TOLERANCE)).all():
        return "probabilities has values outside 0–1"
    return ""


def _is_number(value: object, kind: Any = (int, float)) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _expect(holds: object, row: Mapping[str, Any], name: str, allowed: str) -> None:
    if not holds:
        shown = repr(row.get(name))
        shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
        raise ParameterError(f"{name}={shown} is not {allowed}")
