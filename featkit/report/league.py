"""What the page says about one league: leaderboard, folds and seeds, recall, confused clips, and
what was chosen and learned.
"""

from collections.abc import Sequence
from typing import Any

from featkit.comparison.systems import System
from featkit.comparison.text.cells import percent
from featkit.report.clips import MOST_PICTURES, clips_table
from featkit.report.errors import error_browsers
from featkit.report.figures import dots_strip, legend, scale_of
from featkit.report.leaderboard import leaderboard
from featkit.report.learning import choices, learning_curves
from featkit.report.markup import Html, tag
from featkit.report.matrices import recall_table
from featkit.report.specimen import Specimens
from featkit.report.strips import Line, badges, heading, strips


def league_section(
    members: Sequence[tuple[System, dict[str, Any]]],
    names: dict[str, str],
    key: str,
    specimens: Specimens | None,
) -> list[Html]:
    """Return what the page says about one league; ``key`` tells the leagues apart."""
    systems = [system for system, _ in members]
    scored = [system for system in systems if system.scores]
    scale = scale_of(end for system in systems for end in system.interval[0] or ())
    note = (
        "Fraction of systems that get the clip wrong; ties go to the most confident errors. The"
        f" runs of one system count together. {_pictured(specimens)}"
    )
    optimistic = systems[0].optimistic

    def title(text: str) -> Html:
        return heading("h3", text, optimistic)

    return [
        leaderboard(members, scale, names),
        title("Accuracy in % by fold and by seed"),
        legend(),
        _dots(scored, names),
        title("Recall of each class"),
        recall_table(scored, names),
        title("Most confused clips"),
        tag("p", note, class_="note"),
        clips_table(systems, specimens),
        title("Errors of each system"),
        error_browsers(scored, names, key),
        *_titled(title("Chosen hyper-parameters"), choices(scored, names)),
        *_titled(title("Learning curves"), learning_curves(scored, names)),
    ]


def _titled(head: Html, content: Html) -> list[Html]:
    """Return a heading and its content; nothing where there is no content."""
    return [head, content] if content else []


def _dots(systems: Sequence[System], names: dict[str, str]) -> Html:
    values = [value for system in systems for value in (*system.fold_means.values(),)]
    scale = scale_of([*values, *(mean for system in systems for mean in system.run_means)])
    lines = [
        Line(
            names[system.label],
            system.label,
            percent(system.mean),
            dots_strip(system, scale),
            badges(system),
        )
        for system in systems
    ]
    return strips(lines, scale, "Accuracy in percent by fold and by seed", ("System", "mean"))


def _pictured(specimens: Specimens | None) -> str:
    """Return which clips are pictured and how to read the pictures."""
    if specimens is None:
        return (
            "There are no pictures: the page was made without the store that knows where the"
            " recordings are."
        )
    return f"The first {MOST_PICTURES}, each with its log-mel spectrogram: brighter is louder."
