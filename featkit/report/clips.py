"""The clips that most systems get wrong: pictures and a table."""

from collections.abc import Sequence
from typing import Any

from featkit.comparison.confusion import confused_clips
from featkit.comparison.systems import System
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.specimen import Specimen, Specimens, card

MOST_PICTURES = 12


def clips_table(systems: Sequence[System], specimens: Specimens | None = None) -> Html:
    """Return the most confused clips as a table.

    Where ``specimens`` pictures them, pictures of the first `MOST_PICTURES` come before it.
    """
    clips = confused_clips(systems)
    if not clips:
        return tag(
            "p", "No clip was predicted wrongly, or no predictions of single clips are stored."
        )
    head = tag(
        "tr",
        *(
            tag("th", text, scope="col")
            for text in ("Clip", "True class", "Wrong in", "Predicted as")
        ),
    )
    rows = [
        tag(
            "tr",
            tag("td", clip["id"], class_="id"),
            tag("td", clip["label"]),
            tag("td", f"{100 * clip['wrong']:.0f} %", style=f"--v:{clip['wrong']:.3f}"),
            tag("td", _few(clip["instead"])),
        )
        for clip in clips
    ]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="plain")
    table = scroll(table, f"Most confused clips, {systems[0].place}")
    if specimens is None:
        return table
    cards = (
        _card(clip, specimens(systems[0].dataset, clip["id"])) for clip in clips[:MOST_PICTURES]
    )
    return join(tag("div", *cards, class_="specimens"), table)


def _card(clip: dict[str, Any], specimen: Specimen | str) -> Html:
    """Return the picture of a clip and its player, or why there is none, above its predictions."""
    caption = (
        f"{clip['label']}, predicted as {_few(clip['instead'])};"
        f" wrong in {100 * clip['wrong']:.0f} %"
    )
    return card(specimen, clip["id"], caption)


def _few(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - 3} more" if len(labels) > 3 else ""
    return ", ".join(labels[:3]) + more
