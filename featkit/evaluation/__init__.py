"""One classifier on one table, fold by fold, under an honest or a published protocol."""

from featkit.evaluation.folding import PRESCRIBED, Folding
from featkit.evaluation.grid import Grid, measure
from featkit.evaluation.preparing import Protocol, Run, prepare
from featkit.evaluation.running import evaluate, perform
from featkit.evaluation.splits import Plan, Split

__all__ = [
    "PRESCRIBED",
    "Folding",
    "Grid",
    "Plan",
    "Protocol",
    "Run",
    "Split",
    "evaluate",
    "measure",
    "perform",
    "prepare",
]
