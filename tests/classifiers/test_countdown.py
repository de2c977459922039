import logging

import pytest

from featkit.classifiers._search import countdown
from featkit.classifiers._search.countdown import Countdown, duration


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands at ``now[0]`` seconds."""
    now = [0.0]
    monkeypatch.setattr(countdown.time, "monotonic", lambda: now[0])
    return now


def test_a_long_search_says_its_time_then_a_line_a_minute_then_what_it_took(clock, caplog):
    caplog.set_level(logging.INFO, logger="featkit")
    search = Countdown("search", 10, 500.0)
    assert caplog.messages == ["search: about 8 min 20 s"]
    for step in range(1, 11):
        clock[0] = 30.0 * step
        search.advance(1)
    lines = caplog.messages[1:]
    # Two steps of thirty seconds make a minute: 20 %, and four times as long for the rest.
    assert lines[0] == "search: 20 % after 1 min 0 s, about 4 min 0 s left"
    assert len(lines) == 5
    assert lines[-1] == "search: took 5 min 0 s"


def test_a_short_search_says_nothing(clock, caplog):
    caplog.set_level(logging.INFO, logger="featkit")
    search = Countdown("search", 2, 59.0)
    for second in (20.0, 59.0):
        clock[0] = second
        search.advance(1)
    assert caplog.messages == []


def test_a_search_that_takes_longer_than_estimated_says_so(clock, caplog):
    caplog.set_level(logging.INFO, logger="featkit")
    search = Countdown("search", 4, 1.0)
    clock[0] = 90.0
    search.advance(1)
    assert caplog.messages == ["search: 25 % after 1 min 30 s, about 4 min 30 s left"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (61, "1 min 1 s"), (599.4, "9 min 59 s"), (601, "10 min"), (7260, "2 h 1 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text
