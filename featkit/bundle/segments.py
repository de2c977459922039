"""Predictions of windows as segments of a recording, and as files that annotation programs read."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from featkit.bundle.prediction import Prediction
from featkit.errors import ParameterError
from featkit.naming.showing import inert


def merged(predictions: Iterable[Prediction]) -> list[Prediction]:
    """Return segments that do not overlap: windows with equal labels, one after the other, are one.

    Where two windows overlap, the first ends and the second begins in the middle of the overlap. A
    segment's probabilities are the means of its windows'. Errors stay as they are.

    Parameters
    ----------
    predictions : iterable of Prediction
        Of `Bundle.predict` with windows: recordings one after the other, windows in order of time.
    """
    segments: list[Prediction] = []
    for _, windows in groupby(predictions, key=lambda one: one.path):
        run: list[Prediction] = []
        for window in _apart(list(windows)):
            if run and (
                window.error or window.label != run[-1].label or window.start > run[-1].end
            ):
                segments.append(_one(run))
                run = []
            run.append(window)
        segments.append(_one(run))
    return segments


def _apart(windows: Sequence[Prediction]) -> list[Prediction]:
    """Return windows of one recording, cut so that none overlaps the next."""
    cut = list(windows)
    for at in range(1, len(cut)):
        before, window = windows[at - 1], windows[at]
        if window.start < before.end:
            border = (window.start + before.end) / 2
            cut[at - 1] = replace(cut[at - 1], end=border)
            cut[at] = replace(cut[at], start=border)
    return cut


def _one(run: Sequence[Prediction]) -> Prediction:
    """Return the segment that some windows of one label make."""
    means = {
        label: sum(window.probabilities[label] for window in run) / len(run)
        for label in run[0].probabilities
    }
    return replace(run[0], end=run[-1].end, probabilities=means)


def as_csv(predictions: Sequence[Prediction]) -> str:
    """Return a row for each prediction: path, start, end, label, error, a probability per class."""
    classes = sorted({label for one in predictions for label in one.probabilities})
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(["path", "start", "end", "label", "error", *map(inert, classes)])
    for one in predictions:
        values = [one.probabilities.get(label, "") for label in classes]
        texts = inert(one.label), inert(one.error)
        writer.writerow([inert(one.path), one.start, one.end, *texts, *values])
    return target.getvalue()


def as_audacity(segments: Sequence[Prediction]) -> str:
    """Return a label track of Audacity for one recording: start, end in seconds, label, by tabs.

    Raises
    ------
    ParameterError
        If the segments are of several recordings, which a track cannot tell apart.
    """
    paths = list(dict.fromkeys(one.path for one in segments))
    if len(paths) > 1:
        raise ParameterError(
            f"a label track holds one recording, not {len(paths)}; write .rttm or .csv"
        )
    lines = (
        f"{one.start:.6f}\t{one.end:.6f}\t{' '.join(one.label.split())}\n"
        for one in segments
        if not one.error
    )
    return "".join(lines)


def as_rttm(segments: Sequence[Prediction]) -> str:
    """Return lines of RTTM: the recording's name, start and length in seconds, the label.

    Blanks in names become underscores, as the format needs.
    """
    return "".join(
        f"SPEAKER {_word(one.path)} 1 {one.start:.3f} {one.end - one.start:.3f} <NA> <NA> "
        f"{_word(one.label)} <NA> <NA>\n"
        for one in segments
        if not one.error
    )


def _word(text: str) -> str:
    return "_".join(text.split())


# Suffix of a file -> what makes its text.
FORMATS: dict[str, Callable[[Sequence[Prediction]], str]] = {
    ".csv": as_csv,
    ".txt": as_audacity,
    ".rttm": as_rttm,
}
