"""What a bundle says about a recording, and the windows that a long one is cut into."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Prediction:
    """What a bundle says about a recording, or about one window of it.

    Attributes
    ----------
    path : str
    label : str
        Empty where there is an error.
    probabilities : dict of str to float
        One for each class, of sum 1; empty where there is an error.
    start, end : float
        Seconds from the beginning of the recording.
    error : str
        Why there is no label; empty where there is one.
    """

    path: str
    label: str = ""
    probabilities: dict[str, float] = field(default_factory=dict)
    start: float = 0.0
    end: float = 0.0
    error: str = ""


def windows(total: int, sr: int, window: float, hop: float) -> list[tuple[float, float | None]]:
    """Return start and length in seconds of the windows over ``total`` samples, each of whole
    samples.

    The last window ends with the recording, unless less than a hundredth of a window is left over.
    """
    size, step = max(1, round(window * sr)), max(1, round(hop * sr))
    if size >= total:
        return [(0.0, None)]
    starts = list(range(0, total - size + 1, step))
    if step <= size and total - size - starts[-1] > size // 100:
        starts.append(total - size)
    return [(start / sr, size / sr) for start in starts]
