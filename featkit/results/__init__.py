"""What was measured: scores of folds, in memory and on disk, and their fusion."""

from featkit.results.files import append, done, predictions_path, read
from featkit.results.fusion import fuse
from featkit.results.notes import Note
from featkit.results.scores import Cell, Score

__all__ = ["Cell", "Note", "Score", "append", "done", "fuse", "predictions_path", "read"]
