"""Rows divided in time."""

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.training import windows


@pytest.mark.parametrize(
    ("frames", "length", "hop", "count"),
    [
        (862, 172, 172, 5),  # 10 s of maps in 2-s windows
        (862, 172, 86, 9),
        (862, 862, 862, 1),
        (441_000, 88_200, 88_200, 5),  # the same of a waveform at 44,100 Hz
        (441_000, 88_200, 44_100, 9),
        (100, 172, 86, 1),
    ],
)
def test_a_clip_has_that_many_windows(frames, length, hop, count):
    assert len(windows.starts(frames, length, hop)) == count
    assert windows.cut(np.zeros(frames, np.float32), length, hop).shape == (count, length)


@pytest.mark.parametrize("shape", [(70,), (70, 3), (2, 3, 70)])
def test_windows_are_cut_in_time(shape):
    row = np.arange(np.prod(shape)).reshape(shape)
    third = windows.cut(row, 20, 15)[2]
    assert np.array_equal(third, row[..., 30:50] if len(shape) == 3 else row[30:50])


def test_short_rows_are_repeated():
    assert windows.cut(np.array([1, 2, 3]), 7, 7).tolist() == [[1, 2, 3, 1, 2, 3, 1]]


@pytest.mark.parametrize("wrong", [(0, 2, 2), (5, 0, 2), (5, 2, 0)])
def test_empty_rows_and_windows_are_refused(wrong):
    with pytest.raises(ParameterError):
        windows.starts(*wrong)
