"""The pieces of a recording that a bundle predicts: the whole of it, or its windows, each with the
row that the classifier gets.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from numpy.typing import NDArray

from featkit import audio
from featkit.audio.excerpts import Excerpts
from featkit.audio.windows import Windows
from featkit.bundle.prediction import Prediction
from featkit.errors import FeatkitError
from featkit.naming.plugins import FAULTS, reason

# A prediction without label yet, and its row: None where the prediction has an error.
Piece: TypeAlias = tuple[Prediction, NDArray[Any] | None]
Row: TypeAlias = Callable[[audio.Signal], NDArray[Any]]


def of_file(path: str, windows: Windows | None, row: Row) -> Iterator[Piece]:
    """Yield the pieces of a recording on disk or behind a URL; one with an error where it cannot be
    read.
    """
    blank = Prediction(path)
    try:
        with audio.part(path, duration=windows.window if windows else None) as data:
            spans = windows.spans(*audio.extent(data)) if windows else [(0.0, None)]
            excerpts = Excerpts(data, dict(enumerate(spans)))
            for number, (start, length) in enumerate(spans):
                piece = replace(blank, start=start, end=start + (length or 0.0))
                yield _piece(piece, partial(excerpts.signal, number), row)
    except FAULTS as error:
        yield replace(blank, error=stated(error)), None


def of_samples(
    signal: audio.Signal, blank: Prediction, windows: Windows | None, row: Row
) -> Iterator[Piece]:
    """Yield the pieces of samples in memory, which begin at ``blank.start``."""
    samples, sr = signal.samples, signal.sr
    for start, length in windows.spans(len(samples), sr) if windows else [(0.0, None)]:
        first = round(start * sr)
        last = len(samples) if length is None else first + round(length * sr)
        piece = replace(blank, start=blank.start + start, end=blank.start + last / sr)
        yield _piece(piece, partial(audio.Signal, samples[first:last], sr), row)


def _piece(blank: Prediction, make: Callable[[], audio.Signal], row: Row) -> Piece:
    """Return a piece with its end and its row, or with its error and None."""
    piece = blank
    try:
        signal = make()
        piece = replace(blank, end=blank.start + signal.duration)
        return piece, row(signal)
    except FAULTS as error:
        return replace(piece, error=stated(error)), None


def stated(error: BaseException) -> str:
    """Return what an error says to whoever asked for a prediction."""
    if isinstance(error, FeatkitError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return reason(error)
