"""A comparison in the terminal."""

import re

import pytest

from featkit.comparison.overview import compare


def lines_of(comparison):
    return str(comparison).splitlines()


def test_a_line_for_each_system_with_its_difference_to_the_best(scores, rights):
    lines = lines_of(compare(scores))
    assert lines[0] == "toy, nested"
    assert " ".join(lines[1].split()) == "# SYSTEM ACCURACY % 95 % INTERVAL AGAINST #1"
    order = sorted(rights, key=lambda name: -rights[name].mean())
    for place, (name, line) in enumerate(zip(order, lines[2:6], strict=True), start=1):
        assert line.split()[:3] == [str(place), name, f"{100 * rights[name].mean():.1f}"]
    for name, line in zip(order[1:], lines[3:6], strict=True):
        gap = 100 * (rights[order[0]].mean() - rights[name].mean())
        assert f"−{gap:.1f} [" in line and re.search(r"p [=<] 0\.\d{3}$", line)
    assert not any("|" in line or "\\" in line for line in lines)


def test_a_baseline_is_named_and_the_family_said(scores):
    text = str(compare(scores, baseline="knn"))
    (line,) = [line for line in text.splitlines() if " knn " in line and "baseline" in line]
    assert line.rstrip().endswith("the baseline")
    assert "AGAINST THE BASELINE" in text
    assert "every system against the baseline mfcc + knn" in " ".join(text.split())


def test_short_names_say_where_the_full_ones_are(scores, make_scores):
    assert "in full" in str(compare(scores))
    assert "in full" not in str(compare(make_scores([[1, 0], [1, 1]])))


def test_all_pairs_have_no_column_against_one(scores):
    assert "AGAINST" not in str(compare(scores, all_pairs=True))


def test_marks_and_failures_are_said(mixed):
    text = str(mixed)
    assert "toy, paper (optimistic)" in text and "leakage allowed" in text
    assert "failed: toy, mfcc + a|b_c" in text and "ValueError: 5 & 6" in text


def test_an_interval_turns_with_its_difference(make_scores):
    better, worse = ([[1] * 10, [1] * 9 + [0]], [[1] * 8 + [0] * 2, [1] * 5 + [0] * 5])
    comparison = compare(
        [*make_scores(better, classifier="a"), *make_scores(worse, classifier="b")]
    )
    test = comparison.tests[0]
    assert test["difference"] == pytest.approx(0.3)
    low, high = (100 * end for end in test["ci95"])
    expected = f"−30.0 [{-high:+.1f}, {-low:+.1f}]".replace("-", "−")
    assert expected in str(comparison)
