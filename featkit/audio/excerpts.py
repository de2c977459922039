"""Excerpts of one recording, neighbours decoded together: overlapping windows once, not each.

libsndfile finds the first sample of an excerpt of an MP3, but lacks the bytes that its first frame
shares with the frames before: up to 0.04 s of it are wrong. So an MP3 is decoded from a little
earlier on.
"""

import math
from collections.abc import Mapping

import numpy as np

from featkit.audio.decoding import decode
from featkit.audio.mpeg import is_frame
from featkit.audio.recording import Recording
from featkit.audio.signal import Samples, Signal
from featkit.errors import AudioError

Span = tuple[float, float | None]

# Seconds that are decoded at a time, unless one excerpt is longer.
MOST_SECONDS = 60.0
# Seconds before an excerpt of an MP3.
EARLIER = 0.5
# Seconds between excerpts that follow each other: rounding errors.
SLACK = 1e-6


class Excerpts:
    """Excerpts of one recording, decoded when they are asked for.

    Those that follow each other without a gap are decoded together, whichever of them are asked
    for: what one is does not depend on that. One run is held at a time, so ask in order of time.

    Parameters
    ----------
    data : bytes or Recording
    spans : mapping of int to (float, float or None)
        Start and length in seconds by number; a length of None: to the end.
    """

    def __init__(self, data: bytes | Recording, spans: Mapping[int, Span]) -> None:
        self.data, self.spans = data, spans
        self._earlier = EARLIER if _is_mp3(data) else 0.0
        self._runs = _runs(self.spans)
        self._held: tuple[Span, Signal] | None = None

    def signal(self, number: int) -> Signal:
        """Return one excerpt.

        Raises
        ------
        AudioError
            As `featkit.audio.decode`, for this excerpt alone.
        """
        span, run = self.spans[number], self._runs[number]
        if run == span:
            return self._decoded(span)
        try:
            if self._held is None or self._held[0] != run:
                self._held = run, self._decoded(run)
            whole = self._held[1]
            cut = _cut(whole.samples, whole.sr, run[0], span)
        except AudioError:
            cut = None
        # What is wrong in a run may be wrong in other excerpts only.
        return self._decoded(span) if cut is None else Signal(cut, whole.sr)

    def _decoded(self, span: Span) -> Signal:
        start, length = span
        early = max(0.0, start - self._earlier)
        if early == start:
            return decode(self.data, start, length)
        signal = decode(self.data, early, None if length is None else length + start - early)
        cut = _cut(signal.samples, signal.sr, early, span)
        return decode(self.data, start, length) if cut is None else Signal(cut, signal.sr)


def _is_mp3(data: bytes | Recording) -> bool:
    head = bytes(data[:16])
    return head[:3] == b"ID3" or is_frame(head)


def _runs(spans: Mapping[int, Span]) -> dict[int, Span]:
    """Return for each span, by its number, what is decoded for it: all that adjoin it."""
    runs: dict[int, Span] = dict(spans)
    timed = sorted(
        (start, start + length, number)
        for number, (start, length) in spans.items()
        if length is not None
    )
    members: list[int] = []
    first = last = 0.0
    for start, end, number in [*timed, (math.inf, math.inf, -1)]:
        if members and (start > last + SLACK or max(end, last) - first > MOST_SECONDS):
            if len(members) > 1:
                runs.update(dict.fromkeys(members, (first, last - first)))
            members = []
        if not members:
            first, last = start, end
        members.append(number)
        last = max(last, end)
    return runs


def _cut(samples: Samples, sr: int, begin: float, span: Span) -> Samples | None:
    """Return the samples of a span in those from ``begin`` on; None where some are missing."""
    start, length = span
    first = round(start * sr) - round(begin * sr)
    if length is None:
        return samples[first:] if first < len(samples) else None
    part = samples[first : first + round(length * sr)]
    return np.ascontiguousarray(part) if len(part) == round(length * sr) else None
