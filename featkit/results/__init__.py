"""What was measured: scores of folds, in memory and on disk, and their fusion."""

from featkit.results.files import append, done, predictions_path, read
from featkit.results.fusion import fuse
from featkit.results.notes import Note
from featkit.results.pooling import pooled
from featkit.results.scores import Cell, Score
from featkit.results.sequence import Scores
from featkit.results.several import Several, read_all
from featkit.results.subset import on_clips

__all__ = [
    "Cell",
    "Note",
    "Score",
    "Scores",
    "Several",
    "append",
    "done",
    "fuse",
    "on_clips",
    "pooled",
    "predictions_path",
    "read",
    "read_all",
]
