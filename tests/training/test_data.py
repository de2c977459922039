"""From what a user hands over to batches."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import zarr

from featkit.errors import ParameterError
from featkit.training import data
from featkit.training.data import Loader, split_batches
from featkit.training.rows import Rows

VALUES = np.arange(7 * 2 * 3, dtype=np.float32).reshape(7, 2, 3)


class RowByRow:
    """An array-like that gives single rows only and counts them."""

    def __init__(self) -> None:
        self.shape, self.dtype, self.asked = VALUES.shape, VALUES.dtype, 0

    def __getitem__(self, row: int) -> Any:
        if not isinstance(row, int):
            raise TypeError(f"only single rows, not {row!r}")
        self.asked += 1
        return VALUES[row]


class PerEpoch(RowByRow):
    """Rows that grow by the epoch's number."""

    def __init__(self, epoch: int = 0) -> None:
        super().__init__()
        self.epoch = epoch

    def at_epoch(self, epoch: int) -> "PerEpoch":
        return PerEpoch(epoch)

    def __getitem__(self, row: int) -> Any:
        return VALUES[row] + self.epoch


def sources(folder: Path) -> dict[str, Any]:
    np.save(folder / "values.npy", VALUES)
    stored = zarr.create_array(
        folder / "values.zarr", shape=VALUES.shape, chunks=(1, 2, 3), dtype="float32"
    )
    stored[:] = VALUES
    return {
        "array": VALUES,
        "map": np.load(folder / "values.npy", mmap_mode="r"),
        "zarr": stored,
        "rows": RowByRow(),
    }


@pytest.mark.parametrize("kind", ["array", "map", "zarr", "rows"])
@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_batches_are_the_same_from_every_source(tmp_path: Path, kind: str, memory: int) -> None:
    rows = Rows(sources(tmp_path)[kind]).subset(np.array([6, 0, 3, 5]))
    assert (len(rows), rows.shape, rows.nbytes) == (4, (2, 3), 4 * 4 * 6)
    actual = list(Loader(rows, memory=memory).batches([np.array([2, 0]), np.array([3, 1])]))
    assert np.array_equal(actual[0].numpy(), VALUES[[3, 6]]) and np.array_equal(
        actual[1].numpy(), VALUES[[5, 0]]
    )
    assert actual[0].dtype == torch.float32


def test_rows_that_fit_are_read_once_and_others_every_time() -> None:
    for memory, reads in ((1 << 20, 7), (0, 14)):
        source = RowByRow()
        loader = Loader(Rows(source), memory=memory)
        for _ in range(2):
            list(loader.batches([np.arange(4), np.arange(4, 7)]))
        assert source.asked == reads


def test_half_precision_rows_become_float32() -> None:
    batch = next(Loader(Rows(VALUES.astype(np.float16))).batches([np.arange(3)]))
    assert batch.dtype == torch.float32 and np.array_equal(batch.numpy(), VALUES[:3])


def test_rows_that_change_are_those_of_the_epoch() -> None:
    loader = Loader(Rows(PerEpoch()))
    for epoch in (0, 4):
        assert np.array_equal(
            next(loader.batches([np.arange(2)], epoch)).numpy(), VALUES[:2] + epoch
        )


def test_an_error_while_reading_ahead_is_raised() -> None:
    class Torn(RowByRow):
        def __getitem__(self, row: int) -> Any:
            if row == 5:
                raise OSError("row 5 cannot be read")
            return VALUES[row]

    with pytest.raises(OSError, match="row 5"):
        list(Loader(Rows(Torn()), memory=0).batches([np.array([row]) for row in range(7)]))


@pytest.mark.parametrize(
    ("n", "size", "lengths"),
    [(10, 4, [4, 4, 2]), (9, 4, [4, 5]), (8, 4, [4, 4]), (1, 4, [1]), (3, 1, [1, 2])],
)
def test_no_batch_of_a_single_row_is_left_over(n: int, size: int, lengths: list[int]) -> None:
    parts = split_batches(np.arange(n), size)
    assert [len(part) for part in parts] == lengths and np.array_equal(
        np.concatenate(parts), np.arange(n)
    )


def ragged(*lengths: int) -> list[np.ndarray]:
    return [np.full((length, 2), length, np.float32) for length in lengths]


def test_only_rows_that_differ_are_made_even() -> None:
    assert data.frames(ragged(3, 9, 5), 0) == 5
    assert data.frames(ragged(4, 4), 0) == 0 == data.frames(np.zeros((2, 3, 4)), 0)
    assert data.frames(ragged(4, 4), 7) == 7


def test_rows_are_stacked_and_checked() -> None:
    assert data.read(ragged(3, 9), 5).source.shape == (2, 5, 2)
    assert data.read(ragged(4, 4), 0).shape == (4, 2)
    with pytest.raises(ParameterError, match=r"\(4, 2\); this net was trained on \(5, 2\)"):
        data.read(ragged(4), 0, (5, 2))
    with pytest.raises(ParameterError, match="cannot be made even"):
        data.read(np.zeros((2, 3, 4, 5)), 7)
    with pytest.raises(ParameterError, match="no rows"):
        data.read([], 0)


def test_the_validation_part_is_cut_by_folds_or_by_fraction() -> None:
    rows, targets = Rows(np.arange(40.0).reshape(20, 2, 1)), np.arange(20) % 2
    assert data.parts(rows, targets, 0.0, None, 0)[1] is None
    folds = np.repeat([4, 2, 3, 2], 5)
    train, valid = data.parts(rows, targets, 0.2, folds, 0)
    assert valid is not None
    assert np.array_equal(valid.rows.index, np.flatnonzero(folds == 2)) and np.array_equal(
        train.targets, targets[folds != 2]
    )
    _, shared = data.parts(rows, targets, 0.2, None, 0)
    assert shared is not None and sorted(shared.targets) == [0, 0, 1, 1]


def test_labels_become_places_among_the_classes() -> None:
    rows = Rows(np.zeros((3, 2)))
    assert data.labelled(rows, ["b", "a", "b"], np.array(["a", "b"])).targets.tolist() == [
        1,
        0,
        1,
    ]
    with pytest.raises(ParameterError, match="no label that the training"):
        data.labelled(rows, ["c", "c", "d"], np.array(["a", "b"]))
    assert data.labelled(rows, ["b", "c", "a"], np.array(["a", "b"])).targets.tolist() == [
        1,
        -1,
        0,
    ]
