"""Rows as they come to rows as a net reads them."""

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.training import intake
from featkit.training.data import Rows


def ragged(*lengths: int) -> list[np.ndarray]:
    return [np.full((length, 2), length, np.float32) for length in lengths]


def test_only_rows_that_differ_are_made_even() -> None:
    assert intake.frames(ragged(3, 9, 5), 0) == 5
    assert intake.frames(ragged(4, 4), 0) == 0 == intake.frames(np.zeros((2, 3, 4)), 0)
    assert intake.frames(ragged(4, 4), 7) == 7


def test_rows_are_stacked_and_checked() -> None:
    assert intake.read(ragged(3, 9), 5).source.shape == (2, 5, 2)
    assert intake.read(ragged(4, 4), 0).shape == (4, 2)
    with pytest.raises(ParameterError, match=r"\(4, 2\); this net was trained on \(5, 2\)"):
        intake.read(ragged(4), 0, (5, 2))
    with pytest.raises(ParameterError, match="cannot be made even"):
        intake.read(np.zeros((2, 3, 4, 5)), 7)
    with pytest.raises(ParameterError, match="no rows"):
        intake.read([], 0)


def test_a_front_end_needs_the_rate_and_augmentation_a_front_end() -> None:
    with pytest.raises(ParameterError, match="sr=44100"):
        intake.front_end(np.zeros((2, 100)), "multires_logmel", 0)
    part = intake.parts(Rows(np.zeros((2, 3, 4))), np.array([0, 1]), 0.0, None, 0)[0]
    with pytest.raises(ParameterError, match="front=FEATURE"):
        intake.augmented(np.zeros((2, 3)), part, "", 0, 0)
    assert intake.front_end("as it is", "", 0) == "as it is"


def test_the_validation_part_is_cut_by_folds_or_by_share() -> None:
    rows, targets = Rows(np.arange(40.0).reshape(20, 2, 1)), np.arange(20) % 2
    assert intake.parts(rows, targets, 0.0, None, 0)[1] is None
    folds = np.repeat([4, 2, 3, 2], 5)
    train, valid = intake.parts(rows, targets, 0.2, folds, 0)
    assert valid is not None
    assert np.array_equal(valid.rows.index, np.flatnonzero(folds == 2)) and np.array_equal(
        train.targets, targets[folds != 2]
    )
    _, shared = intake.parts(rows, targets, 0.2, None, 0)
    assert shared is not None and sorted(shared.targets) == [0, 0, 1, 1]


def test_labels_become_places_among_the_classes() -> None:
    rows = Rows(np.zeros((3, 2)))
    assert intake.labelled(rows, ["b", "a", "b"], np.array(["a", "b"])).targets.tolist() == [
        1,
        0,
        1,
    ]
    with pytest.raises(ParameterError, match="no label that the training"):
        intake.labelled(rows, ["c", "c", "d"], np.array(["a", "b"]))
    assert intake.labelled(rows, ["b", "c", "a"], np.array(["a", "b"])).targets.tolist() == [
        1,
        -1,
        0,
    ]
