"""The grid of windows over a recording."""

import pytest

from featkit.audio.windows import Windows
from featkit.errors import ParameterError


@pytest.mark.parametrize(
    ("window", "hop", "total", "starts"),
    [
        (1.0, 1.0, 24, [0, 8, 16]),
        (1.0, 0.5, 24, [0, 4, 8, 12, 16]),
        (1.0, 1.0, 21, [0, 8, 13]),  # the last window ends with the recording
        (1.0, 2.0, 30, [0, 16]),  # a hop longer than a window leaves gaps, at the end too
        (2.0, 1.0, 17, [0, 1]),
    ],
)
def test_windows_start_every_hop_and_end_with_the_recording(window, hop, total, starts):
    size = round(8 * window)
    spans = Windows(window, hop).spans(total, 8)
    assert spans == [(start / 8, size / 8) for start in starts]


def test_less_than_a_hundredth_of_a_window_is_left_out():
    assert len(Windows(1.0, 1.0).spans(16_000 + 80, 8000)) == 2
    assert len(Windows(1.0, 1.0).spans(16_000 + 81, 8000)) == 3


@pytest.mark.parametrize("total", [0, 1, 8])
def test_a_recording_that_is_not_longer_than_a_window_is_one(total):
    assert Windows(1.0, 0.5).spans(total, 8) == [(0.0, None)]


@pytest.mark.parametrize("options", [(0.0, 1.0), (1.0, -1.0), (float("nan"), 1.0), (1.0, 1e9)])
def test_windows_out_of_range_are_refused(options):
    with pytest.raises(ParameterError, match=r"window|hop"):
        Windows(*options)


def test_options_and_stored_numbers_make_windows():
    assert Windows.of(2.0, None) == Windows(2.0, 2.0)
    assert Windows.of(None, None) is None
    with pytest.raises(ParameterError, match="needs a window"):
        Windows.of(None, 1.0)
    assert Windows.read({"window": 1.0, "hop": 0.5}) == Windows(1.0, 0.5)
    for damaged in (
        None,
        3,
        {},
        {"window": 1.0},
        {"window": "1", "hop": 1.0},
        {"window": 0, "hop": 1},
    ):
        assert Windows.read(damaged) is None
