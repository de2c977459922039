"""What a reader of a number must know beside it: a kind that programs tell apart, a text that
people read.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from featkit.errors import ParameterError

Kind = Literal[
    "leakage",
    "optimistic",
    "unselected",
    "folds",
    "missing",
    "pooled",
    "vote",
    "dataset",
    "warning",
]


@dataclass(frozen=True)
class Note:
    """One remark on a score.

    Attributes
    ----------
    kind : {"leakage", "optimistic", "unselected", "folds", "missing", "pooled", "vote", \
"dataset", "warning"}
        ``leakage``: training and test share a group or a recording, and that was allowed.
        ``optimistic``: hyper-parameters were selected on the test folds.
        ``unselected``: the classifier has nothing to select where the protocol would select.
        ``folds``: the folds are not quite those requested.
        ``missing``: clips of the dataset take no part.
        ``pooled``: rows of different length became their mean and standard deviation over time.
        ``vote``: a clip is what most of its windows are predicted as, for want of probabilities.
        ``dataset``: the dataset may make the number wrong, such as a column of speakers that is not
        used, or has changed since its features were computed.
        ``warning``: a library warned while the model was fitted.
    text : str
        One line, complete without its kind.

    Raises
    ------
    ParameterError
        If the kind is none of these.
    """

    kind: Kind
    text: str

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ParameterError(
                f"{self.kind!r} is not a kind of note: {', '.join(get_args(Kind))}"
            )

    def __str__(self) -> str:
        return self.text
