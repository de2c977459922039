"""What was measured: scores of folds, on disk and in memory, and their fusion."""

from featkit.results.fusion import fuse
from featkit.results.scores import Cell, Score, append, done, read

__all__ = ["Cell", "Score", "append", "done", "fuse", "read"]
