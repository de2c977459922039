"""Feature store and classical-ML toolkit for audio classification.

dataset ──clips──> audio ──Signal──> features ──arrays──> store ──Table──> classifiers / nets
──predictions──> evaluation ──scores──> comparison ──> report

Each arrow leads from one package to the next; nothing downstream is imported upstream.
"""

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "get_dataset": "datasets",
    "Clip": "datasets",
    "Dataset": "datasets",
    "get_feature": "features",
    "Feature": "features",
    "Signal": "audio",
    "Store": "store",
    "Table": "store",
    "extract": "extraction",
    "make_classifier": "classifiers",
    "evaluate": "evaluation",
    "Folding": "evaluation",
    "compare": "comparison",
    "fuse": "results",
    "Scores": "results",
    "train": "bundle",
    "Bundle": "bundle",
    "FrontEnd": "bundle",
}

__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'featkit' has no attribute {name!r}")
    return getattr(importlib.import_module(f"featkit.{_PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
