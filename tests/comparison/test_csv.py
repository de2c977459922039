import csv
import dataclasses
import io

import numpy as np

from featkit import evaluate
from featkit.comparison.overview import compare


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_every_fold_of_every_seed_is_a_row(make_scores, rng):
    scores = [
        score
        for seed in range(2)
        for score in make_scores(rng.random((3, 10)) < 0.6, feature=f"f:seed={seed}")
    ]
    failed = dataclasses.replace(
        scores[0], classifier="svm", error="ValueError: a, b", accuracy=None, ids=()
    )
    rows = rows_of(compare([*scores, failed]).folds_csv())
    assert len(rows) == 7
    assert [float(row["accuracy"]) for row in rows[:6]] == [score.accuracy for score in scores]
    assert rows[6]["error"] == "ValueError: a, b" and rows[6]["accuracy"] == ""


def test_confusions_sum_to_the_clips(make_scores):
    rows = rows_of(
        compare(
            make_scores([[1, 1, 0, 1]]) + make_scores(np.ones((1, 4)), classifier="svm")
        ).confusion_csv()
    )
    counts = {(row["classifier"], row["true"], row["predicted"]): int(row["count"]) for row in rows}
    assert counts == {
        ("knn", "a", "a"): 2,
        ("knn", "b", "b"): 1,
        ("knn", "b", "a"): 1,
        ("svm", "a", "a"): 2,
        ("svm", "b", "b"): 2,
    }


def test_csv_reads_back_exactly(mixed):
    rows = list(csv.DictReader(io.StringIO(mixed.to_csv())))
    assert len(rows) == len(mixed.systems)
    for row, system in zip(rows, mixed.systems, strict=True):
        assert row["classifier"] == system["classifier"]
        if system["mean"] is not None:
            assert float(row["mean"]) == system["mean"]
            assert [float(row["ci95_low"]), float(row["ci95_high"])] == system["ci95"]


def test_tables_for_other_programs_carry_the_marks(make_table):
    comparison = compare(evaluate(make_table(n=30), "knn", protocol="paper"))
    for text in (comparison.folds_csv(), comparison.confusion_csv()):
        header, *rows = text.splitlines()
        assert header.endswith(",marks") and rows
        assert all(row.endswith(",optimistic") for row in rows)


HOSTILE = "=cmd|x\x1b[2J![p](http://x)\\input{y}"


def test_names_are_inert_in_every_text_form(make_scores):
    comparison = compare(make_scores([[1, 0, 1], [1, 1, 0]], classifier=HOSTILE))
    forms = {
        "csv": comparison.to_csv(),
        "folds": comparison.folds_csv(),
        "markdown": comparison.to_markdown(),
        "latex": comparison.to_latex(),
    }
    for name, text in forms.items():
        assert "\x1b" not in text and "x1b[2J" in text, name
    for name in ("csv", "folds"):
        cells = [cell for row in csv.reader(io.StringIO(forms[name])) for cell in row]
        assert "'=cmd|x\\x1b[2J![p](http://x)\\input{y}" in cells
        assert not any(cell.startswith("=") for cell in cells)
    assert "](" not in forms["markdown"]
    assert "\\input{y}" not in forms["latex"] and "input\\{y\\}" in forms["latex"]
