"""The inner predictions of a fitted model, for stacks to learn from."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from featkit.classifiers._search.selection import originals
from featkit.classifiers.contract import HoldsOut, offers
from featkit.evaluation.fitting import Samples
from featkit.evaluation.splits import Split
from featkit.results.metrics import aligned
from featkit.results.scores import Inner


def held_out(model: Any, samples: Samples, split: Split, classes: Sequence[str]) -> Inner | None:
    """Return the held-out probabilities of the training clips, and take them from the model.

    They are of models that saw neither the clip's inner fold nor the test fold. Copies have none.
    None where the classifier keeps none.
    """
    if samples.ids is None or not offers(model, HoldsOut):
        return None
    values = aligned(model.held_out_, model.classes_, classes)
    del model.held_out_
    clips = samples.clips_of(split.train)
    own = originals(clips, len(split.train)) == np.arange(len(split.train))
    rows = own & np.isfinite(values).all(axis=1)
    return Inner(
        ids=tuple(map(str, samples.ids[split.train][rows])),
        y_true=tuple(map(str, samples.y[split.train][rows])),
        probabilities=values[rows],
    )
