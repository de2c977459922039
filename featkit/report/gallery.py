"""The page of a set of explanations: one card for each recording, what is wrong first."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from featkit.analysis.explanation.parts import Explanation
from featkit.analysis.explanation.ranking import Judged
from featkit.errors import AudioError
from featkit.report.document import document, section
from featkit.report.explanation import draw
from featkit.report.markup import Html, join, tag
from featkit.report.specimen import data_uri, player
from featkit.report.specimens import specimen

DPI = 75
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Set:
    """What the page says of the set: the model, how many recordings, and those that failed.

    Attributes
    ----------
    model : str
    count : int
        Recordings that have a prediction, explained or not.
    wrong, labelled : int
    errors : sequence of (str, str)
        Path and reason.
    """

    model: str
    count: int
    wrong: int
    labelled: int
    errors: Sequence[tuple[str, str]] = ()


def page(
    about: Set,
    explained: Iterable[tuple[Judged, Explanation]],
    command: str = "",
    embed: bool = True,
) -> str:
    """Return the explanations of a set as one HTML page.

    Parameters
    ----------
    about : Set
    explained : iterable of (Judged, Explanation)
        Taken one at a time: of each only its picture is kept.
    command : str
        What to run to get the same page again.
    embed : bool
        Put recordings of up to 1 MB each, `MOST_BYTES` in all, into the page.
    """
    room = MOST_BYTES if embed else 0
    cards: list[Html] = []
    for judged, explanation in explained:
        sound, size = _player(explanation.path, room)
        room -= size
        cards.append(_card(judged, explanation, sound))
    header = tag(
        "header",
        tag("p", "featkit explanations", class_="kicker"),
        tag("h1", about.model),
        tag("p", _said(about, len(cards)), class_="best"),
    )
    main = [header, section("cards", tag("h2", "Recordings"), _grid(cards))]
    if about.errors:
        items = [tag("li", tag("code", path), f": {reason}") for path, reason in about.errors]
        main.append(tag("section", tag("h2", "Not explained"), tag("ul", *items), class_="failed"))
    if command:
        main.append(tag("p", "Made by ", tag("code", command), class_="note"))
    return document(f"featkit explanations: {about.model}", tag("main", *main))


def _said(about: Set, shown: int) -> str:
    text = f"{about.count} recordings"
    if about.labelled:
        text += f", {about.wrong} of {about.labelled} with a known label predicted wrongly"
    if shown < about.count:
        text += f"; the first {shown} are explained"
    order = "wrong ones first, the most confident first" if about.labelled else "least sure first"
    return f"{text}: {order}."


def _grid(cards: Sequence[Html]) -> Html:
    return tag("div", *cards, class_="explanations") if cards else tag("p", "None.")


def _card(judged: Judged, explanation: Explanation, sound: Html) -> Html:
    top = ", ".join(f"{label} {100 * value:.1f} %" for label, value in explanation.top)
    said = f"What speaks for {explanation.label} in {explanation.path}: {explanation.method}; {top}"
    file = io.BytesIO()
    draw(explanation).savefig(file, format="png", dpi=DPI)
    picture = tag("img", src=data_uri(file.getvalue(), "image/png"), alt=said)
    truth = f", labelled {judged.truth}" if judged.truth else ", label unknown"
    badge = tag("span", "wrong", class_="badge") if judged.wrong else Html("")
    verdict = f": {judged.prediction.label} {100 * judged.probability:.1f} %{truth}"
    caption = tag("figcaption", tag("code", explanation.path), verdict, badge)
    return tag("figure", caption, picture, sound)


def _player(path: str, room: int) -> tuple[Html, int]:
    """Return a player and the bytes of its recording; why there is none where it does not fit."""
    if not room:
        return Html(""), 0
    try:
        shown = specimen(path, embed=True)
    except AudioError as error:
        return tag("span", f"no player: {error}", class_="note"), 0
    if len(shown.audio) > room:
        return tag("span", "no player: the page holds enough recordings", class_="note"), 0
    return join(player(shown, path)), len(shown.audio)
