"""Which recordings of a set to explain first: what is wrong, most confident first."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from featkit.bundle import Prediction


@dataclass(frozen=True)
class Judged:
    """A prediction beside the label that the recording has; empty where it is not known."""

    prediction: Prediction
    truth: str = ""

    @property
    def wrong(self) -> bool:
        """Whether the label is known to be another one."""
        return bool(self.truth) and self.prediction.label != self.truth

    @property
    def probability(self) -> float:
        """Of the predicted class."""
        return self.prediction.probabilities[self.prediction.label]


def ranked(predictions: Sequence[Prediction], truths: Mapping[str, str]) -> list[Judged]:
    """Return the predictions that are there: wrong ones first, the most confident first; then the
    others, the least confident first.

    Parameters
    ----------
    predictions : sequence of Prediction
        Those with an error are left out.
    truths : mapping of str to str
        The label of each path that has one.
    """
    judged = [Judged(one, truths.get(one.path, "")) for one in predictions if not one.error]
    return sorted(
        judged,
        key=lambda one: (
            not one.wrong,
            -one.probability if one.wrong else one.probability,
            one.prediction.path,
        ),
    )


def labels_of_folders(paths: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Return the name of each path's folder where that is one of the classes."""
    folders = {path: os.path.basename(os.path.dirname(os.path.abspath(path))) for path in paths}
    return {path: folder for path, folder in folders.items() if folder in classes}
