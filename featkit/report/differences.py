"""Tests as figures: differences with their intervals, mean ranks; the numbers in folded tables."""

from collections.abc import Sequence
from typing import Any

from featkit.comparison.findings import Findings
from featkit.comparison.ranking import Ranking
from featkit.comparison.text.cells import (
    TESTS,
    VARIANCE,
    friedman_text,
    league_title,
    p_equals,
    pair_cells,
    pairs_of,
    points,
    variance_cells,
)
from featkit.report.figures import Scale, range_strip, scale_of
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.strips import Line, heading, strips


def differences(findings: Findings, names: dict[str, str]) -> Html:
    """Return one figure for each league, A − B with its 95 % interval, then all tests, folded."""
    if not findings.tests:
        text = "No two systems of one dataset and protocol are complete: there is nothing to test."
        return tag("p", text)
    leagues: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for test in findings.tests:
        league = (test["dataset"], test["protocol"], test["scheme"])
        leagues.setdefault(league, []).append(test)
    places = [league[:2] for league in leagues]
    note = (
        f"Tested: {findings.family}. Bars are 95 % intervals of the difference over folds"
        " (corrected resampled t-test), each on its own. ★: p < 0.05 over folds, adjusted by Holm"
        " for the tests shown of the dataset and protocol."
    )
    parts = [tag("p", note, class_="note")]
    optimistic = {system.league: system.optimistic for system in findings.members}
    for league, tests in leagues.items():
        title = league_title(league, places.count(league[:2]) > 1)
        parts += [
            heading("h3", title, optimistic[league]),
            _figure(title, tests, names),
        ]
    rows = [
        _row(pair_cells(test, names), (test["a"], test["b"]), test["p_adjusted"])
        for test in findings.tests
    ]
    table = _table(TESTS, rows, 3)
    folded = tag("summary", f"All {len(rows)} tests in numbers")
    return join(*parts, tag("details", folded, scroll(table, "Tests")))


def variance(findings: Findings, names: dict[str, str]) -> Html:
    """Return the analyses of variance over runs; nothing where there is none."""
    if not findings.variance:
        return Html("")
    rows = [
        _row(variance_cells(test, names), (", ".join(test["systems"]),), test["p_adjusted"])
        for test in findings.variance
    ]
    table = scroll(_table(VARIANCE, rows, 2), "Analysis of variance")
    return join(tag("h3", "Analysis of variance over runs"), table)


def mean_ranks(ranking: Ranking, names: dict[str, str]) -> Html:
    """Return the mean rank of each system with half the critical difference on either side.

    Two systems differ by Nemenyi's test where their bars do not overlap [Demsar2006].
    """
    half = ranking.difference / 2
    scale = Scale(1.0 - half, max(len(ranking.systems), 2) + half, 1.0)
    lines = [
        Line(
            names[label],
            label,
            f"{rank:.2f}",
            range_strip(f"mean rank {rank:.2f}", rank, (rank - half, rank + half), scale),
            Html(""),
        )
        for label, rank in zip(ranking.systems, ranking.ranks, strict=True)
    ]
    note = f" {ranking.note[:1].upper()}{ranking.note[1:]}." if ranking.note else ""
    text = f"{friedman_text(ranking)}. Systems whose bars do not overlap differ at 5 %.{note}"
    return join(
        tag("h3", f"Mean ranks: {ranking.title}"),
        strips(lines, scale, f"Mean ranks over {ranking.title}", ("System", "Rank")),
        tag("p", text, class_="note"),
    )


def _figure(title: str, tests: Sequence[dict[str, Any]], names: dict[str, str]) -> Html:
    pairs = pairs_of(tests)
    reference = next(iter(pairs))[0] if len({a for a, _ in pairs}) == 1 else None
    chosen = {pair: each.get("folds", next(iter(each.values()))) for pair, each in pairs.items()}
    ends = [end for test in chosen.values() for end in test["ci95"] or (test["difference"],)]
    scale = scale_of([0.0, *(end for end in ends if end is not None)])
    lines = [_line(test, reference, names, scale) for test in chosen.values()]
    caption = f"Differences of accuracy in points, {title}"
    first = f"{names[reference]} minus" if reference else "A minus B"
    return strips(lines, scale, caption, (first, "points"))


def _line(test: dict[str, Any], reference: str | None, names: dict[str, str], scale: Scale) -> Line:
    name = names[test["b"]] if reference else f"{names[test['a']]} − {names[test['b']]}"
    full = f"{test['a']} minus {test['b']}"
    difference = test["difference"]
    if difference is None:
        return Line(name, full, "–", Html(""), Html(""))
    text = f"{points(difference)} points, adjusted p {p_equals(test['p_adjusted'])}"
    if test["ci95"]:
        text += f", 95 % interval {points(test['ci95'][0])} to {points(test['ci95'][1])}"
    tested = test["ci95"] is not None or test["test"].startswith("corrected")
    significant = tested and test["p_adjusted"] < 0.05
    star = tag("span", " ★", class_="star", title="p < 0.05") if significant else Html("")
    strip = range_strip(text, difference, test["ci95"], scale)
    return Line(name, full, points(difference), strip, star)


def _table(header: Sequence[str], rows: Sequence[Html], first_number: int) -> Html:
    """Return a table of tests: names, the test, three numbers, remarks."""
    head = [
        tag("th", text, scope="col", class_="num" if 0 <= at - first_number < 3 else None)
        for at, text in enumerate(header)
    ]
    return tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="plain")


def _row(cells: Sequence[str], labels: Sequence[str], p_adjusted: float) -> Html:
    """Return one row: names with their full ``labels`` on hover, the test, numbers, the remark."""
    *named, test, number, p, adjusted, note = cells
    significant = "num significant" if p_adjusted < 0.05 else "num"
    return tag(
        "tr",
        *(tag("td", name, title=label) for name, label in zip(named, labels, strict=True)),
        tag("td", test),
        tag("td", number, class_="num"),
        tag("td", p, class_="num"),
        tag("td", adjusted, class_=significant),
        tag("td", note, class_="note"),
    )
