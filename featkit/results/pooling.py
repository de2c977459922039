"""From predictions of windows to predictions of the clips that they were cut from."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError
from featkit.naming.windowed import clip_of
from featkit.results.metrics import fold_metrics
from featkit.results.notes import Note
from featkit.results.scores import Score

Rule = Literal["mean", "vote"]
# What follows the scheme of a score whose windows are pooled.
POOLED = "windows pooled per clip"
METRICS = ("accuracy", "macro_accuracy", "macro_f1", "log_loss", "n_test")


def pooled(score: Score, rule: Rule = "mean") -> Score:
    """Return the score of a fold whose test rows are clips instead of their windows.

    Its scheme says so: such scores are never pooled with those of windows.

    Parameters
    ----------
    score : Score
        Of windows, with its predictions.
    rule : {"mean", "vote"}
        The class of the highest mean probability over the windows of a clip, or the one that most
        of them are predicted as, ties to the higher mean probability and then to the first by name.

    Raises
    ------
    ParameterError
        If the rows are not windows, no predictions are stored, or means are asked for and the
        classifier gives no probabilities.
    """
    cell = f"{score.feature} + {score.classifier}, fold {score.fold}"
    if rule not in get_args(Rule):
        raise ParameterError(f"rule={rule!r} is not one of {', '.join(get_args(Rule))}")
    if not score.window or not score.ids:
        what = "its predictions are not stored" if score.window else "its rows are not windows"
        raise ParameterError(f"{cell}: {what}; there is nothing to pool")
    if rule == "mean" and score.probabilities is None:
        raise ParameterError(f"{cell}: no probabilities, so that windows can only vote")
    clips, first, owners = np.unique(
        [clip_of(name) for name in score.ids], return_index=True, return_inverse=True
    )
    labels, probabilities = _decided(score, rule, owners, len(clips))
    truth = np.array(score.y_true)[first]
    return replace(
        score,
        **fold_metrics(truth, labels, probabilities, score.classes),
        scheme=f"{score.scheme}, {POOLED}{' by vote' * (rule == 'vote')}".removeprefix(", "),
        n_train=score.n_train_clips,
        n_test=len(clips),
        window=0.0,
        hop=0.0,
        n_train_clips=0,
        ids=tuple(clips.tolist()),
        groups=tuple(np.array(score.groups)[first].tolist()),
        y_true=tuple(truth.tolist()),
        y_pred=tuple(labels.tolist()),
        probabilities=None if probabilities is None else tuple(map(tuple, probabilities.tolist())),
        curves=(),
    )


def per_clip(scores: Iterable[Score]) -> list[Score]:
    """Return the pooled scores of those whose rows are windows, as a comparison shows them.

    By mean probability; by vote, with a note, where a classifier gives none. A cell that failed
    fails here too.
    """
    scores = list(scores)
    return [_shown(score) for score in scores if score.window and (score.ids or score.error)]


def _shown(score: Score) -> Score:
    scheme = f"{score.scheme}, {POOLED}".removeprefix(", ")
    if score.error:
        n_train = score.n_train_clips
        return replace(score, scheme=scheme, window=0.0, hop=0.0, n_train=n_train, n_train_clips=0)
    if score.probabilities is not None:
        return pooled(score)
    note = Note("vote", "windows vote, since the classifier gives no probabilities")
    return replace(pooled(score, "vote"), scheme=scheme, notes=(*score.notes, note))


def summary(score: Score) -> dict[str, dict[str, float | None]]:
    """Return the metrics of a score's clips by rule: of ``mean`` where there are probabilities, and
    of ``vote``; nothing where rows are whole clips.
    """
    if not score.window or not score.ids or score.error:
        return {}
    rules: tuple[Rule, ...] = ("vote",) if score.probabilities is None else ("mean", "vote")
    scores = {rule: pooled(score, rule) for rule in rules}
    return {rule: {name: getattr(one, name) for name in METRICS} for rule, one in scores.items()}


def _decided(
    score: Score, rule: Rule, owners: NDArray[np.int64], n_clips: int
) -> tuple[NDArray[np.str_], NDArray[np.float64] | None]:
    """Return the label of each clip and, by ``mean``, its probabilities."""
    classes = np.array(score.classes)
    means = np.zeros((n_clips, len(classes)))
    if score.probabilities is not None:
        np.add.at(means, owners, np.array(score.probabilities, dtype=np.float64))
        means /= np.bincount(owners, minlength=n_clips)[:, None]
    if rule == "mean":
        return classes[means.argmax(axis=1)], means
    votes = (np.array(score.y_pred)[:, None] == classes).astype(np.int64)
    counts = np.zeros((n_clips, len(classes)), dtype=np.int64)
    np.add.at(counts, owners, votes)
    tied = counts == counts.max(axis=1, keepdims=True)
    return classes[np.where(tied, means, -1.0).argmax(axis=1)], None
