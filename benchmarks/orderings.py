"""The orderings of random nets that [Pons2019] claims, on ESC-10.

Usage: ``python benchmarks/orderings.py RESULTS.jsonl``.
"""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from featkit.comparison.statistics.runs import one_sample, student
from featkit.features import get_feature
from featkit.results import read


class Claim(NamedTuple):
    """A is better than B, with the classifiers and on the corpora that the paper names."""

    a: str
    b: str
    where: str


CLAIMS = (
    Claim("sample_level", "frame_level_many", "all three, p ≪ 0.05"),
    Claim("frame_level_many", "frame_level", "all three"),
    Claim(
        "7x86",
        "7x96",
        "GTZAN by SVM, p < 0.05 (equal by ELM); Ballroom, p < 0.05; UrbanSound8K, p < 0.075",
    ),
    Claim("timbral_temporal", "vgg", "GTZAN by ELM, large, p = 0.017 (otherwise equal)"),
    Claim("vgg", "timbral_time", "UrbanSound8K, p ≪ 0.05"),
    Claim("temporal", "timbral_temporal", "Ballroom, p ≪ 0.05: its classes are tempi"),
    Claim("vgg", "mfcc_stats", "GTZAN, p < 0.05"),
    Claim("timbral_temporal", "mfcc_stats", "GTZAN, p < 0.05"),
)


def accuracies(path: Path) -> dict[tuple[str, str, str], list[float]]:
    """Return the mean accuracy over folds, a list over seeds for each (architecture, size,
    classifier).

    Runs with ``mode=as_coded`` are left out.
    """
    cells: dict[tuple[str, str, str, int], list[float]] = {}
    for score in read(path):
        if score.error or score.accuracy is None:
            continue
        params = get_feature(score.feature).params()
        if params.get("mode", "paper") != "paper":
            continue
        arch, size = str(params.get("arch", "mfcc_stats")), str(params.get("size", ""))
        cells.setdefault((arch, size, score.classifier, int(params.get("seed", 0))), []).append(
            score.accuracy
        )  # type: ignore[call-overload]
    runs: dict[tuple[str, str, str], list[float]] = {}
    for (arch, size, classifier, _), folds in sorted(cells.items()):
        runs.setdefault((arch, size, classifier), []).append(float(np.mean(folds)))
    return runs


def table(path: Path) -> list[str]:
    """Return a Markdown table of each claim and its outcome: A − B in points, and p of the paper's
    test over seeds.
    """
    runs = accuracies(path)
    lines = [
        "| A > B | claimed on | small, SVM | small, ELM | large, SVM | large, ELM |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for claim in CLAIMS:
        outcomes = [
            _outcome(runs, claim, size, name)
            for size in ("small", "large")
            for name in ("svm", "elm")
        ]
        lines.append(f"| {claim.a} > {claim.b} | {claim.where} | {' | '.join(outcomes)} |")
    return [
        *lines,
        "",
        "A − B in points of accuracy, nested, five folds. Small: means of three seeds, and p of",
        "a two-sided t-test over seeds, as in the paper (one-sample against the MFCC",
        "statistics, which have no seed). With three seeds the test has little power; p is not",
        "corrected for the number of comparisons. Large: one seed, so no test. **Bold**: the",
        "claimed direction with p < 0.05.",
    ]


def _outcome(
    runs: dict[tuple[str, str, str], list[float]], claim: Claim, size: str, classifier: str
) -> str:
    a = runs.get((claim.a, size, classifier), [])
    b = runs.get((claim.b, "" if claim.b == "mfcc_stats" else size, classifier), [])
    if not a or not b:
        return "–"
    difference = 100 * (float(np.mean(a)) - float(np.mean(b)))
    if len(a) < 2:
        return f"{difference:+.1f}"
    test: Any = one_sample(a, b[0]) if len(b) == 1 else student(a, b)
    text = (
        f"{difference:+.1f}, p = {test.p:.3f}"
        if test.p >= 0.001
        else f"{difference:+.1f}, p < 0.001"
    )
    return f"**{text}**" if difference > 0 and test.p < 0.05 else text


if __name__ == "__main__":
    print("\n".join(table(Path(sys.argv[1]))))
