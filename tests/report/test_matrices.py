import dataclasses
import re

import numpy as np

from featkit.comparison.confusion import confusion, recalls
from featkit.comparison.pooling import pool
from featkit.report.matrices import confusion_table, recall_table


def test_a_class_without_clips_has_no_recall(make_scores):
    (system,) = pool(make_scores([[1, 1]], classes=("a", "b", "never")))
    classes, counts = confusion(system)
    assert classes[2] == "never" and np.isnan(recalls(counts)[2])
    assert "–" in recall_table([system], {system.label: "x"})


def test_the_matrix_shows_counts_and_fractions_of_the_row(make_scores):
    (system,) = pool(make_scores([[1, 1, 0, 1]]))
    table = confusion_table(system)
    assert re.findall(r"<td[^>]*>(\d*)</td>", table) == ["2", "", "1", "1"]
    assert re.findall(r"--v:([\d.]+)", table) == ["1.000", "0.500", "0.500"]
    assert "b predicted as a: 1" in table


def test_without_errors_or_predictions_it_says_so(make_scores):
    assert "No errors." in confusion_table(pool(make_scores([[1, 1]]))[0])
    bare = pool(make_scores([[1, 1]], ids=(), groups=(), y_true=(), y_pred=()))
    assert "No predictions" in confusion_table(bare[0])


def test_very_many_classes_leave_the_matrix_out(make_scores):
    (score,) = make_scores([[1, 0]])
    many = dataclasses.replace(score, classes=tuple(f"c{at:03d}" for at in range(100)))
    table = confusion_table(pool([many])[0])
    assert (
        "102 classes: the matrix is left out" in table
        and "predicted as" in table
        and "<table" not in table
    )


def test_recall_has_one_line_for_each_system_and_the_clips_of_each_class_once(make_scores):
    systems = pool(
        make_scores([[1, 0, 1, 1], [1, 1, 1, 1]], classifier="x")
        + make_scores([[1, 1, 1, 1], [1, 1, 1, 1]], classifier="x", seed=1)
        + make_scores([[0, 0, 0, 0], [1, 1, 1, 1]], classifier="y")
    )
    table = recall_table(systems, {system.label: system.classifier for system in systems})
    assert re.findall(r'<span class="name" title="mfcc \+ .">(.)</span>', table) == ["x", "y"]
    assert re.findall(r">([\d.]+) %</td>", table) == ["88", "100", "50", "50"]
    assert re.findall(r'<td class="num">(\d+)</td>', table) == ["4", "4"]
