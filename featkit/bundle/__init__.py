"""A saved model that predicts on new files: front-end, classifier, classes and versions in one
folder.

Names are imported when they are used, so that a prediction loads nothing that only training needs.
"""

from typing import TYPE_CHECKING

from featkit.naming import lazy

if TYPE_CHECKING:
    from featkit.bundle.frontend import FrontEnd
    from featkit.bundle.learn import train
    from featkit.bundle.model import Bundle
    from featkit.bundle.prediction import Prediction

_PLACES = {
    "Bundle": "model",
    "FrontEnd": "frontend",
    "Prediction": "prediction",
    "train": "learn",
}

__all__ = ["Bundle", "FrontEnd", "Prediction", "train"]

__getattr__, __dir__ = lazy.attributes(__name__, _PLACES)
