"""Length rules on the first axis."""

import numpy as np

from featkit.dsp.length import exactly, fill, repeat


def test_repeat_has_the_period_of_the_row():
    np.testing.assert_array_equal(repeat(np.array([1.0, 2.0, 3.0]), 8), [1, 2, 3, 1, 2, 3, 1, 2])
    np.testing.assert_array_equal(repeat(np.array([1.0, 2.0, 3.0]), 2), [1, 2])
    assert repeat(np.ones((2, 5), dtype=np.float32), 7).shape == (7, 5)


def test_fill_adds_a_number_or_one_entry():
    np.testing.assert_array_equal(fill(np.array([1.0, 2.0]), 4, -7.0), [1, 2, -7, -7])
    filled = fill(np.zeros((1, 2), dtype=np.float32), 3, [5.0, 6.0])
    np.testing.assert_array_equal(filled, [[0, 0], [5, 6], [5, 6]])
    assert filled.dtype == np.float32


def test_exactly_cuts_or_adds_zeros():
    row = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    assert exactly(row, 2).tolist() == [1, 2]
    assert exactly(row, 5).tolist() == [1, 2, 3, 0, 0]
