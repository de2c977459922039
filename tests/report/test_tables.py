import csv
import dataclasses
import io
import json

import numpy as np
import pytest

from featkit.comparison.overview import compare
from featkit.report.tables import latex_text, p_text, system_cells
from featkit.results import Note


@pytest.fixture
def comparison(make_scores, rng):
    scores = []
    for protocol in ("nested", "paper"):
        for name in ("svm:scale=false", "knn"):
            scores += make_scores(
                rng.random((5, 20)) < 0.7,
                classifier=name,
                protocol=protocol,
                notes=(Note("leakage", "leakage allowed: 3 clips"),),
            )
    failed = dataclasses.replace(
        scores[0],
        classifier="a|b_c",
        error="ValueError: 5 & 6",
        accuracy=None,
        ids=(),
        y_true=(),
        y_pred=(),
    )
    return compare([*scores, dataclasses.replace(failed, groups=())])


OUTPUTS = ["to_markdown", "to_latex", "to_csv"]


@pytest.mark.parametrize("output", OUTPUTS)
def test_optimistic_leaky_and_failed_are_visible_everywhere(comparison, output):
    text = getattr(comparison, output)()
    assert "optimistic" in text and "leakage allowed" in text and "incomplete: 0 of 5 folds" in text


def test_markdown_is_a_table_of_equal_width(comparison):
    lines = [line for line in comparison.to_markdown().splitlines() if line.startswith("|")]
    systems = lines[: 2 + 5]
    assert {line.replace("\\|", "").count("|") for line in systems} == {11}
    paper = [line for line in systems if "paper" in line]
    assert len(paper) == 2 and all("paper (optimistic)" in line for line in paper)
    assert "a\\|b_c" in comparison.to_markdown()


def test_numbers_are_percentages_with_their_interval():
    row = {
        "rank": 1,
        "feature": "f",
        "classifier": "c",
        "protocol": "nested",
        "mean": 0.7712,
        "std": 0.0345,
        "std_over": "seeds",
    }
    row |= {"ci95": [0.7, 0.8], "n_runs": 3, "n_folds": 5, "macro_f1": None, "marks": []}
    assert system_cells(row) == (
        "1",
        "f",
        "c",
        "nested",
        "77.1 ± 3.5 (seeds)",
        "[70.0, 80.0]",
        "3",
        "5",
        "–",
        "",
    )


def test_csv_reads_back_exactly(comparison):
    rows = list(csv.DictReader(io.StringIO(comparison.to_csv())))
    assert len(rows) == len(comparison.systems)
    for row, system in zip(rows, comparison.systems, strict=True):
        assert row["classifier"] == system["classifier"]
        if system["mean"] is not None:
            assert float(row["mean"]) == system["mean"]
            assert [float(row["ci95_low"]), float(row["ci95_high"])] == system["ci95"]


def test_latex_rows_have_their_columns_and_are_escaped(comparison):
    text = comparison.to_latex()
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {line.replace(r"\&", "").count("&") for line in rows[:6]} == {9}
    assert r"a|b\_c" in text and "ValueError: 5 \\& 6" in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2


def test_latex_escapes_every_special_sign():
    assert latex_text("a_b & 5% $x$ #1 {y} ~^\\ toy→esc") == (
        r"a\_b \& 5\% \$x\$ \#1 \{y\} \textasciitilde{}\textasciicircum{}\textbackslash{} toy$\to$esc"
    )


def test_small_p_values():
    assert [p_text(p) for p in (0.0004, 0.0312, 1.0, float("nan"))] == [
        "< 0.001",
        "0.031",
        "1.000",
        "–",
    ]


def test_tests_against_the_best_or_the_baseline(comparison, make_scores, rng):
    text = comparison.to_markdown()
    assert "Tests against the best of each dataset and protocol" in text
    scores = [
        score for name in "abc" for score in make_scores(rng.random((5, 20)) < 0.6, classifier=name)
    ]
    against = compare(scores, baseline="b").to_markdown()
    assert "Tests against the baseline mfcc + b" in against
    tests = [line for line in against.splitlines() if line.startswith("| mfcc + b |")]
    assert len(tests) == 4


def test_infinite_statistics_are_none_in_json(make_scores):
    scores = make_scores(np.ones((3, 4)), classifier="a") + make_scores(
        np.zeros((3, 4)), classifier="b"
    )
    found = compare(scores).to_dict()
    assert found["tests"][0]["statistic"] is None and found["tests"][0]["p"] == 0.0
    json.dumps(found, allow_nan=False)
