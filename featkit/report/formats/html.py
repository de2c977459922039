"""The report: one HTML file that explains itself, loads nothing and works from anywhere."""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from featkit import __version__
from featkit.comparison.findings import PAGES, Findings
from featkit.comparison.labels import short_labels
from featkit.comparison.systems import System
from featkit.comparison.text.cells import friedman_text, percent
from featkit.comparison.text.remarks import failure_text, remarks
from featkit.report.figures import axis, critical_difference_diagram, dots_strip, legend, scale_of
from featkit.report.leaderboard import badges, differences_table, leaderboard, variance_table
from featkit.report.markup import Html, scroll, tag
from featkit.report.matrices import MOST_PICTURES, clips_table, confusion_table, recall_table
from featkit.report.specimen import Specimens

Member = tuple[System, dict[str, Any]]
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " img-src data:; media-src data:"
)
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "librosa", "zarr", "dask")
_PROTOCOLS = {
    "nested": "nested: hyper-parameters are chosen on inner folds of the training part; each test"
    " fold is seen once, by the final model.",
    "paper": "paper: the hyper-parameters are those with the best mean over the test folds, as in"
    " the publication. Optimistic: such a number says what could have been reached with knowledge"
    " of the test data, and is not comparable with nested ones.",
    "paper-weighted": "paper-weighted: as paper, with test folds weighted by their size."
    " Optimistic as well.",
}


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
    datasets = list(dict.fromkeys(system.dataset for system, _ in members))
    parts = [_header(members, datasets, names), _failures(findings)]
    for dataset in datasets:
        chosen = [member for member in members if member[0].dataset == dataset]
        parts.append(_dataset(dataset, chosen, names, specimens))
    parts += [_tests(findings, names), _provenance(findings, command)]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"featkit report: {', '.join(datasets)}"),
        tag("style", Html(_asset("style.css"))),
    )
    body = tag("body", tag("main", *parts), tag("script", Html(_asset("sort.js"))))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _header(members: Sequence[Member], datasets: Sequence[str], names: dict[str, str]) -> Html:
    best = [_best(dataset, members, names) for dataset in datasets]
    count = len(members)
    counted = f"{count} system{'s' if count != 1 else ''} on {', '.join(datasets)}"
    return tag(
        "header",
        tag("p", "featkit report", class_="kicker"),
        tag("h1", counted),
        *(line for line in best if line),
    )


def _best(dataset: str, members: Sequence[Member], names: dict[str, str]) -> Html | None:
    """Return one sentence about the best honest system of a dataset, if it has one."""
    for system, row in members:
        if system.dataset == dataset and row["rank"] == 1 and not system.optimistic:
            low, high = row["ci95"]
            text = (
                f" % accuracy (95 % interval {100 * low:.1f} to {100 * high:.1f};"
                f" chance {_chance(system)})."
            )
            leaky = (
                " Leakage was allowed: not an honest number."
                if "leakage allowed" in system.marks
                else ""
            )
            return tag(
                "p",
                f"Best on {dataset}: ",
                tag("strong", names[system.label]),
                ", ",
                percent(row["mean"]),
                text,
                leaky,
                class_="best",
            )
    return None


def _chance(system: System) -> str:
    """Return the accuracy of guessing among equally likely classes."""
    classes = {label for score in system.scores for label in score.classes}
    return f"{100 / len(classes):.1f} %" if classes else "unknown"


def _failures(findings: Findings) -> Html:
    if not findings.failures:
        return Html("")
    items = [tag("li", failure_text(failure)) for failure in findings.failures]
    return tag(
        "section",
        tag("h2", f"{len(items)} cell{'s' if len(items) > 1 else ''} failed"),
        tag("ul", *items),
        class_="failed",
    )


def _dataset(
    dataset: str, members: Sequence[Member], names: dict[str, str], specimens: Specimens | None
) -> Html:
    systems = [system for system, _ in members]
    scale = scale_of([end for system in systems for end in system.interval[0] or ()])
    parts = [
        tag("h2", dataset),
        leaderboard(members, scale, names),
        tag("h3", "Accuracy in % by fold and by seed"),
        legend(),
        _dots(systems, names),
        tag("h3", "Recall of each class"),
        recall_table([system for system in systems if system.scores], names),
        tag("h3", "Confusion matrices"),
        *(_matrix(system, names, at == 0) for at, system in enumerate(systems)),
        tag("h3", "Most confused clips"),
        tag(
            "p",
            "Fraction of systems that get the clip wrong; ties go to the most confident errors."
            f" The runs of one system count together. {_shown(specimens)}",
            class_="note",
        ),
        clips_table(systems, specimens),
    ]
    return tag("section", *parts)


def _shown(specimens: Specimens | None) -> str:
    """Return which clips are pictured and how to read the pictures."""
    if specimens is None:
        return (
            "There are no pictures: the page was made without the store that knows where the"
            " recordings are."
        )
    return f"The first {MOST_PICTURES}, each with its log-mel spectrogram: brighter is louder."


def _dots(systems: Sequence[System], names: dict[str, str]) -> Html:
    scale = scale_of(
        [value for system in systems for value in (*system.fold_means.values(), *system.run_means)]
    )
    rows = [
        tag(
            "div",
            tag("span", names[system.label], badges(system), class_="name", title=system.label),
            dots_strip(system, scale),
            class_="row",
        )
        for system in systems
    ]
    return tag(
        "div",
        *rows,
        tag("div", tag("span", "", class_="name"), axis(scale), class_="row"),
        class_="dots",
    )


def _matrix(system: System, names: dict[str, str], first: bool) -> Html:
    runs = f", counts over {len(system.runs)} runs" if len(system.runs) > 1 else ""
    summary = tag(
        "summary", names[system.label], f" — {percent(system.mean)} %{runs}", badges(system)
    )
    return tag("details", summary, confusion_table(system), open=first)


def _tests(findings: Findings, names: dict[str, str]) -> Html:
    parts = [tag("h2", "Differences"), differences_table(findings, names)]
    parts.append(variance_table(findings, names))
    for ranking in findings.rankings:
        name = f"Critical-difference diagram, {ranking.title}"
        note = f" {ranking.note[:1].upper()}{ranking.note[1:]}." if ranking.note else ""
        text = f"{friedman_text(ranking)}. Bars join systems that cannot be told apart.{note}"
        parts += [
            tag("h3", f"Mean ranks: {ranking.title}"),
            scroll(critical_difference_diagram(ranking, names), name),
            tag("p", text, class_="note"),
        ]
    return tag("section", *parts)


def _provenance(findings: Findings, command: str) -> Html:
    protocols = [
        _PROTOCOLS.get(name, name)
        for name in dict.fromkeys(system.protocol for system in findings.members)
    ]
    schemes = dict.fromkeys(
        f"{system.dataset}: {system.scheme or 'folds as given'}" for system in findings.members
    )
    parts = [
        tag("h2", "How to read this"),
        tag("ul", *(tag("li", text) for text in [*protocols, *schemes, *remarks(findings)])),
    ]
    parts += [tag("h2", "Where it comes from"), tag("p", f"Written by {_versions()}")]
    if command:
        parts += [
            tag("p", "The command that made this page:"),
            scroll(tag("pre", tag("code", command)), "Command"),
        ]
    return tag("section", *parts)


def _versions() -> str:
    versions = [f"featkit {__version__}", f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"{name} not installed")
    return ", ".join(versions) + f"; {platform.system()} {platform.machine()}."


def _asset(name: str) -> str:
    return files("featkit.report").joinpath(name).read_text(encoding="utf-8")
