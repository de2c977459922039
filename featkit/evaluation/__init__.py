"""One classifier on one table, fold by fold, under an honest or a published protocol.

Names are imported when they are used.
"""

from typing import TYPE_CHECKING

from featkit.naming import lazy

if TYPE_CHECKING:
    from featkit.evaluation.folding import PRESCRIBED, Folding
    from featkit.evaluation.grid import Grid, measure
    from featkit.evaluation.preparing import Protocol, Run, prepare
    from featkit.evaluation.running import evaluate, perform
    from featkit.evaluation.splits import Plan, Split

_PLACES = {
    "PRESCRIBED": "folding",
    "Folding": "folding",
    "Grid": "grid",
    "Plan": "splits",
    "Protocol": "preparing",
    "Run": "preparing",
    "Split": "splits",
    "evaluate": "running",
    "measure": "grid",
    "perform": "running",
    "prepare": "preparing",
}

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

__getattr__, __dir__ = lazy.attributes(__name__, _PLACES)
