"""Scores on some of their clips: those of one device, city or speaker."""

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np

from featkit.errors import ParameterError
from featkit.naming.windowed import clip_of
from featkit.results.metrics import fold_metrics
from featkit.results.scores import Score


def on_clips(scores: Iterable[Score], pattern: str) -> list[Score]:
    """Return the scores that the stored predictions give on the test clips whose id fits.

    Nothing is trained again. A fold without such a clip is left out, and a failed cell stays. The
    scheme names the pattern, so that these scores are never pooled with those of all clips.

    Parameters
    ----------
    scores : iterable of Score
    pattern : str
        Of ids of clips, also where rows are windows, with ``*``, ``?`` and ``[…]`` as a shell has
        them: ``*-a`` for device A of TAU 2020.

    Raises
    ------
    ParameterError
        If a score has no stored predictions, or no score has such a clip.
    """
    everything = list(scores)
    chosen = [_on_clips(score, pattern) for score in everything]
    kept = [score for score in chosen if score.error or score.ids]
    if not any(score.ids for score in kept):
        known = next((score.ids[0] for score in everything if score.ids), "none")
        raise ParameterError(f"no test clip has an id like {pattern!r}; the first is {known!r}")
    return kept


def _on_clips(score: Score, pattern: str) -> Score:
    if score.error:
        return score
    if not score.ids:
        cell = f"{score.feature} + {score.classifier}, fold {score.fold}"
        raise ParameterError(f"{cell}: its predictions are not stored beside the results")
    names = [clip_of(name) if score.window else name for name in score.ids]
    rows = [row for row, name in enumerate(names) if fnmatchcase(name, pattern)]

    def at(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(values[row] for row in rows)

    scheme = f"{score.scheme}, clips {pattern}".removeprefix(", ")
    given = score.probabilities
    votes = None if given is None else tuple(given[row] for row in rows)
    score = replace(
        score,
        scheme=scheme,
        n_test=len(rows),
        ids=at(score.ids),
        groups=at(score.groups),
        y_true=at(score.y_true),
        y_pred=at(score.y_pred),
        probabilities=votes,
        curves=(),
    )
    if not rows:
        return score
    truth, predicted = np.array(score.y_true), np.array(score.y_pred)
    probabilities = None if votes is None else np.array(votes)
    return replace(score, **fold_metrics(truth, predicted, probabilities, score.classes))
