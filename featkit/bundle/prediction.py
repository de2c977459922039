"""What a bundle says about a recording, or about one window of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace


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


def pooled(windows: Sequence[Prediction]) -> Prediction:
    """Return what the windows of one recording say together: the class of the highest mean
    probability.

    Windows with an error do not count, unless all have one.
    """
    valid = [one for one in windows if not one.error]
    if not valid:
        return replace(windows[0], end=windows[-1].end)
    means = {
        label: sum(one.probabilities[label] for one in valid) / len(valid)
        for label in valid[0].probabilities
    }
    label = max(means, key=lambda name: means[name])
    return Prediction(windows[0].path, label, means, windows[0].start, windows[-1].end)
