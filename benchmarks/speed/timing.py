"""Interleaved runs: a, b, a, b, …; ratios are taken pair by pair, so that a machine that drifts
does not decide.
"""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

Run = Callable[[], object]


def seconds(run: Run) -> float:
    """Return the wall-clock seconds of one call."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def command(arguments: Sequence[str]) -> Run:
    """Return a function that runs a whole process and fails if it does."""
    return lambda: subprocess.run(
        arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def against(
    name: str, ours: Run, theirs: Run, *, runs: int = 3, must: float, reset: Run | None = None
) -> dict[str, Any]:
    """Return the ratio theirs / ours of ``runs`` interleaved pairs after one warm-up of ours.

    Returns
    -------
    dict
        ``name, ratio`` (median), ``ratio_min, ratio_max, ours_s, theirs_s`` (medians), ``runs,
        must``.
    """
    if reset:
        reset()
    ours()
    mine, others = [], []
    for _ in range(runs):
        if reset:
            reset()
        mine.append(seconds(ours))
        others.append(seconds(theirs))
    ratios = [b / a for a, b in zip(mine, others, strict=True)]
    return {
        "name": name,
        "ratio": round(statistics.median(ratios), 3),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
        "ours_s": round(statistics.median(mine), 4),
        "theirs_s": round(statistics.median(others), 4),
        "runs": runs,
        "must": must,
    }
