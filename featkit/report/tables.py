"""Comparisons as text: Markdown, LaTeX, CSV, and a dict for JSON."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from featkit.comparison.overview import Comparison
from featkit.report.labels import short_labels, short_texts
from featkit.results.scores import PAPER_PROTOCOLS

HEADER = (
    "Rank",
    "Feature",
    "Classifier",
    "Protocol",
    "Accuracy %",
    "95 % interval",
    "Runs",
    "Folds",
    "Macro-F1 %",
    "Remarks",
)
TESTS = ("A", "B", "Test", "A − B (points)", "p", "p (Holm)", "Remarks")
_CSV = [
    "dataset",
    "feature",
    "classifier",
    "protocol",
    "scheme",
    "rank",
    "mean",
    "std",
    "std_over",
    "ci95_low",
    "ci95_high",
    "ci95_method",
    "n_runs",
    "n_folds",
    "n_failed",
    "macro_accuracy",
    "macro_f1",
    "log_loss",
    "fit_seconds",
    "model_bytes",
    "marks",
    "notes",
]


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison in types that JSON has; numbers that are not finite become None."""
    whole = {
        name: getattr(comparison, name)
        for name in ("systems", "tests", "failures", "notes", "baseline")
    }
    finite: dict[str, Any] = _finite(
        whole | {"rankings": [asdict(ranking) for ranking in comparison.rankings]}
    )
    return finite


def markdown(comparison: Comparison) -> str:
    """Return one table of systems for each dataset, the tests of interest, failures and notes."""
    parts = []
    for dataset, rows in by_dataset(comparison):
        parts += [
            f"## {_cell(dataset)}",
            _markdown_table(HEADER, [system_cells(row) for row in shortened(comparison, rows)]),
        ]
    tests = chosen_tests(comparison)
    if tests:
        names = short_labels(comparison.members)
        parts += [
            f"### {title_of_tests(comparison)}",
            _markdown_table(TESTS, [cells_of_test(test, names) for test in tests]),
        ]
    if comparison.failures:
        parts += [
            "### Failed",
            "\n".join(f"- {_cell(failure_text(failure))}" for failure in comparison.failures),
        ]
    parts.append("\n".join(f"- {_cell(note)}" for note in remarks(comparison)))
    return "\n\n".join(parts) + "\n"


def latex(comparison: Comparison) -> str:
    """Return one ``tabular`` for each dataset, for the package booktabs, with its remarks below."""
    parts = []
    for dataset, rows in by_dataset(comparison):
        lines = [
            f"% {dataset}",
            r"\begin{tabular}{rlllrrrrrl}",
            r"\toprule",
            _latex_row(HEADER),
            r"\midrule",
        ]
        lines += [_latex_row(system_cells(row)) for row in shortened(comparison, rows)] + [
            r"\bottomrule",
            r"\end{tabular}",
        ]
        parts.append("\n".join(lines))
    tests = chosen_tests(comparison)
    if tests:
        names = short_labels(comparison.members)
        lines = [
            f"% {title_of_tests(comparison)}",
            r"\begin{tabular}{lllrrrl}",
            r"\toprule",
            _latex_row(TESTS),
            r"\midrule",
        ]
        parts.append(
            "\n".join(
                [
                    *lines,
                    *(_latex_row(cells_of_test(test, names)) for test in tests),
                    r"\bottomrule",
                    r"\end{tabular}",
                ]
            )
        )
    said = [
        *remarks(comparison),
        *(f"failed: {failure_text(failure)}" for failure in comparison.failures),
    ]
    parts.append(
        "\n".join(
            [r"\begin{itemize}", *(rf"\item {latex_text(line)}" for line in said), r"\end{itemize}"]
        )
    )
    return "\n\n".join(parts) + "\n"


def csv_text(comparison: Comparison) -> str:
    """Return a header and one row for each system; shares in 0–1, several remarks in a field parted
    by ``; ``.
    """
    target = io.StringIO()
    writer = csv.DictWriter(target, _CSV, lineterminator="\n")
    writer.writeheader()
    for row in comparison.systems:
        low, high = row["ci95"] or (None, None)
        flat = {**row, "ci95_low": low, "ci95_high": high}
        flat |= {name: "; ".join(row[name]) for name in ("marks", "notes")}
        writer.writerow({name: flat[name] for name in _CSV})
    return target.getvalue()


def by_dataset(comparison: Comparison) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows of each dataset, in the order of the comparison."""
    names = dict.fromkeys(row["dataset"] for row in comparison.systems)
    return [(name, [row for row in comparison.systems if row["dataset"] == name]) for name in names]


def shortened(comparison: Comparison, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with short feature and classifier texts; `full_texts` says what they stand
    for.
    """
    short = {
        name: short_texts(row[name] for row in comparison.systems)
        for name in ("feature", "classifier")
    }
    return [row | {name: short[name][row[name]] for name in short} for row in rows]


def full_texts(comparison: Comparison) -> list[str]:
    """Return ``short: full`` for every feature and classifier whose short name leaves something
    out.
    """
    short: dict[str, str] = {}
    for name in ("feature", "classifier"):
        short |= short_texts(row[name] for row in comparison.systems)
    return [f"{brief}: {text}" for text, brief in short.items() if brief != text]


def system_cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the texts of one system under `HEADER`."""
    spread = "" if row["std"] is None else f" ± {100 * row['std']:.1f} ({row['std_over']})"
    interval = f"[{100 * row['ci95'][0]:.1f}, {100 * row['ci95'][1]:.1f}]" if row["ci95"] else "–"
    rank = "–" if row["rank"] is None else str(row["rank"])
    accuracy, f1 = percent(row["mean"]) + spread, percent(row["macro_f1"])
    protocol = (
        f"{row['protocol']} (optimistic)" if row["protocol"] in PAPER_PROTOCOLS else row["protocol"]
    )
    marks = "; ".join(mark for mark in row["marks"] if mark != "optimistic")
    runs, folds = str(row["n_runs"]), str(row["n_folds"])
    return (
        rank,
        row["feature"],
        row["classifier"],
        protocol,
        accuracy,
        interval,
        runs,
        folds,
        f1,
        marks,
    )


def chosen_tests(comparison: Comparison) -> list[dict[str, Any]]:
    """Return the tests that a reader looks for: those against the baseline, else those against the
    best of each league.
    """
    if comparison.baseline is not None:
        return comparison.tests
    best = _firsts(comparison)
    return [
        test
        for test in comparison.tests
        if (test["dataset"], test["protocol"], test["scheme"], test["a"]) in best
    ]


def title_of_tests(comparison: Comparison) -> str:
    """Return what `chosen_tests` are."""
    if comparison.baseline is not None:
        return f"Tests against the baseline {comparison.baseline}"
    return "Tests against the best of each dataset and protocol"


def cells_of_test(test: dict[str, Any], names: dict[str, str]) -> tuple[str, ...]:
    """Return the texts of one test under `TESTS`, systems by their short names."""
    difference = "–" if test["difference"] is None else f"{100 * test['difference']:+.1f}"
    where = f"{test['test']} ({test['dataset']}, {test['protocol']})"
    return (
        names[test["a"]],
        names[test["b"]],
        where,
        difference,
        p_text(test["p"]),
        p_text(test["p_adjusted"]),
        test["note"],
    )


def remarks(comparison: Comparison) -> list[str]:
    """Return how to read the numbers, and every note of the comparison and of its systems."""
    said = [
        "accuracy: mean over folds, each fold weighted equally; ± standard deviation over seeds, or over folds of one seed"
    ]
    methods = dict.fromkeys(row["ci95_method"] for row in comparison.systems if row["ci95_method"])
    said += [f"95 % interval: {method}" for method in methods]
    said += [f"in full, {line}" for line in full_texts(comparison)]
    if comparison.tests:
        said.append("p (Holm): adjusted for all tests of one kind within a dataset and protocol")
    said += comparison.notes
    for note in dict.fromkeys(note for row in comparison.systems for note in row["notes"]):
        said.append(f"{note} ({_whose(comparison, note)})")
    return said


def failure_text(failure: dict[str, Any]) -> str:
    """Return one line about a cell that failed."""
    return (
        "{dataset}, {feature} + {classifier}, {protocol}, fold {fold}, seed {seed}: {error}".format(
            **failure
        )
    )


def percent(share: float | None) -> str:
    """Return a share as a percentage with one decimal."""
    return "–" if share is None else f"{100 * share:.1f}"


def p_text(p: float) -> str:
    """Return a p-value to three decimals, ``< 0.001`` below."""
    if math.isnan(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def latex_text(text: str) -> str:
    """Return ``text`` with everything escaped that LaTeX would read."""
    named = {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "→": r"$\to$",
        "±": r"$\pm$",
    }
    named |= {"<": r"$<$", ">": r"$>$", "−": "$-$", "–": "--"} | {
        sign: "\\" + sign for sign in "&%$#_{}"
    }
    return "".join(named.get(sign, sign) for sign in " ".join(text.split()))


def _firsts(comparison: Comparison) -> set[tuple[str, ...]]:
    found: dict[tuple[str, ...], str] = {}
    for row in comparison.systems:
        found.setdefault(
            (row["dataset"], row["protocol"], row["scheme"]),
            f"{row['feature']} + {row['classifier']}",
        )
    return {(*league, label) for league, label in found.items()}


def _whose(comparison: Comparison, note: str) -> str:
    having = [row for row in comparison.systems if note in row["notes"]]
    if len(having) == len(comparison.systems):
        return "all systems"
    named = [
        f"{row['dataset']}: {row['feature']} + {row['classifier']}, {row['protocol']}"
        for row in having[:3]
    ]
    return "; ".join(named) + (f" and {len(having) - 3} more" if len(having) > 3 else "")


def _markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    """Return ``text`` on one line, with the signs escaped that would end a cell or be read as
    emphasis, code or HTML.
    """
    return "".join("\\" + sign if sign in "\\|*`<" else sign for sign in " ".join(text.split()))


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(latex_text, cells)) + r" \\"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
