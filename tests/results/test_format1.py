import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from featkit.evaluation import Folding, evaluate
from featkit.results import Note
from featkit.results.format1 import note_from_text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("leakage allowed: 3 test clips share their group with a training clip: a", "leakage"),
        ("optimistic: selected on the test folds", "optimistic"),
        ("nothing to select: plain cross-validation", "unselected"),
        (
            "the validation part is not used: this classifier selects nothing on it",
            "unselected",
        ),
        ("3 folds instead of 5: a class has only 3 groups", "folds"),
        ("12 clips in no split are left out", "missing"),
        ("7 clips of the dataset have no valid row and are left out", "missing"),
        ("rows of different length: mean and standard deviation over time", "pooled"),
        ("ConvergenceWarning: lbfgs failed to converge", "warning"),
        ("UserWarning: 9 clips in all", "warning"),
    ],
)
def test_every_note_that_format_1_wrote_gets_its_kind(text, kind):
    assert note_from_text(text) == Note(kind, text)


def test_notes_of_today_survive_the_way_through_format_1(make_table, rng):
    """So a fusion of old results equals the fusion that is stored, and is not written again."""
    ragged = [rng.standard_normal((3 + row % 4, 5)) for row in range(30)]
    whole = make_table(n=30, groups=np.full(30, "g"), n_missing=2)
    few = make_table(n=9, protocol="none")
    splits = np.array(["train"] * 14 + ["valid"] * 5 + ["test"] * 10 + [""])
    scores = [
        *evaluate(make_table(n=30, X=ragged, pooling="mean_std"), KNeighborsClassifier()),
        *evaluate(whole, "knn", protocol="paper", folding=Folding(allow_leakage=True)),
        *evaluate(few, LogisticRegression(max_iter=1), protocol="paper"),
        *evaluate(make_table(n=30, splits=splits, protocol="split"), KNeighborsClassifier()),
    ]
    notes = {note for score in scores for note in score.notes}
    assert {note.kind for note in notes} == {
        "leakage",
        "optimistic",
        "unselected",
        "folds",
        "missing",
        "pooled",
        "warning",
    }
    assert {note_from_text(note.text) for note in notes} == notes
