"""The sortable table of the systems of one dataset."""

from collections.abc import Sequence
from typing import Any

from featkit.comparison.systems import System
from featkit.comparison.text.cells import percent
from featkit.report.figures import Scale, axis, interval_strip
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.strips import badges, name_of

_COLUMNS = (
    *("#", "System", "Accuracy", "95 % interval", "from – to", "± std", "Runs"),
    *("Folds", "UAR", "Macro-F1", "Log loss", "Fit s", "Model"),
)


def leaderboard(
    members: Sequence[tuple[System, dict[str, Any]]], scale: Scale, names: dict[str, str]
) -> Html:
    """Return one line for each system, in the order of the comparison."""
    head = tag(
        "tr", *(tag("th", tag("button", text, type="button"), scope="col") for text in _COLUMNS)
    )
    body = [_row(system, row, scale, names) for system, row in members]
    foot = tag("tr", *[tag("td")] * 3, tag("td", axis(scale)), *[tag("td")] * (len(_COLUMNS) - 4))
    note = "Metrics in percent, folds weighted equally. Press a heading to sort by its column."
    table = tag(
        "table",
        tag("thead", head),
        tag("tbody", *body),
        tag("tfoot", foot),
        class_="board sortable",
    )
    return join(tag("p", note, class_="note"), scroll(table, f"Leaderboard, {members[0][0].place}"))


def _row(system: System, row: dict[str, Any], scale: Scale, names: dict[str, str]) -> Html:
    name, rank, ends = names[system.label], row["rank"], row["ci95"]
    std = "–"
    if row["std"] is not None:
        std = tag("span", percent(row["std"]), title=f"over {row['std_over']}")
    low = ends[0] if ends else None
    interval = f"{100 * ends[0]:.1f} – {100 * ends[1]:.1f}" if ends else "–"
    cells = [
        _number("–" if rank is None else rank, 1e9 if rank is None else rank),
        tag("th", name_of(name, system.label), badges(system), scope="row", data_value=name),
        _number(tag("b", percent(row["mean"])), row["mean"]),
        tag("td", interval_strip(system, scale), class_="figure", data_value=_sorted_by(low)),
        _number(interval, low),
        _number(std, row["std"]),
        _number(row["n_runs"], row["n_runs"]),
        _number(row["n_folds"], row["n_folds"]),
        _number(percent(row["macro_accuracy"]), row["macro_accuracy"]),
        _number(percent(row["macro_f1"]), row["macro_f1"]),
        _number(_fixed(row["log_loss"], 3), row["log_loss"]),
        _number(_fixed(row["fit_seconds"], 2), row["fit_seconds"]),
        _number(_bytes(row["model_bytes"]), row["model_bytes"]),
    ]
    return tag("tr", *cells)


def _number(shown: object, value: float | None) -> Html:
    return tag("td", shown, class_="num", data_value=_sorted_by(value))


def _sorted_by(value: float | None) -> float:
    return -1 if value is None else value


def _fixed(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _bytes(size: float | None) -> str:
    if not size:
        return "–"
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
