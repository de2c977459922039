"""A saved model that predicts on new files: front-end, classifier, classes and versions in one
folder.
"""

from featkit.bundle.frontend import FrontEnd
from featkit.bundle.learn import train
from featkit.bundle.model import Bundle
from featkit.bundle.prediction import Prediction

__all__ = ["Bundle", "FrontEnd", "Prediction", "train"]
