"""Make the table of all systems tried on ESC-10: ``python benchmarks/headline/page.py``.

Reads the stored results of this folder and of ``papers/`` and what a clip costs (``cost.json``).
Writes ``section.md`` (every system, failures included), ``cost.svg``, and the table in README.md.
"""

import json
import re
from collections.abc import Iterable
from math import fsum
from pathlib import Path
from typing import Any

from featkit.comparison.overview import compare
from featkit.report.costs import Point, draw
from featkit.results import Score, read
from featkit.results.fusion import FUSED

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LEAGUE = ("esc10", "nested", "official folds")
# The best before random filters, and the best single system: what stacks and copies must beat.
EARLIER = "ensemble:members=svm+elm"
SINGLE = "random_filters + ridge"
READOUTS = ("ridge", "svm", "elm")
# What README shows whatever it gives.
COMMON = ("logmel", "mfcc", "mfcc_stats", "gammatone", "cqt", "random_cnn", "rocket")
COMMON += ("descriptors:Descriptors",)
COLUMNS = (
    "Rank",
    "Feature",
    "Classifier",
    "Accuracy %",
    "95 % interval",
    "Log loss",
    "CPU s a clip",
    "× mfcc_stats",
    "s to fit",
    "Remarks",
)
HEAD = """## headline

Every system that was tried on ESC-10 without outside data and without a trained net, failures
included: official folds, nested selection. CPU seconds are those of one thread for a clip of
5 s with decoding, on a machine that did much else; the ratio to `mfcc_stats` says more. Seconds
to fit are of one fold, selection included, on the same machine; those of a fusion are its
members' together, and a clip costs what its members with any weight need. In the interval,
clips of one recording count together where predictions are stored beside the results.
""".splitlines()
TESTED = """The ten systems with the highest accuracy, against the best system before random filters
and the best single one. The ten are chosen by the numbers that are tested, of all these systems,
which favours them; of features with seeds, seed 0. Over folds: corrected resampled t-test. Over
clips, where predictions are stored beside the results: paired permutation, or McNemar's exact test.
Holm's p is over the ten.""".splitlines()
BEGIN, END = "<!-- results: ESC-10, nested -->", "<!-- end of results -->"


def results() -> list[Score]:
    """Return the stored scores of ESC-10 under nested selection; the last of a cell counts."""
    places = [*sorted((HERE.parent / "papers").glob("*.jsonl")), *sorted(HERE.glob("*.jsonl"))]
    cells = {score.cell: score for place in places for score in read(place)}
    return [
        score
        for score in cells.values()
        if (score.dataset, score.protocol, score.scheme) == LEAGUE
        and not ("net:" in score.classifier or score.classifier == "net")
    ]


def costs() -> dict[str, dict[str, float]]:
    """Return what a clip costs, by feature."""
    known: dict[str, dict[str, float]] = json.loads((HERE / "cost.json").read_text())
    return known


def cost_of(features: Iterable[str], known: dict[str, dict[str, float]]) -> float | None:
    """Return the CPU seconds of a new clip for some features; None where one was not measured.

    What several of them need is computed once. Copies cost nothing unless they vote.
    """
    names = {name.partition(":")[0] for name in known}
    stored = {part for feature in features for part in _needed(feature, names)}
    values = [known.get(unseeded(part), {}).get("cpu_seconds") for part in sorted(stored)]
    return None if None in values else fsum(value for value in values if value)


def _needed(feature: str, names: set[str]) -> list[str]:
    copies = re.fullmatch(r"copies:of=\(?([^()]*?)\)?,n=(\d+)(,tta=true)?.*", feature)
    if not copies:
        return _parts(feature, names)
    own = _parts(copies[1], names)
    numbers = range(1, int(copies[2]) + 1) if copies[3] else ()
    return own + [f"altered:of={part},seed={number}" for part in own for number in numbers]


def _parts(feature: str, names: set[str]) -> list[str]:
    """Return the texts that ``+`` joins: it separates where a name follows whose cost is known."""
    joined: list[str] = []
    for piece in feature.split("+"):
        if joined and piece.partition(":")[0] not in names:
            joined[-1] += f"+{piece}"
        else:
            joined.append(piece)
    return joined


def unseeded(feature: str) -> str:
    """Return the text of a feature without its seed."""
    return re.sub(r"[:,]seed=\d+(?=[+,)]|$)", "", re.sub(r"(?<=:)seed=\d+,", "", feature))


def members(scores: Iterable[Score]) -> dict[tuple[str, str], list[str]]:
    """Return the features of each fusion's members, without those of no weight in any fold."""
    used: dict[tuple[str, str], dict[str, None]] = {}
    for score in (score for score in scores if score.classifier.startswith(FUSED)):
        one = used.setdefault((score.feature, score.classifier), {})
        names = score.params["members"]
        weights = score.params.get("weights", [1.0] * len(names))
        for name, weight in zip(names, weights, strict=True):
            if weight > 0:
                one[name.rpartition(" + ")[0]] = None
    return {system: list(features) for system, features in used.items()}


def section(scores: list[Score]) -> str:
    """Return the page of all systems with intervals, times and tests."""
    found = compare(scores, baseline=None)
    known = costs()
    fused = members(scores)
    lines = [*HEAD, "", *_columns(COLUMNS)]
    unit = known["mfcc_stats"]["cpu_seconds"]
    for row in found.systems:
        parts = fused.get((row["feature"], row["classifier"]), [row["feature"]])
        lines.append(_line(row, cost_of(parts, known), unit))
    lines += ["", *_tests(scores), "", *_failures(found.failures)]
    return "\n".join(lines).rstrip() + "\n"


def _columns(names: Iterable[str]) -> list[str]:
    names = list(names)
    return [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]


def _line(row: dict[str, Any], cost: float | None, unit: float) -> str:
    mean = "–" if row["mean"] is None else f"{100 * row['mean']:.2f}"
    interval = (
        "–" if row["ci95"] is None else "{:.1f}–{:.1f}".format(*(100 * x for x in row["ci95"]))
    )
    loss = "–" if row["log_loss"] is None else f"{row['log_loss']:.3f}"
    seconds = "–" if row["fit_seconds"] is None else f"{row['fit_seconds']:.2f}"
    clip = ("–", "–") if cost is None else (f"{cost:.3f}", f"{cost / unit:.0f}")
    seeds = [f"{row['n_runs']} seeds"] if row["n_runs"] > 1 else []
    names = [f"`{row[name]}`".replace("|", "\\|") for name in ("feature", "classifier")]
    cells = [row["rank"] or "–", *names, mean, interval, loss, *clip, seconds]
    return f"| {' | '.join(map(str, cells))} | {'; '.join([*seeds, *row['marks']])} |"


def _tests(scores: Iterable[Score]) -> list[str]:
    """Return the tests of the ten best systems against the two that were best before."""
    everything = [score for score in scores if "seed=" not in score.feature]
    lines = [*TESTED, "", *_columns(("System", "Against", "Points", "Test", "p", "p (Holm)"))]
    whole = compare(everything)
    best = [f"{row['feature']} + {row['classifier']}" for row in whole.systems[:10]]
    for base in (row for row in whole.systems if _is_base(row)):
        label = f"{base['feature']} + {base['classifier']}"
        chosen = [s for s in everything if f"{s.feature} + {s.classifier}" in {*best, label}]
        pooled = {f"{s.feature} + {s.classifier}" for s in chosen}
        if label not in pooled:
            continue
        for test in compare(chosen, baseline=label).tests:
            name, sign = test["b"].replace("|", "\\|"), -1
            points = f"{100 * sign * test['difference']:+.2f}"
            cells = [name, _short(label), points, test["test"]]
            cells += [f"{test[key]:.3f}" for key in ("p", "p_adjusted")]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _is_base(row: dict[str, Any]) -> bool:
    return row["classifier"] == EARLIER or f"{row['feature']} + {row['classifier']}" == SINGLE


def _short(label: str) -> str:
    return label if len(label) < 60 else "eight features + " + label.rpartition(" + ")[2]


def _failures(failures: list[dict[str, Any]]) -> list[str]:
    if not failures:
        return ["No fold of any system failed."]
    return [
        "Folds that failed:",
        "",
        *(
            f"* {one['feature']} + {one['classifier']}, fold {one['fold']}: {one['error']}"
            for one in failures
        ),
    ]


def by_feature(scores: Iterable[Score]) -> dict[str, dict[str, list[float]]]:
    """Return the mean accuracy of each seed of each feature, by feature (seeds apart) and readout.

    Only features whose cost was measured, with classifiers of `READOUTS` and all five folds.
    """
    folds: dict[tuple[str, str, str], list[float]] = {}
    for score in scores:
        if score.classifier in READOUTS and score.accuracy is not None:
            name = unseeded(score.feature)
            folds.setdefault((name, score.feature, score.classifier), []).append(score.accuracy)
    known = costs()
    table: dict[str, dict[str, list[float]]] = {}
    for (name, _, classifier), values in sorted(folds.items()):
        if len(values) == 5 and cost_of([name], known) is not None:
            table.setdefault(name, {}).setdefault(classifier, []).append(mean(values))
    return table


def mean(values: list[float]) -> float:
    """Return the mean, the same on every version of Python."""
    return fsum(values) / len(values)


def readme(scores: list[Score]) -> str:
    """Return README's table: what features cost and what three classifiers make of them."""
    known, table = costs(), by_feature(scores)
    table = {name: table[name] for name in _chosen(table, known)}
    unit = known["mfcc_stats"]["cpu_seconds"]
    lines = [
        "| feature | CPU s a clip | × `mfcc_stats` | `ridge` % | `svm` % | `elm` % |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    order = sorted(table, key=lambda name: cost_of([name], known) or 0.0)
    for name in order:
        cost = cost_of([name], known) or 0.0
        means = [mean(table[name][one]) if one in table[name] else 0.0 for one in READOUTS]
        cells = [f"{100 * value:.2f}" if value else "–" for value in means]
        cells = [
            f"**{cell}**" if value == max(means) else cell
            for cell, value in zip(cells, means, strict=True)
        ]
        counts = sorted({len(values) for values in table[name].values()})
        seeds = "–".join(map(str, dict.fromkeys((counts[0], counts[-1]))))
        text = f"`{name}`" + (f", {seeds} seeds" if counts[-1] > 1 else "")
        lines.append(f"| {text} | {cost:.3f} | {cost / unit:.0f} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_stacks(scores)])


def _chosen(
    table: dict[str, dict[str, list[float]]], known: dict[str, dict[str, float]]
) -> list[str]:
    """Return the features that README shows: the common ones, and all that no cheaper one beats."""
    best, chosen = 0.0, []
    for name in sorted(table, key=lambda name: cost_of([name], known) or 0.0):
        accuracy = max(map(mean, table[name].values()))
        if not name.startswith("copies:") and (name in COMMON or accuracy > best):
            chosen.append(name)
            best = max(best, accuracy)
    return chosen


def _stacks(scores: Iterable[Score]) -> list[str]:
    """Return a table of the fusions: the set of systems, and the accuracy by each rule."""
    rules: dict[str, dict[str, list[float]]] = {}
    numbers: dict[str, int] = {}
    for score in scores:
        if score.classifier.startswith(FUSED) and score.accuracy is not None:
            rule = score.params["rule"]
            rules.setdefault(score.feature, {}).setdefault(rule, []).append(score.accuracy)
            numbers[score.feature] = len(score.params["members"])
    lines = [
        "| several systems as one, weights from inner predictions | systems | `stack` % |"
        " `stack_product` % | `mean` %, no weights |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, by_rule in sorted(rules.items(), key=lambda item: -numbers[item[0]]):
        cells = [f"{100 * mean(by_rule[rule]):.2f}" for rule in ("stack", "stack_product", "mean")]
        lines.append(f"| {name} | {numbers[name]} | {' | '.join(cells)} |")
    return lines


def figure(scores: list[Score]) -> str:
    """Return the figure: each feature, and two side by side, with the best of the classifiers."""
    known, points = costs(), []
    names = {name.partition(":")[0] for name in known}
    for name, readouts in by_feature(scores).items():
        cost = cost_of([name], known)
        if cost and not name.startswith("copies:") and len(_parts(name, names)) < 3:
            accuracy = max(mean(values) for values in readouts.values())
            points.append(Point(_brief(name), cost, accuracy))
    return draw(points, "CPU seconds a clip of 5 s, one thread", "accuracy on ESC-10, %")


def _brief(name: str) -> str:
    """Return a shorter name for the figure."""
    name = name.replace("random_cnn:arch=", "").replace("descriptors:Descriptors", "descriptors")
    return name.replace(":pool=mean+std+max+ppv", ", 4 poolings").replace(":on=", ", ")


def main() -> None:
    """Write the section, the figure and README's table."""
    scores = results()
    (HERE / "section.md").write_text(section(scores), encoding="utf-8")
    (HERE / "cost.svg").write_text(figure(scores) + "\n", encoding="utf-8")
    place = ROOT / "README.md"
    text = place.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    place.write_text(f"{before}{BEGIN}\n{readme(scores)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
