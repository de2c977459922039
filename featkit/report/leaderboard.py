"""The tables of the report: systems with their intervals, and the tests between them.

Columns of the systems sort by click or key.
"""

from collections.abc import Sequence
from typing import Any

from featkit.comparison.findings import Findings
from featkit.comparison.systems import System
from featkit.comparison.text.cells import TESTS, VARIANCE, pair_cells, percent, variance_cells
from featkit.comparison.text.remarks import chosen_tests, title_of_tests
from featkit.report.figures import Scale, interval_strip
from featkit.report.markup import Html, join, scroll, tag

_COLUMNS = (
    "Rank",
    "System",
    "Accuracy",
    "± std",
    "95 % interval",
    "Runs",
    "Folds",
    "UAR",
    "Macro-F1",
    "Log loss",
    "Fit s",
    "Model",
)


def leaderboard(
    members: Sequence[tuple[System, dict[str, Any]]], scale: Scale, names: dict[str, str]
) -> Html:
    """Return the sortable table of the systems of one dataset."""
    head = tag("tr", *(_sortable(text) for text in _COLUMNS))
    body = [_row(system, row, scale, names) for system, row in members]
    note = tag(
        "p",
        "Metrics in percent, folds weighted equally. Press a heading to sort by its column.",
        class_="note",
    )
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="board sortable")
    return join(note, scroll(table, "Leaderboard"))


def differences_table(findings: Findings, names: dict[str, str]) -> Html:
    """Return the tests against the baseline or the best system."""
    tests = chosen_tests(findings)
    if not tests:
        return tag("p", "There is only one system, so there is nothing to test.")
    rows = [
        _outcome(pair_cells(test, names), (test["a"], test["b"]), test["p_adjusted"])
        for test in tests
    ]
    table = tag("table", tag("thead", _head(TESTS, 3)), tag("tbody", *rows), class_="plain")
    return join(tag("h3", title_of_tests(findings)), scroll(table, "Tests"))


def variance_table(findings: Findings, names: dict[str, str]) -> Html:
    """Return the analyses of variance over runs; nothing where there is none."""
    if not findings.variance:
        return Html("")
    rows = [
        _outcome(variance_cells(test, names), (", ".join(test["systems"]),), test["p_adjusted"])
        for test in findings.variance
    ]
    table = tag("table", tag("thead", _head(VARIANCE, 2)), tag("tbody", *rows), class_="plain")
    return join(tag("h3", "Analysis of variance over runs"), scroll(table, "Analysis of variance"))


def _head(texts: Sequence[str], first_number: int) -> Html:
    """Return the headings of a table of tests: names, three numbers, remarks."""
    return tag(
        "tr",
        *(
            tag("th", text, scope="col", class_="num" if 0 <= at - first_number < 3 else None)
            for at, text in enumerate(texts)
        ),
    )


def _outcome(cells: Sequence[str], labels: Sequence[str], p_adjusted: float) -> Html:
    """Return one row: names with their full ``labels`` on hover, the test, numbers, the remark."""
    *named, test, number, p, adjusted, note = cells
    significant = "num significant" if p_adjusted < 0.05 else "num"
    return tag(
        "tr",
        *(tag("td", name, title=label) for name, label in zip(named, labels, strict=True)),
        tag("td", test),
        tag("td", number, class_="num"),
        tag("td", p, class_="num"),
        tag("td", adjusted, class_=significant),
        tag("td", note, class_="note"),
    )


def badges(system: System) -> Html:
    """Return what must stand beside every number of a system."""
    return join(*(tag("span", mark, class_="badge") for mark in system.marks))


def _row(system: System, row: dict[str, Any], scale: Scale, names: dict[str, str]) -> Html:
    named = [tag("strong", names[system.label]), badges(system)]
    low = row["ci95"][0] if row["ci95"] else None
    std = (
        "–"
        if row["std"] is None
        else tag("span", percent(row["std"]), title=f"over {row['std_over']}")
    )
    cells = [
        _number(
            "–" if row["rank"] is None else str(row["rank"]),
            1e9 if row["rank"] is None else row["rank"],
        ),
        tag("th", *named, scope="row", title=system.label, data_value=names[system.label]),
        _number(tag("b", percent(row["mean"])), row["mean"]),
        _number(std, row["std"]),
        tag(
            "td",
            _interval_text(row),
            interval_strip(system, scale),
            data_value=-1 if low is None else low,
            class_="interval",
        ),
        _number(row["n_runs"], row["n_runs"]),
        _number(row["n_folds"], row["n_folds"]),
        _number(percent(row["macro_accuracy"]), row["macro_accuracy"]),
        _number(percent(row["macro_f1"]), row["macro_f1"]),
        _number("–" if row["log_loss"] is None else f"{row['log_loss']:.3f}", row["log_loss"]),
        _number(
            "–" if row["fit_seconds"] is None else f"{row['fit_seconds']:.2f}", row["fit_seconds"]
        ),
        _number(_bytes(row["model_bytes"]), row["model_bytes"]),
    ]
    return tag("tr", *cells, class_="apart" if system.marks else None)


def _interval_text(row: dict[str, Any]) -> Html:
    return tag(
        "span", f"{100 * row['ci95'][0]:.1f} – {100 * row['ci95'][1]:.1f}" if row["ci95"] else "–"
    )


def _sortable(text: str) -> Html:
    return tag("th", tag("button", text, type="button"), scope="col")


def _number(shown: object, value: float | None) -> Html:
    return tag("td", shown, class_="num", data_value=-1 if value is None else value)


def _bytes(size: float | None) -> str:
    if not size:
        return "–"
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
