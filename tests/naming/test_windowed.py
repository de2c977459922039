"""Ids of windows lead back to their clips."""

import pytest

from featkit.naming.windowed import clip_of, window_id


@pytest.mark.parametrize("clip", ["a.wav", "dog/1@2.wav", "take@0.5-1", "ä b", ""])
@pytest.mark.parametrize("span", [(0.0, 1.0), (0.1 + 0.2, 1e5), (2.5, None)])
def test_the_clip_is_found_whatever_it_is_called(clip, span):
    assert clip_of(window_id(clip, *span)) == clip


def test_seconds_are_short_and_exact_to_the_microsecond():
    assert window_id("a", 0.1 + 0.2, 100.0) == "a@0.3-100"
    assert window_id("a", 551 / 22050, 1102 / 22050) == "a@0.024989-0.049977"
    assert window_id("a", 0.0, None) == "a@0-end"
