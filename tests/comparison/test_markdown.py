import itertools

import pytest

from featkit.comparison.overview import compare
from featkit.comparison.text.markdown import WIDTH


@pytest.fixture
def scores(make_scores, rng):
    return [
        score for name in "abc" for score in make_scores(rng.random((5, 20)) < 0.6, classifier=name)
    ]


def cells_under(text, heading):
    """The cells of the first table below a heading."""
    lines = text.split(f"{heading}\n", 1)[1].lstrip().splitlines()
    table = itertools.takewhile(lambda line: line.startswith("|"), lines)
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table]


def test_each_league_is_a_table_without_empty_columns(mixed):
    text = mixed.to_markdown()
    nested, paper = (
        cells_under(text, "## toy, nested"),
        cells_under(text, "## toy, paper (optimistic)"),
    )
    assert nested[0] == paper[0] and nested[0][:3] == ["#", "System", "Accuracy %"]
    assert [len(nested), len(paper)] == [5, 4]
    assert all("optimistic" in row[-1] for row in paper[2:])
    assert not any("optimistic" in row[-1] for row in nested[2:])
    assert "a\\|b_c" in text


def test_lines_are_of_a_readable_width(mixed):
    assert max(map(len, mixed.to_markdown().splitlines())) <= WIDTH


def test_datasets_are_crossed_with_systems_first(make_scores):
    scores = [
        score
        for dataset, right in (("x", [1, 0]), ("y", [1, 1]))
        for score in make_scores([right, right], dataset=dataset)
    ]
    text = compare(scores).to_markdown()
    assert text.startswith("## Accuracy % by dataset\n")
    crossed = cells_under(text, "## Accuracy % by dataset")
    assert crossed[0] == ["System", "Protocol", "x", "y"]
    assert crossed[2] == ["mfcc + knn", "nested", "50.0", "100.0"]


def test_one_row_of_tests_for_each_pair(scores):
    best = compare(scores)
    rows = cells_under(
        best.to_markdown(), "Tests, every system against the best of its dataset and protocol:"
    )
    first = best.members[0].classifier
    assert rows[0] == [f"{first} against", "Difference", "p over folds", "p over clips"]
    assert {row[0] for row in rows[2:]} == set("abc") - {first}
    against = compare(scores, baseline="b").to_markdown()
    rows = cells_under(against, "Tests, every system against the baseline mfcc + b:")
    assert [rows[0][0], {row[0] for row in rows[2:]}] == ["b against", {"a", "c"}]
    everything = compare(scores, all_pairs=True).to_markdown()
    rows = cells_under(everything, "Tests, every pair of systems of a dataset and protocol:")
    assert rows[0][:3] == ["A", "B", "A − B"] and len(rows) == 2 + 3


def test_names_stand_in_full_below(scores):
    assert "## Names in full\n\n- a: mfcc + a\n" in compare(scores).to_markdown().replace(
        "- b: mfcc + b\n", ""
    ).replace("- c: mfcc + c\n", "")


def test_ranks_and_the_analysis_of_variance_are_there(repeated, rng):
    comparison = compare(repeated(rng.random((3, 2, 5, 20)) < 0.6))
    text = comparison.to_markdown()
    variance = text.split("## Analysis of variance over runs\n\n")[1]
    statistic = comparison.variance[0]["statistic"]
    assert variance.startswith(f"- one-way ANOVA (toy, nested): F = {statistic:.2f}, p ")
    (ranking,) = comparison.rankings
    rows = cells_under(text, "## Mean ranks: folds of toy, nested")
    assert rows[2] == [f"{ranking.ranks[0]:.2f}", ranking.systems[0].removeprefix("mfcc + ")]
    assert "p over seeds, variances taken as equal" in text
