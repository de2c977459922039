"""What was learned and chosen: learning curves of nets, hyper-parameters of every system."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from featkit.comparison.systems import System
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.strips import name_of

PARTS = ("train", "valid", "test")
PANELS = (("loss", "loss, nats", 1.0), ("accuracy", "accuracy, %", 100.0))
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 340, 190, 44, 30, 22
# What stands among a score's parameters and is no choice of a hyper-parameter.
NO_CHOICE = ("numbers", "members", "rule")

Epochs = Sequence[Mapping[str, Any]]


def learning_curves(systems: Sequence[System], names: dict[str, str]) -> Html:
    """Return the curves of every system that has some: a line for each fold, seed and member.

    A dot marks the epoch whose weights were kept. Nothing where no system has curves.
    """
    figures = []
    for system in systems:
        runs = list(_runs(system))
        if runs:
            panels = [_panel(runs, *panel, names[system.label]) for panel in PANELS]
            caption = tag("figcaption", name_of(names[system.label], system.label))
            figures.append(tag("figure", caption, tag("div", *panels, class_="panels")))
    if not figures:
        return Html("")
    words = {"train": "training rows", "valid": "inner validation part", "test": "test part"}
    keys = [
        part for item in ((_swatch(part), f" {words[part]}  ") for part in PARTS) for part in item
    ]
    note = "A line for each fold and seed. A dot: the epoch whose weights were kept."
    return join(tag("p", note, class_="note"), tag("p", *keys, class_="legend"), *figures)


def kept_epoch(epochs: Epochs) -> int:
    """Return the epoch whose weights were kept: that of the lowest loss on the validation part,
    ties go to the first; without such a part the last.
    """
    if all("valid_loss" in row for row in epochs):
        return int(min(epochs, key=lambda row: row["valid_loss"])["epoch"])
    return int(epochs[-1]["epoch"])


def choices(systems: Sequence[System], names: dict[str, str]) -> Html:
    """Return the hyper-parameters that each system chose, and how often; nothing without any."""
    rows = []
    for system in systems:
        chosen: dict[str, Counter[str]] = {}
        for score in system.scores:
            for key, value in score.params.items():
                if key not in NO_CHOICE:
                    chosen.setdefault(key, Counter())[_shown(value)] += 1
        for at, (key, counts) in enumerate(chosen.items()):
            texts = [f"{value} ×{n}" if n > 1 else value for value, n in counts.most_common()]
            cells = [tag("td", key), tag("td", ", ".join(texts))]
            if at == 0:
                name = name_of(names[system.label], system.label)
                cells = [tag("th", name, scope="rowgroup", rowspan=len(chosen)), *cells]
            rows.append(tag("tr", *cells))
    if not rows:
        return Html("")
    head = tag("tr", *(tag("th", text, scope="col") for text in ("System", "Parameter", "Chosen")))
    table = tag("table", tag("thead", head), tag("tbody", *rows))
    note = "Values that folds and seeds chose, the most frequent first, and how often."
    label = f"Chosen hyper-parameters, {systems[0].place}"
    return join(tag("p", note, class_="note"), scroll(table, label))


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _runs(system: System) -> Iterator[Epochs]:
    """Yield the epochs of each fold, seed and member."""
    for score in system.scores:
        members: dict[int, list[Mapping[str, Any]]] = {}
        for row in score.curves:
            members.setdefault(row.get("member", 0), []).append(row)
        yield from members.values()


def _panel(runs: Sequence[Epochs], what: str, title: str, factor: float, name: str) -> Html:
    """Return one panel: ``what`` over the epochs, all parts of all runs."""
    values = [
        factor * row[f"{part}_{what}"]
        for run in runs
        for row in run
        for part in PARTS
        if f"{part}_{what}" in row
    ]
    last = max(row["epoch"] for run in runs for row in run)
    top = 100.0 if what == "accuracy" else max([*values, 1e-9])

    def place(epoch: int, value: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - 8) * (epoch / last if last else 0.5)
        return x, HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top

    lines = [_line(run, part, what, factor, place) for run in runs for part in PARTS]
    base, edge = HEIGHT - BOTTOM, WIDTH - 8
    axes = [
        tag("line", x1=LEFT, x2=edge, y1=base, y2=base, class_="grid"),
        tag("line", x1=LEFT, x2=LEFT, y1=TOP, y2=base, class_="grid"),
        tag("text", title, x=LEFT, y=14),
        tag("text", f"{top:.3g}", x=LEFT - 5, y=TOP + 5, text_anchor="end"),
        tag("text", "0", x=LEFT - 5, y=base + 4, text_anchor="end"),
        tag("text", "1", x=place(0, 0)[0], y=HEIGHT - 10, text_anchor="middle"),
        tag("text", f"epoch {last + 1}", x=edge, y=HEIGHT - 10, text_anchor="end"),
    ]
    box = {"viewbox": f"0 0 {WIDTH} {HEIGHT}", "width": WIDTH, "height": HEIGHT, "role": "img"}
    label = f"{name}: {title} over {last + 1} epochs, {len(runs)} runs"
    return tag(
        "svg",
        tag("title", label),
        *axes,
        *(mark for line in lines for mark in line),
        class_="curves",
        aria_label=label,
        **box,
    )


def _line(run: Epochs, part: str, what: str, factor: float, place: Any) -> list[Html]:
    """Return a part's line and the dot of the epoch that was kept."""
    points = [
        (row["epoch"], place(row["epoch"], factor * row[f"{part}_{what}"]))
        for row in run
        if f"{part}_{what}" in row
    ]
    if not points:
        return []
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for _, (x, y) in points)
    kept = kept_epoch(run)
    dots = [
        tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=2.5, class_=part)
        for epoch, (x, y) in points
        if epoch == kept
    ]
    return [tag("path", d=path, class_=part), *dots]


def _swatch(part: str) -> Html:
    path = tag("path", d="M0 7L18 7", class_=part)
    return tag("svg", path, width=18, height=14, class_="curves", aria_hidden="true")
