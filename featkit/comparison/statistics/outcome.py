"""What a test returns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """The result of one statistical test.

    Attributes
    ----------
    test : str
        Name of the test.
    statistic, p : float
        Test statistic and two-sided p-value.
    n : int
        Observations that it rests on: folds, clips, groups or runs.
    note : str
        What a reader must know, such as low power.
    interval : tuple of float, or None
        95 % interval of the difference, where the test has one.
    """

    test: str
    statistic: float
    p: float
    n: int
    note: str = ""
    interval: tuple[float, float] | None = None
