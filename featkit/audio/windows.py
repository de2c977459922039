"""Windows: the grid of equal excerpts that a recording is cut into."""

from dataclasses import dataclass
from typing import Any, Self

from featkit.errors import ParameterError

# Seconds: a window shorter than this holds no sound, one longer than this no recording.
SHORTEST, LONGEST = 1e-3, 1e6


@dataclass(frozen=True)
class Windows:
    """How recordings are cut.

    Attributes
    ----------
    window : float
        Length of a window in seconds.
    hop : float
        Seconds from the start of one window to that of the next.

    Raises
    ------
    ParameterError
        If one is not between a millisecond and a million seconds.
    """

    window: float
    hop: float

    def __post_init__(self) -> None:
        for name in ("window", "hop"):
            value = getattr(self, name)
            if not _allowed(value):
                raise ParameterError(
                    f"{name}={value} s is not between {SHORTEST:g} and {LONGEST:,.0f} s"
                )

    def __str__(self) -> str:
        return f"windows of {self.window:g} s every {self.hop:g} s"

    @classmethod
    def of(cls, window: float | None, hop: float | None) -> Self | None:
        """Return the windows that two options name, ``hop`` being ``window`` by default; None
        without both.

        Raises
        ------
        ParameterError
            If there is a hop without a window, or one is out of range.
        """
        if window is None:
            if hop is not None:
                raise ParameterError(f"hop={hop} s needs a window")
            return None
        return cls(float(window), float(window if hop is None else hop))

    @classmethod
    def read(cls, stored: object) -> Self | None:
        """Return the windows that a mapping of ``window`` and ``hop`` states; None for anything
        else.
        """
        if not isinstance(stored, dict):
            return None
        values: list[Any] = [stored.get(name) for name in ("window", "hop")]
        return cls(*values) if all(map(_allowed, values)) else None

    def spans(self, total: int, sr: int) -> list[tuple[float, float | None]]:
        """Return start and length in seconds of the windows over ``total`` samples, each of whole
        samples.

        The last window ends with the recording, unless less than a hundredth of a window is left
        over, or a hop longer than a window leaves gaps anyway. A recording that is not longer than
        a window is one, whatever its length: (0, None).

        >>> Windows(1.0, 1.0).spans(20, 8)
        [(0.0, 1.0), (1.0, 1.0), (1.5, 1.0)]
        """
        size, step = max(1, round(self.window * sr)), max(1, round(self.hop * sr))
        if size >= total:
            return [(0.0, None)]
        starts = list(range(0, total - size + 1, step))
        if step <= size and total - size - starts[-1] > size // 100:
            starts.append(total - size)
        return [(start / sr, size / sr) for start in starts]


def _allowed(seconds: Any) -> bool:
    return type(seconds) in (int, float) and SHORTEST <= seconds <= LONGEST
