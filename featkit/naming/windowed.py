"""Ids of windows: the id of the clip that was cut, ``@``, and seconds in its file."""


def window_id(clip: str, start: float, end: float | None) -> str:
    """Return the id of one window; an end of None is unknown.

    >>> window_id("dog/7.wav", 0.5, 1.5), window_id("dog/8.wav", 0.0, None)
    ('dog/7.wav@0.5-1.5', 'dog/8.wav@0-end')
    """
    return f"{clip}@{_seconds(start)}-{'end' if end is None else _seconds(end)}"


def clip_of(window: str) -> str:
    """Return the id of the clip that a window is cut from.

    >>> clip_of("dog/7.wav@0.5-1.5")
    'dog/7.wav'
    """
    return window.rpartition("@")[0]


def _seconds(value: float) -> str:
    """Return seconds to the microsecond, as short as they are."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
