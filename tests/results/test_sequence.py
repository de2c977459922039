"""`Scores`: a list that becomes a frame, goes to disk and comes back."""

import dataclasses

import numpy as np
import pytest

from featkit.results import Note, Scores, read


@pytest.fixture
def scores(make_scores):
    notes = (Note("leakage", "shared <clips>"),)
    return Scores(
        [
            *make_scores(np.eye(2, 4), classifier="knn"),
            *make_scores(np.ones((2, 4)), classifier="svm", notes=notes),
        ]
    )


def test_slices_and_sums_stay_scores(scores):
    assert isinstance(scores, list)
    assert isinstance(scores[:2], Scores) and len(scores[:2]) == 2
    assert isinstance(scores + list(scores), Scores) and len(scores + list(scores)) == 8
    assert scores[0].classifier == "knn"


def test_what_was_saved_is_loaded(scores, tmp_path):
    scores[:2].save(tmp_path / "r.jsonl")
    scores[2:].save(tmp_path / "r.jsonl")
    loaded = Scores.load(tmp_path / "r.jsonl")
    assert isinstance(loaded, Scores) and loaded == scores == read(tmp_path / "r.jsonl")


def test_the_frame_has_a_row_for_each_score(scores):
    frame = scores.to_frame()
    assert list(frame.accuracy) == [0.25, 0.25, 1.0, 1.0]
    assert frame.groupby("classifier").accuracy.mean().to_dict() == {"knn": 0.25, "svm": 1.0}
    assert list(frame.notes[2]) == ["shared <clips>"] and frame.fold[1] == "2"
    assert "y_pred" not in frame
    empty = Scores().to_frame()
    assert list(empty.columns) == list(frame.columns) and len(empty) == 0


def test_means_leave_failures_out_and_weigh_as_the_protocol_does(scores, make_scores):
    failed = dataclasses.replace(scores[0], accuracy=None, error="broken")
    means = Scores([failed, *scores[1:]]).means()
    assert means["toy", "mfcc", "knn", "nested"] == (0.25, 1)
    assert Scores([failed]).means() == {("toy", "mfcc", "knn", "nested"): (None, 0)}
    uneven = [
        make_scores([[1]], protocol="paper-weighted")[0],
        dataclasses.replace(make_scores([[0] * 3], protocol="paper-weighted")[0], fold="2"),
    ]
    assert Scores(uneven).means()["toy", "mfcc", "knn", "paper-weighted"] == (0.25, 2)


def test_failures_and_notes_are_shown(scores):
    failed = dataclasses.replace(scores[0], accuracy=None, error="<broken>")
    shown = Scores([failed, *scores[1:]])
    assert repr(shown) == "Scores(4 scores of 2 systems, 1 failed)"
    page = shown._repr_html_()
    assert "&lt;broken&gt;" in page and "shared &lt;clips&gt;" in page and "100.0" in page
