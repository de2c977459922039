"""How long a search will take: said before it starts, then at most once a minute, and at its end.

The lines go to the log ``featkit``; the command line prints it on stderr.
"""

import logging
import threading
import time

LOG = logging.getLogger("featkit")
LONG = 60.0  # seconds; shorter searches say nothing
EVERY = 60.0


class Countdown:
    """Steps of a search that are done, and the time that the others will take.

    Parameters
    ----------
    title : str
        What is searched.
    steps : float
        Work in all, in any unit.
    seconds : float
        Estimated time, from rates measured elsewhere; as soon as steps are done, their time counts
        instead.
    """

    def __init__(self, title: str, steps: float, seconds: float) -> None:
        self.title, self.steps = title, steps
        self.done = 0.0
        self.begun = self.last = time.monotonic()
        self.spoken = seconds >= LONG
        self._lock = threading.Lock()
        if self.spoken:
            LOG.info("%s: about %s", title, duration(seconds))

    def advance(self, steps: float) -> None:
        """Count steps as done, and say what is left if it is time to."""
        with self._lock:
            self.done += steps
            now = time.monotonic()
            taken = now - self.begun
            if self.done >= self.steps * (1.0 - 1e-9):
                if self.spoken:
                    LOG.info("%s: took %s", self.title, duration(taken))
            elif now - self.last >= EVERY:
                self.last, self.spoken = now, True
                left = taken * (self.steps / self.done - 1.0)
                percent = 100.0 * self.done / self.steps
                text = "%s: %.0f %% after %s, about %s left"
                LOG.info(text, self.title, percent, duration(taken), duration(left))


def duration(seconds: float) -> str:
    """Return a duration in words, to the second below ten minutes, then to the minute.

    >>> duration(75), duration(4000)
    ('1 min 15 s', '1 h 7 min')
    """
    if seconds < 600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
