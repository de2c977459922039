"""What each block of a pre-trained backbone is worth [Palanisamy2020]: curves over its prefixes.

Weight fusion copies the stem and the blocks through one from the pre-trained net and draws the
rest; weight freeze leaves them as they are; cutoff removes what follows one. Each point is a
classifier ``net:…`` that `featkit.evaluation` measures too, so a curve is a grid of them.
"""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy import stats

from featkit.classifiers import make_classifier
from featkit.classifiers.base import identity
from featkit.errors import ParameterError
from featkit.evaluation import PRESCRIBED, Folding, Grid, measure
from featkit.evaluation.grid import Progress
from featkit.naming import spec
from featkit.nets import blocks, catalog
from featkit.results import read
from featkit.results.scores import Score
from featkit.store.table import Table

Study = Literal["weight-fusion", "freeze", "cutoff"]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Point:
    """One prefix.

    Attributes
    ----------
    level : str
        ``none``, ``stem``, ``block1`` …: the last block that is copied, frozen, or left.
    classifier : str
        What was measured, as results call it.
    accuracies : tuple of float
        One for each seed, in 0–1: the mean over its folds.
    mean : float
    interval : tuple of two floats, or None
        95 % interval of the mean over seeds (Student's t), with the clips as they are; None for a
        single seed.
    """

    level: str
    classifier: str
    accuracies: tuple[float, ...]
    mean: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Curve:
    """One study of one backbone on one table.

    Attributes
    ----------
    study : {"weight-fusion", "freeze", "cutoff"}
    dataset, feature : str
    folds : tuple of str
        Test folds that were measured.
    points : tuple of Point
        From the stem onwards.
    computed : int
        Cells that were computed now; the others were there.
    failed : tuple of str
        What failed, with the reason.
    """

    study: Study
    dataset: str
    feature: str
    folds: tuple[str, ...]
    points: tuple[Point, ...]
    computed: int
    failed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def classifiers(study: Study, classifier: str, levels: Sequence[str] = ()) -> dict[str, str]:
    """Return the classifier of each prefix by the name of its last block.

    The whole pre-trained net is ``classifier`` itself in all three studies (all blocks copied,
    none frozen, none removed), so results that hold it have it once.

    Parameters
    ----------
    study : {"weight-fusion", "freeze", "cutoff"}
    classifier : str
        ``net:arch=…,weights=…`` with a backbone whose blocks are known (`featkit.nets.blocks`).
    levels : sequence of str
        Which prefixes; by default all, for the cutoff all but the stem alone.

    Raises
    ------
    ParameterError
        If the classifier is no such net, is without weights, already has a part that is frozen,
        fused or cut, or has no such block.
    """
    arch, params = _checked(study, classifier)
    net = catalog.blank(arch, catalog.row_shape(arch), 2)
    own = blocks.levels(getattr(net, "net", net))
    allowed = own if study == "cutoff" else (blocks.NONE, *own)
    chosen = levels or (own[1:] if study == "cutoff" else allowed)
    unknown = [level for level in chosen if level not in allowed]
    if unknown:
        raise ParameterError(
            f"{study} of {arch} has no prefix {', '.join(unknown)}; it has {', '.join(allowed)}"
        )
    whole = blocks.NONE if study == "freeze" else own[-1]
    return {
        level: classifier if level == whole else _changed(study, classifier, params, level)
        for level in allowed
        if level in chosen
    }


def curve(
    table: Table,
    study: Study,
    classifier: str,
    results: str | os.PathLike[str],
    *,
    levels: Sequence[str] = (),
    seeds: int = 3,
    folding: Folding = PRESCRIBED,
    progress: Progress | None = None,
) -> Curve:
    """Return the accuracy of each prefix, measured under the protocol ``nested``.

    Every cell is appended to ``results`` as soon as it is there, and cells that are there are not
    run again: a study that was stopped goes on, and studies that share a file share the whole net.

    Parameters
    ----------
    table : Table
        Rows that the backbone reads.
    study, classifier, levels
        As `classifiers`.
    results : path
        JSON lines, as those of `featkit.evaluation.measure`.
    seeds : int
        Seeds of each prefix: 0 … seeds − 1.
    folding : Folding
        How folds are made and which are measured.
    progress : callable, optional
        As in `featkit.evaluation.measure`.

    Raises
    ------
    ParameterError, DatasetError
        As `classifiers` and `featkit.evaluation.measure`, before anything runs.
    """
    texts = classifiers(study, classifier, levels)
    for text in texts.values():
        make_classifier(text)
    grid = Grid(classifiers=tuple(texts.values()), seeds=seeds, folding=folding)
    measured = measure([(lambda: (table, None), grid)], results, progress=progress)
    cells = set(measured.cells)
    scores = [score for score in read(results) if score.cell in cells]
    good = [score for score in scores if not score.error]
    points = [_point(level, identity(text), good) for level, text in texts.items()]
    return Curve(
        study=study,
        dataset=table.dataset,
        feature=table.feature,
        folds=tuple(dict.fromkeys(score.fold for score in scores)),
        points=tuple(point for point in points if point is not None),
        computed=len(measured.computed),
        failed=tuple(f"{s.classifier}, fold {s.fold}: {s.error}" for s in measured.failed),
    )


def _checked(study: Study, classifier: str) -> tuple[str, dict[str, str]]:
    """Return the backbone of a classifier and its parameters."""
    if study not in get_args(Study):
        raise ParameterError(f"study={study!r} is not one of {', '.join(get_args(Study))}")
    name, params = spec.parse(classifier)
    arch = params.get("arch", "")
    taken = [key for key in ("prefix", "freeze") if key in params]
    if name != "net" or not arch or taken or "cut" in catalog.parse(arch)[1]:
        raise ParameterError(
            f"{classifier!r}: a study of prefixes starts from net:arch=BACKBONE,weights=FILE, "
            "without prefix, freeze and cut, which it sets itself"
        )
    if params.get("weights", "none") == "none":
        raise ParameterError(f"{classifier!r} has no weights=FILE: nothing to transfer")
    if catalog.family(arch) != "torchvision":
        raise ParameterError(f"{arch}: blocks are known of torchvision's nets only")
    catalog.check(arch)
    return arch, params


def _changed(study: Study, classifier: str, params: dict[str, str], level: str) -> str:
    if study == "cutoff":
        arch = params["arch"] + ("," if ":" in params["arch"] else ":") + f"cut={level}"
        items = {**params, "arch": arch}
        return "net:" + ",".join(
            f"{key}=({value})" if set(value) & set(",:=") else f"{key}={value}"
            for key, value in items.items()
        )
    key = "freeze" if study == "freeze" else "prefix"
    return f"{classifier},{key}={level}"


def _point(level: str, text: str, scores: Sequence[Score]) -> Point | None:
    """Return the point of a prefix; None where all of its cells failed."""
    by_seed: dict[int, list[float]] = {}
    for score in scores:
        if score.classifier == text and score.accuracy is not None:
            by_seed.setdefault(score.seed, []).append(score.accuracy)
    if not by_seed:
        return None
    values = [float(np.mean(by_seed[seed])) for seed in sorted(by_seed)]
    return Point(level, text, tuple(values), float(np.mean(values)), t_interval(values))


def t_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return Student's 95 % interval of a mean; None for fewer than two values."""
    n = len(values)
    if n < 2:
        return None
    half = stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * np.std(values, ddof=1) / np.sqrt(n)
    return float(np.mean(values) - half), float(np.mean(values) + half)
