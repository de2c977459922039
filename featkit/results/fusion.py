"""Decision-level (late) fusion: one prediction from the stored predictions of several systems, as
[Palanisamy2020] and [Wang2020] combine networks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError, listed
from featkit.results import stacking
from featkit.results.metrics import fold_metrics
from featkit.results.probabilities import averaged
from featkit.results.scores import Score

Rule = Literal["mean", "vote", "product", "stack", "stack_product"]

# How the classifier of a fused system begins.
FUSED = "fusion:"
_Member = tuple[str, str, str, int]  # (feature, classifier, protocol, seed)


def fuse(
    scores: Iterable[Score], rule: Rule = "mean", *, across_seeds: bool = False, name: str = ""
) -> list[Score]:
    """Return the scores of the fused system, one for each dataset, protocol, fold and seed.

    Parameters
    ----------
    scores : iterable of Score
        Results with per-clip predictions of two systems or more, each with the same folds and
        clips.
    rule : {"mean", "vote", "product", "stack", "stack_product"}
        ``mean`` of the probabilities, whose log loss is at most the members' mean (convexity);
        ``product``, their normalised geometric mean, in which a single 0 rules a class out;
        ``vote``, the class that most members predict; ties go to the one with the highest mean
        probability; ``stack``, a weighted mean, and ``stack_product``, a weighted product, with
        weights learned from inner predictions (`featkit.results.stacking`).
    across_seeds : bool
        Fuse the runs of all seeds into one, instead of fusing the systems seed by seed.
    name : str
        What the fused system's feature and classifier are called in place of their members' names.

    Raises
    ------
    ParameterError
        If no dataset and protocol has two members (those with one are left out where another has
        two), a member failed or lacks a fold, clips or classes differ, or probabilities are needed
        and missing; or a stack is asked for of members that select on test folds or have no inner
        predictions. The message names the system and fold.
    """
    if rule not in get_args(Rule):
        raise ParameterError(f"rule={rule!r} is not one of {', '.join(get_args(Rule))}")
    cells: dict[tuple[str, str, str, str, int | None], dict[_Member, dict[str, Score]]] = {}
    for score in {score.cell: score for score in scores}.values():
        league = (score.dataset, score.protocol, score.scheme, score.intervention)
        key = (*league, None if across_seeds else score.seed)
        member = (score.feature, score.classifier, score.protocol, score.seed)
        cells.setdefault(key, {}).setdefault(member, {})[score.fold] = score
    if not cells:
        raise ParameterError("no results to fuse")
    alone = [members for members in cells.values() if len(members) < 2]
    if len(alone) < len(cells):
        cells = {key: members for key, members in cells.items() if len(members) > 1}
    return [
        fused
        for members in cells.values()
        for fused in _fuse_members([members[key] for key in sorted(members)], rule, name)
    ]


def _fuse_members(members: list[dict[str, Score]], rule: Rule, name: str) -> list[Score]:
    first = next(iter(members[0].values()))
    if len(members) < 2:
        raise ParameterError(
            f"only {_name(first)} for {first.dataset}, {first.protocol}, seed {first.seed}: "
            "nothing to fuse it with"
        )
    folds = dict.fromkeys(fold for member in members for fold in member)
    for member in members:
        missing = [fold for fold in folds if fold not in member]
        if missing:
            raise ParameterError(
                f"{_name(next(iter(member.values())))} has no result for fold {listed(missing)}"
            )
    if rule in get_args(stacking.Pool) and first.protocol != "nested":
        raise ParameterError(
            f"protocol={first.protocol!r} selects on test folds: a stack takes nested results"
        )
    return [_fuse_fold([member[fold] for member in members], rule, name) for fold in folds]


def _fuse_fold(scores: Sequence[Score], rule: Rule, name: str) -> Score:
    """Return the fused score of one fold; clips in the order of the first member."""
    first = scores[0]
    for score in scores:
        if score.error or not score.ids:
            raise ParameterError(
                f"{_name(score)}, fold {score.fold}: {score.error or 'no predictions are stored'}"
            )
        if set(score.ids) != set(first.ids) or score.classes != first.classes:
            raise ParameterError(
                f"{_name(score)} and {_name(first)}, fold {score.fold}: different clips or classes"
            )
    positions = [
        np.array([{name: at for at, name in enumerate(score.ids)}[name] for name in first.ids])
        for score in scores
    ]
    classes, truth = np.array(first.classes), np.array(first.y_true)
    probabilities = _stacked(scores, positions, needed=rule != "vote")
    members = [f"{_name(score)}, seed {score.seed}" for score in scores]
    params: dict[str, object] = {"rule": rule, "members": members}
    fused: NDArray[np.float64] | None = None
    match rule:
        case "vote":
            votes = [
                np.array(score.y_pred)[at] for score, at in zip(scores, positions, strict=True)
            ]
            labels = _voted(np.stack(votes), probabilities, classes)
        case "mean" | "product":
            fused = averaged(probabilities, rule)
        case "stack" | "stack_product":
            weights = stacking.weights(scores, rule)
            params["weights"] = [round(float(value), 4) for value in weights]
            fused = stacking.pooled(probabilities, weights, rule)
    if fused is not None:
        labels = classes[fused.argmax(axis=1)]
    features = dict.fromkeys(score.feature for score in scores)
    classifiers = dict.fromkeys(score.classifier for score in scores)
    return replace(
        first,
        feature=name or " | ".join(features),
        classifier=f"{FUSED}rule={rule}({name or ' | '.join(classifiers)})",
        **fold_metrics(truth, labels, fused, first.classes),
        params=params,
        fit_seconds=sum(score.fit_seconds for score in scores),
        predict_seconds=sum(score.predict_seconds for score in scores),
        model_bytes=sum(score.model_bytes for score in scores),
        notes=tuple(dict.fromkeys(note for score in scores for note in score.notes)),
        y_pred=tuple(labels.tolist()),
        probabilities=None if fused is None else tuple(map(tuple, fused.tolist())),
        curves=(),
        inner=None,
    )


def _stacked(
    scores: Sequence[Score], positions: Sequence[NDArray[np.int64]], needed: bool
) -> NDArray[np.float64]:
    """Return the probabilities of all members that have them.

    Shape (n_members, n_clips, n_classes).
    """
    without = [_name(score) for score in scores if score.probabilities is None]
    if without and needed:
        raise ParameterError(
            f"no probabilities from {listed(without)}; "
            "fuse by vote, or use classifiers that give them"
        )
    parts = [
        np.array(score.probabilities, dtype=np.float64)[at]
        for score, at in zip(scores, positions, strict=True)
        if score.probabilities is not None
    ]
    return np.stack(parts) if parts else np.zeros((1, len(scores[0].ids), len(scores[0].classes)))


def _voted(
    votes: NDArray[np.str_], probabilities: NDArray[np.float64], classes: NDArray[np.str_]
) -> NDArray[np.str_]:
    """Return the most frequent vote of each clip.

    Ties go to the highest mean probability, then to the first class by name.
    """
    counts = (votes[:, :, None] == classes).sum(axis=0)
    tied = counts == counts.max(axis=1, keepdims=True)
    return np.asarray(classes[np.where(tied, probabilities.mean(axis=0), -1.0).argmax(axis=1)])


def _name(score: Score) -> str:
    return f"{score.feature} + {score.classifier}"
