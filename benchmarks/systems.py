"""Make docs/systems.md from systems.yaml: ``python benchmarks/systems.py``.

Figures are read from the results that an entry points to; nothing is typed twice.
"""

import csv
import json
import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent
STATES = ("works", "in part", "planned")
DEVIATION = "deviation of "
METRICS = {"accuracy": "accuracy", "log loss": "log_loss", "macro accuracy": "macro_accuracy"}
# What must stand beside every comparison with the table of task 1A.
DOUBT = (
    "The paper compares task 1A with a baseline of 54.1 % on all devices. By its repository its "
    "own numbers are those of device A, where the baseline has 70.6 % "
    '(`featkit compare RESULTS --clips "*-a"`). '
    "The published log losses of SPSMF and SPSMT are those of the last decision, not of the "
    "average (`average=last`). Sizes count the weights of convolutions and linear layers only, in "
    "MiB, rounded."
)
NOTES = {"Acoustic scenes": DOUBT}


@dataclass(frozen=True)
class System:
    """One entry of systems.yaml; its fields are described there."""

    key: str
    name: str
    state: str
    commands: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    measured: tuple[dict[str, str], ...] = ()
    missing: str = ""
    about: str = ""

    @property
    def figures(self) -> list[str]:
        """Every figure of ours, with its kind and note."""
        return [_figure(entry) for entry in self.measured]

    @property
    def published(self) -> list[dict[str, str]]:
        """The rows of published.csv that name the system."""
        return [row for row in published() if self.key in row["ids"].split()]


def chapters() -> dict[str, list[System]]:
    """Return the systems of each chapter."""
    text = (HERE / "systems.yaml").read_text(encoding="utf-8")
    return {
        title: [_system(key, entry) for key, entry in entries.items()]
        for title, entries in yaml.safe_load(text).items()
    }


def _system(key: str, entry: dict[str, Any]) -> System:
    lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return System(key, **{**entry, **lists})


@cache
def published() -> list[dict[str, str]]:
    """Return the figures of the papers."""
    with open(HERE / "papers" / "published.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figure(entry: dict[str, str]) -> str:
    """Return the figure that an entry of ``measured`` points to, as text.

    Raises
    ------
    LookupError
        If the file has no such figure.
    """
    path = ROOT / entry["from"]
    if path.suffix == ".jsonl":
        return _mean(path, entry)
    if path.suffix == ".md":
        return _cell(path, entry["row"], entry["column"])
    value = json.loads(path.read_text(encoding="utf-8"))
    for step in entry["at"].split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return f"{100 * value:.1f}" if entry.get("unit") == "points" else f"{value:.3g}"


def _mean(path: Path, entry: dict[str, str]) -> str:
    """Return the mean of a metric over folds and runs, or the deviation of the runs' means over
    folds, and what it is of.
    """
    metric = METRICS[entry["kind"].partition(",")[0].removeprefix(DEVIATION)]
    # A fusion has a name in place of a feature.
    fused = entry["classifier"].startswith("fusion:")
    features = {entry["feature"]} if fused else set(_canonical(entry["feature"]))
    rows = [
        row
        for row in _scores(path)
        if row["feature"] in features and row["classifier"] == entry["classifier"]
    ]
    if {row["feature"] for row in rows} != features or any(row["error"] for row in rows):
        raise LookupError(f"{path.name} lacks {entry['feature']} + {entry['classifier']}")
    if len({(row["dataset"], row["protocol"], row["scheme"]) for row in rows}) > 1:
        raise LookupError(f"{path.name}: {entry['classifier']} was measured in several ways")
    value = statistics.mean(row[metric] for row in rows)
    if entry["kind"].startswith(DEVIATION):
        value = statistics.stdev(
            statistics.mean(row[metric] for row in rows if row["seed"] == seed)
            for seed in {row["seed"] for row in rows}
        )
    folds, runs = (len({row[key] for row in rows}) for key in ("fold", "seed"))
    runs *= len(features)
    text = f"{value:.3f}" if metric == "log_loss" else f"{100 * value:.1f} %"
    parts = [rows[0]["protocol"], f"{folds} folds" if folds > 1 else f"fold {rows[0]['fold']}"]
    parts += [f"{runs} runs"] if runs > 1 else []
    return f"{text} on {rows[0]['dataset']} ({', '.join(parts)})"


def _canonical(feature: str) -> Iterator[str]:
    from featkit.features import get_feature
    from featkit.naming.spec import expand_ranges

    for text in expand_ranges(feature):
        yield get_feature(text).canonical


@cache
def _scores(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _cell(path: Path, row: str, column: str) -> str:
    """Return a cell of the first table of a page that has such a row and column."""
    heads: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`*") for cell in line.strip("| ").split("|")]
        if not line.startswith("|"):
            heads = []
        elif not heads:
            heads = cells
        elif cells[0] == row and column in heads:
            return cells[heads.index(column)]
    raise LookupError(f"{path.name} has no row {row!r} with a column {column!r}")


def _figure(entry: dict[str, str]) -> str:
    unit, note = entry.get("unit", ""), entry.get("note", "")
    text = " ".join(filter(None, (entry["kind"], figure(entry), unit)))
    return f"{text}; {note}" if note else text


def page() -> str:
    """Return docs/systems.md."""
    lines = [
        "# Systems of the papers",
        "",
        "Made by `benchmarks/systems.py` from `benchmarks/systems.yaml`: every system of the five "
        "papers that featkit is made for, with the commands that run it, the tests that hold it, "
        "the figures measured here and those published. A test runs the commands on a few clips.",
        "",
        "The papers: ImageNet-pretrained CNNs on log-mels [Palanisamy2020], spectrogram processing "
        "for acoustic scenes [Wang2020], randomly weighted CNNs [Pons2019], domain knowledge in "
        "end-to-end audio [Tax2017], and deep learning for instruments [InstrumentsReport]; see "
        "[references](references.md). Ids are used on these pages only.",
        "",
        "*works*: has commands, tests and, where the paper has a figure, one of ours. *in part*: "
        "something is missing, which the system says. *planned*: nothing runs yet. Figures of "
        "ours are not of the papers' data, so they are no replication: accuracies are those of "
        "`benchmarks/papers/`, most of them on ESC-10, which is easier. `esc10:ESC-50` reads "
        "the ten classes from a folder with ESC-50.",
    ]
    for title, systems in chapters().items():
        lines += ["", f"## {title}", ""]
        if title in NOTES:
            lines += [NOTES[title], ""]
        lines += ["| id | system | measured here | state |", "|---|---|---|---|"]
        lines += [
            f"| {system.key} | {system.name} | {_first(system)} | {system.state} |"
            for system in systems
        ]
        for system in systems:
            lines += ["", *_details(system)]
    return "\n".join(lines) + "\n"


def _first(system: System) -> str:
    return system.figures[0].partition(";")[0] if system.measured else "–"


def _details(system: System) -> list[str]:
    if system.state == "planned":
        return [f"### {system.key}: {system.name}", "", "Planned.", *_table(system.published)]
    lines = [f"### {system.key}: {system.name}", ""]
    lines += [system.about, ""] if system.about else []
    lines += [*_fences(system.commands), ""]
    lines += [f"In part: {system.missing}.", ""] if system.missing else []
    lines += [
        f"* {text}: {_source(e)}" for text, e in zip(system.figures, system.measured, strict=True)
    ]
    names = [f"`{test.removeprefix('tests/').replace('.py::', ' ')}`" for test in system.tests]
    lines.append(f"* tests: {', '.join(names)}")
    return [*lines, *_table(system.published)]


def _source(entry: dict[str, str]) -> str:
    texts = [entry[key] for key in ("feature", "classifier", "row", "column", "at") if key in entry]
    return ", ".join(f"`{text}`" for text in (*texts, entry["from"]))


def _fences(commands: tuple[str, ...]) -> list[str]:
    """Return the commands in fences, one for each run of lines of one language."""
    lines: list[str] = []
    language = ""
    for command in commands:
        kind = "sh" if command.startswith("featkit ") else "python"
        if kind != language:
            lines += ["```", ""] if language else []
            lines.append(f"```{kind}")
            language = kind
        lines.append(command)
        if re.match("import |from ", command):
            lines.append("")  # As the formatter of code has it.
    return [*lines, "```"]


def _table(rows: list[dict[str, str]]) -> list[str]:
    """Return the published figures as a table; those that differ in the metric only share a row."""
    if not rows:
        return []
    merged: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("system", "dataset", "protocol", "source", "remark"))
        merged.setdefault(key, []).append(_quoted(row))
    head = [
        "",
        "| published | data | protocol | figure | known about it |",
        "|---|---|---|---|---|",
    ]
    return [
        *head,
        *(
            f"| {system} [{source}] | {dataset} | {protocol} | {', '.join(texts)} | {remark} |"
            for (system, dataset, protocol, source, remark), texts in merged.items()
        ),
    ]


def _quoted(row: dict[str, str]) -> str:
    kind, percent, _ = row["metric"].partition(" %")
    spread = f" ± {row['spread']}" if row["spread"] else ""
    return f"{kind} {row['value']}{spread}{percent}"


if __name__ == "__main__":
    (ROOT / "docs" / "systems.md").write_text(page(), encoding="utf-8")
