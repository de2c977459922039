"""The error browser of a system: its confusion matrix and every wrong prediction.

The predictions of a dataset are in the page once, as JSON; a script fills the list of a system when
it is opened and offers it as CSV.
"""

import json
from collections.abc import Sequence

from featkit.comparison.confusion import errors
from featkit.comparison.systems import System
from featkit.comparison.text.cells import percent
from featkit.report.markup import Html, join, tag
from featkit.report.matrices import confusion_table
from featkit.report.strips import badges


def error_browsers(systems: Sequence[System], names: dict[str, str], key: str) -> Html:
    """Return one folded browser for each system of a dataset, and the data that they share.

    ``key`` tells the datasets of a page apart.
    """
    browsers = [_browser(system, names, key, at) for at, system in enumerate(systems)]
    data = json.dumps(error_data(systems, names), separators=(",", ":")).replace("<", "\\u003c")
    block = tag("script", Html(data), type="application/json", id=f"errors-{key}")
    return join(*browsers, block)


def error_data(systems: Sequence[System], names: dict[str, str]) -> dict[str, object]:
    """Return the wrong predictions of some systems, clips and labels as numbers.

    ``clips`` and ``labels`` list them; each of ``systems`` has its ``name``, its number of ``runs``
    and its ``errors`` as [clip, true, predicted, probability or None, runs].
    """
    clips: dict[str, int] = {}
    labels: dict[str, int] = {}
    rows = []
    for system in systems:
        wrong = []
        for row in errors(system):
            clip = clips.setdefault(row["id"], len(clips))
            true, predicted = (
                labels.setdefault(row[name], len(labels)) for name in ("label", "predicted")
            )
            probability = row["probability"]
            shown = None if probability is None else round(probability, 4)
            wrong.append([clip, true, predicted, shown, row["runs"]])
        name = f"{names[system.label]}, {system.place}"
        rows.append({"name": name, "runs": len(system.runs), "errors": wrong})
    return {"clips": list(clips), "labels": list(labels), "systems": rows}


def _browser(system: System, names: dict[str, str], key: str, at: int) -> Html:
    runs = f", counts over {len(system.runs)} runs" if len(system.runs) > 1 else ""
    summary = tag(
        "summary",
        tag("span", names[system.label], title=system.label),
        f" — {percent(system.mean)} %{runs}",
        badges(system),
    )
    need = tag("p", "The list of clips needs JavaScript.", class_="note")
    clips = tag("div", need, class_="errors", data_set=key, data_system=at)
    return tag("details", summary, confusion_table(system), clips)
