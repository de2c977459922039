"""The report as one HTML file that explains itself, loads nothing and works from anywhere."""

from collections.abc import Sequence
from typing import Any

from featkit.comparison.findings import PAGES, Findings
from featkit.comparison.labels import short_labels
from featkit.comparison.systems import System
from featkit.comparison.text.cells import by_league, percent
from featkit.comparison.text.remarks import failure_text
from featkit.report.changed import changed
from featkit.report.differences import differences, mean_ranks, variance
from featkit.report.document import contents, document, section
from featkit.report.league import league_section
from featkit.report.markup import Html, tag
from featkit.report.provenance import provenance, reading
from featkit.report.specimen import Specimens
from featkit.report.strips import heading
from featkit.report.summary import matrix

Member = tuple[System, dict[str, Any]]


@PAGES.register
def page(findings: Findings, command: str = "", specimens: Specimens | None = None) -> str:
    """Return the report of a comparison as one HTML page.

    Parameters
    ----------
    findings : Findings
    command : str
        What to run to get the same page again; shown at the end.
    specimens : callable, optional
        ``specimens(dataset, clip id)`` gives the `Specimen` of a clip, or why there is none; for
        the most confused clips.
    """
    names = short_labels(findings.members)
    members = list(zip(findings.members, findings.systems, strict=True))
    datasets = list(dict.fromkeys(system.dataset for system in findings.members))
    sections = [section("systems", tag("h2", "Systems by dataset"), matrix(findings, names))]
    links = [("systems", "Systems by dataset")]
    for at, (title, chosen) in enumerate(by_league(findings)):
        content = league_section(chosen, names, f"league{at}", specimens)
        head = heading("h2", title, chosen[0][0].optimistic)
        sections.append(section(f"league{at}", head, *content))
        links.append((f"league{at}", title))
    if findings.interventions:
        head = tag("h2", "Changed recordings")
        sections.append(section("interventions", head, changed(findings, names)))
        links.append(("interventions", "Changed recordings"))
    tests = [differences(findings, names), variance(findings, names)]
    tests += [mean_ranks(ranking, names) for ranking in findings.rankings]
    sections += [
        section("differences", tag("h2", "Differences"), *tests),
        section("reading", tag("h2", "How to read this"), *reading(findings)),
        section("provenance", tag("h2", "Where it comes from"), *provenance(command)),
    ]
    links += [("differences", "Differences"), ("reading", "How to read this")]
    listing = contents([*links, ("provenance", "Where it comes from")])
    header = _header(members, datasets, names)
    main = tag("main", header, _failures(findings), listing, *sections)
    return document(f"featkit report: {', '.join(datasets)}", main, ("sort.js", "errors.js"))


def _header(members: Sequence[Member], datasets: Sequence[str], names: dict[str, str]) -> Html:
    count = len({system.label for system, _ in members})
    title = f"{count} system{'s' if count != 1 else ''} on {', '.join(datasets)}"
    best = [_best(dataset, members, names) for dataset in datasets]
    lines = [line for line in best if line]
    return tag("header", tag("p", "featkit report", class_="kicker"), tag("h1", title), *lines)


def _best(dataset: str, members: Sequence[Member], names: dict[str, str]) -> Html | None:
    """Return one sentence about the best honest system of a dataset, if it has one."""
    for system, row in members:
        if system.dataset == dataset and row["rank"] == 1 and not system.optimistic:
            low, high = row["ci95"]
            text = (
                f" % accuracy (95 % interval {100 * low:.1f} to {100 * high:.1f};"
                f" chance {_chance(system)})."
            )
            if "leakage allowed" in system.marks:
                text += " Leakage was allowed: not an honest number."
            name = tag("strong", names[system.label], title=system.label)
            parts = (f"Best on {dataset}: ", name, ", ", percent(row["mean"]), text)
            return tag("p", *parts, class_="best")
    return None


def _chance(system: System) -> str:
    """Return the accuracy of guessing among equally likely classes."""
    classes = {label for score in system.scores for label in score.classes}
    return f"{100 / len(classes):.1f} %" if classes else "unknown"


def _failures(findings: Findings) -> Html:
    if not findings.failures:
        return Html("")
    items = [tag("li", failure_text(failure)) for failure in findings.failures]
    title = f"{len(items)} cell{'s' if len(items) > 1 else ''} failed"
    return tag("section", tag("h2", title), tag("ul", *items), class_="failed")
