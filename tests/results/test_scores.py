import json

from featkit.results import Note, Score

SCORE = Score("toy", "mfcc", "knn", "nested", "1", accuracy=0.5)
LEAKAGE = Note("leakage", "leakage allowed: 3 clips")


def with_notes(*notes):
    return Score("toy", "mfcc", "knn", "nested", "1", notes=notes)


def test_a_score_is_optimistic_by_its_protocol():
    protocols = ("nested", "paper", "paper-weighted")
    scores = [Score("toy", "mfcc", "knn", protocol, "1") for protocol in protocols]
    assert [score.optimistic for score in scores] == [False, True, True]


def test_a_score_is_leaky_by_the_kind_of_a_note_and_not_by_its_wording():
    assert with_notes(Note("missing", "x"), LEAKAGE).leaky
    assert not SCORE.leaky
    assert not with_notes(Note("warning", LEAKAGE.text)).leaky


def test_a_row_is_what_json_has_and_holds_no_clips():
    row = with_notes(LEAKAGE).row()
    assert row["notes"] == [{"kind": "leakage", "text": "leakage allowed: 3 clips"}]
    assert json.loads(json.dumps(row)) == row
    assert not {"classes", "ids", "groups", "y_true", "y_pred", "probabilities"} & set(row)
