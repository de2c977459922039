"""Where clips come from: one corpus per file, each a `Corpus` whose ``load`` gives a `Dataset`."""

from featkit.audio.windows import Windows
from featkit.datasets.base import Clip, Dataset, Source, counts
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.lookup import TABLES, catalogue, get_dataset
from featkit.datasets.windows import cut, windows_of

__all__ = [
    "TABLES",
    "Clip",
    "Corpus",
    "Dataset",
    "Source",
    "Windows",
    "catalogue",
    "counts",
    "cut",
    "get_dataset",
    "registry",
    "windows_of",
]
