from featkit.audio import Signal as Signal
from featkit.bundle import Bundle as Bundle
from featkit.bundle import FrontEnd as FrontEnd
from featkit.bundle import train as train
from featkit.classifiers import make_classifier as make_classifier
from featkit.comparison import compare as compare
from featkit.datasets import Clip as Clip
from featkit.datasets import Dataset as Dataset
from featkit.datasets import get_dataset as get_dataset
from featkit.evaluation import Folding as Folding
from featkit.evaluation import evaluate as evaluate
from featkit.extraction import extract as extract
from featkit.features import Feature as Feature
from featkit.features import get_feature as get_feature
from featkit.results import Scores as Scores
from featkit.results import fuse as fuse
from featkit.store import Store as Store
from featkit.store import Table as Table

__version__: str
