import pytest

from featkit.errors import ParameterError
from featkit.results import append, read, read_all

CORRECT = [[1, 0, 1], [1, 1, 0]]


@pytest.fixture
def write(make_scores, tmp_path):
    """``write(name, **changes)``: a file of the scores of one system, two folds of three clips."""

    def make(name, correct=CORRECT, **changes):
        append(tmp_path / name, make_scores(correct, **changes))
        return str(tmp_path / name)

    return make


def test_systems_of_one_dataset_come_together(write):
    a, b = write("a.jsonl"), write("b.jsonl", feature="logmel", correct=[[0, 1, 1], [1, 1, 1]])
    together = read_all([a, b])
    assert together.scores == (*read(a), *read(b)) and not together.warnings


def test_two_datasets_of_one_name_are_refused_with_both_files(write):
    a = write("a.jsonl")
    others = {
        "ids": ("u", "v", "w"),
        "y_true": ("b", "b", "b"),
        "classes": ("a", "b", "c"),
    }
    for name, value in others.items():
        b = write(f"{name}.jsonl", feature="logmel", **{name: value}, **consistent(name, value))
        with pytest.raises(ParameterError, match=rf"a\.jsonl.*{name}\.jsonl"):
            read_all([a, b])
    # Folds made in another way say nothing.
    other = write("other.jsonl", feature="mel", scheme="drawn", ids=("u", "v", "w"))
    assert len(read_all([a, other]).scores) == 4


def consistent(name, value):
    """What else must change so that the scores agree with themselves."""
    if name != "y_true":
        return {}
    return {"y_pred": value, "accuracy": 1.0, "macro_accuracy": 1.0, "macro_f1": 1.0}


def test_what_is_replaced_is_reported(write):
    a, b = write("a.jsonl", data="0" * 16), write("b.jsonl", data="1" * 16)
    together = read_all([a, b])
    assert together.scores == tuple(read(b))
    (warning,) = together.warnings
    assert warning.startswith("2 results of") and "a.jsonl" in warning and "b.jsonl" in warning
    assert not read_all([a, a]).warnings
