"""Migration of results of format 1, whose notes were texts alone: the kind is recovered from the
text when a file is read.
"""

import re

from featkit.results.notes import Kind, Note

# How the texts of format 1 began. Every other note of that format was a warning of a library.
_BEGINNINGS: tuple[tuple[str, Kind], ...] = (
    (r"leakage allowed", "leakage"),
    (r"optimistic: ", "optimistic"),
    (r"nothing to select: ", "unselected"),
    (r"the validation part is not used: ", "unselected"),
    (r"\d+ folds instead of ", "folds"),
    (r"\d+ clips in no split ", "missing"),
    (r"\d+ clips of the dataset have no valid row", "missing"),
    (r"rows of different length: ", "pooled"),
)


def note_from_text(text: str) -> Note:
    """Return the note of format 2 for a text of format 1."""
    for beginning, kind in _BEGINNINGS:
        if re.match(beginning, text):
            return Note(kind, text)
    return Note("warning", text)
