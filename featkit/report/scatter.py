"""The page of a map: points to point at, to reach by keyboard and to listen to."""

from collections.abc import Sequence

import numpy as np

from featkit.analysis.maps import Map, thinned
from featkit.report.document import contents, document, section
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.specimen import Specimens, card

MOST_POINTS = 5000
MOST_CARDS = 60
MOST_BYTES = 20_000_000
WIDTH, HEIGHT, MARGIN = 640, 480, 16
# One for each kind in turn, so that kinds differ in form too: circle, square, triangle, diamond.
_SHAPES = (
    "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z",
    "M-4.5 -4.5H4.5V4.5H-4.5Z",
    "M0 -5.5L5.2 4H-5.2Z",
    "M0 -6L6 0L0 6L-6 0Z",
)


def page(whole: Map, specimens: Specimens | None = None, command: str = "") -> str:
    """Return a map as one HTML page that loads nothing.

    Parameters
    ----------
    whole : Map
        At most `MOST_POINTS` of it are drawn.
    specimens : callable, optional
        ``specimens(dataset, clip id)`` gives the `Specimen` of a clip, or why there is none. Those
        of `MOST_CARDS` clips go into the page, with up to `MOST_BYTES` of recordings.
    command : str
        What to run to get the same page again.
    """
    shown = thinned(whole, MOST_POINTS)
    cards = _cards(shown, specimens) if specimens else {}
    header = tag(
        "header",
        tag("p", "featkit map", class_="kicker"),
        tag("h1", f"{shown.dataset}: {shown.feature}"),
        tag("p", _said(whole, shown, len(cards), specimens is not None), class_="best"),
    )
    picture = section("map", tag("h2", "Map"), _figure(shown, cards))
    table = section("clips", tag("h2", "Clips"), _table(shown))
    foot = [tag("p", "Made by ", tag("code", command), class_="note")] if command else []
    links = contents((("map", "Map"), ("clips", "Clips")))
    main = tag("main", header, links, picture, table, *foot)
    return document(f"featkit map: {shown.dataset}, {shown.feature}", main, ("map.js",))


def _said(whole: Map, shown: Map, cards: int, pictured: bool) -> str:
    """Return how many clips there are, and how many of them are drawn and can be heard."""
    text = f"{len(whole.ids)} clips"
    if len(shown.ids) < len(whole.ids):
        text += f", of which {len(shown.ids)} drawn at random are shown"
    if pictured:
        text += f"; the recordings of {cards} are in the page, those far from their kind first"
    return f"{text}."


def _cards(shown: Map, specimens: Specimens) -> dict[int, Html]:
    """Return the cards of some clips, the odd ones first, by their position."""
    cards: dict[int, Html] = {}
    room = MOST_BYTES
    for at in shown.odd_ones()[:MOST_CARDS]:
        specimen = specimens(shown.dataset, shown.ids[at])
        size = 0 if isinstance(specimen, str) else len(specimen.audio)
        if size <= room:
            room -= size
            cards[at] = card(specimen, shown.ids[at], _words(shown, at))
    return cards


def _words(shown: Map, at: int) -> str:
    """Return what is said of a clip beside its name."""
    label, kind = shown.labels[at], shown.kinds[at]
    return label if label == kind else f"{label}; {kind}"


def _figure(shown: Map, cards: dict[int, Html]) -> Html:
    hues = {kind: round(360 * at / len(shown.order)) for at, kind in enumerate(shown.order)}
    marks = {kind: _SHAPES[at % len(_SHAPES)] for at, kind in enumerate(shown.order)}
    numbers = {kind: at for at, kind in enumerate(shown.order)}
    points = []
    for at, (x, y) in enumerate(_places(shown)):
        kind = shown.kinds[at]
        name = tag("title", f"{shown.ids[at]}: {_words(shown, at)}")
        attributes = {
            "d": marks[kind],
            "transform": f"translate({x:.1f} {y:.1f})",
            "style": f"--h:{hues[kind]}",
            "data-kind": numbers[kind],
            "data-at": at,
            "role": "button",
            "tabindex": 0 if at == 0 else -1,
        }
        points.append(_shape(attributes, name))
    box = {"viewbox": f"0 0 {WIDTH} {HEIGHT}", "role": "group"}
    drawn = tag("svg", *points, aria_label=_axes(shown), class_="points", **box)
    legend = [
        tag(
            "button",
            _swatch(marks[kind], hues[kind]),
            f" {kind} ({shown.kinds.count(kind)})",
            type="button",
            aria_pressed="false",
            data_kind=numbers[kind],
        )
        for kind in shown.order
    ]
    hint = (
        "Point at a clip for its name; press it to look at it and to listen. By keyboard: arrows go"
        " to the next clip in their direction, Enter listens. Kinds in the legend stand out when"
        " pressed."
    )
    hidden = [tag("div", html, data_card=at, hidden=True) for at, html in cards.items()]
    none = tag("p", "The recording of this clip is not in the page.", class_="note", hidden=True)
    return join(
        tag("p", hint, class_="note"),
        tag(
            "div",
            tag("div", *legend, class_="kinds", role="group", aria_label="Kinds"),
            tag("div", drawn, tag("p", _axes(shown), class_="note")),
            tag(
                "div",
                tag("p", "", class_="pointed", aria_live="polite"),
                tag("div", *hidden, none, class_="cards specimens"),
            ),
            class_="map",
        ),
    )


def _axes(shown: Map) -> str:
    first, second = shown.projection.axes
    return f"To the right {first}; upwards {second}."


def _shape(attributes: dict[str, object], name: Html) -> Html:
    """Return a path with a name, which `tag` would close at once."""
    start = tag("g", **attributes).removesuffix("></g>").removeprefix("<g")
    return Html(f"<path{start}>{name}</path>")


def _swatch(shape: str, hue: int) -> Html:
    path = tag("path", d=shape, transform="translate(7 7)", style=f"--h:{hue}")
    return tag("svg", path, width=14, height=14, aria_hidden="true")


def _places(shown: Map) -> np.ndarray:
    """Return the points in the units of the drawing, shape (n, 2)."""
    points = shown.projection.points
    low, extent = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-12)
    scaled = (points - low) / extent
    scaled[:, 1] = 1 - scaled[:, 1]
    placed: np.ndarray = MARGIN + scaled * (np.array([WIDTH, HEIGHT]) - 2 * MARGIN)
    return placed


def _table(shown: Map) -> Html:
    """Return the clips as a table, folded."""
    coordinates = shown.projection.points
    rows: Sequence[Html] = [
        tag(
            "tr",
            tag("td", shown.ids[at], class_="id"),
            tag("td", shown.labels[at]),
            tag("td", shown.kinds[at]),
            *(tag("td", f"{value:.3g}", class_="num") for value in coordinates[at]),
        )
        for at in range(len(shown.ids))
    ]
    head = tag(
        "tr", *(tag("th", text, scope="col") for text in ("Clip", "Label", "Kind", "x", "y"))
    )
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="plain")
    box = tag("div", scroll(table, "Clips"), class_="tall")
    return tag("details", tag("summary", f"All {len(rows)} clips in numbers"), box)
