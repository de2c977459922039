"""The tables of the report: systems with their intervals, and the tests between them. Columns sort
by click or key.
"""

from collections.abc import Sequence
from typing import Any

from featkit.comparison.overview import Comparison
from featkit.comparison.systems import System
from featkit.report.figures import Scale, interval_strip
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.tables import TESTS, cells_of_test, chosen_tests, percent, title_of_tests

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
        "Shares in percent, folds weighted equally. A press on a heading sorts by its column.",
        class_="note",
    )
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="board sortable")
    return join(note, scroll(table, "Leaderboard"))


def differences_table(comparison: Comparison, names: dict[str, str]) -> Html:
    """Return the tests against the baseline or the best system."""
    tests = chosen_tests(comparison)
    if not tests:
        return tag("p", "There is one system only, so there is nothing to test.")
    rows = []
    for test in tests:
        a, b, *rest = cells_of_test(test, names)
        significant = tag(
            "td", rest[3], class_="num significant" if test["p_adjusted"] < 0.05 else "num"
        )
        named = [tag("td", a, title=test["a"]), tag("td", b, title=test["b"])]
        numbers = [
            tag("td", rest[0]),
            tag("td", rest[1], class_="num"),
            tag("td", rest[2], class_="num"),
        ]
        rows.append(tag("tr", *named, *numbers, significant, tag("td", rest[4], class_="note")))
    table = tag(
        "table",
        tag(
            "thead",
            tag(
                "tr",
                *(
                    tag("th", text, scope="col", class_="num" if 2 < at < 6 else None)
                    for at, text in enumerate(TESTS)
                ),
            ),
        ),
        tag("tbody", *rows),
        class_="plain",
    )
    return join(tag("h3", title_of_tests(comparison)), scroll(table, "Tests"))


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
