"""One classifier on one table, fold by fold, under an honest or a published protocol."""

from featkit.evaluation.folding import Folds, Plan, Split, plan
from featkit.evaluation.running import (
    OPTIMISTIC,
    Protocol,
    evaluate,
    named,
    perform,
    prepare,
    takes_arrays,
)

__all__ = [
    "OPTIMISTIC",
    "Folds",
    "Plan",
    "Protocol",
    "Split",
    "evaluate",
    "named",
    "perform",
    "plan",
    "prepare",
    "takes_arrays",
]
