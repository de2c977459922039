"""TAU Urban Acoustic Scenes 2020 3Class, development set (DCASE 2020 task 1B)."""

from featkit.datasets import tau2020_mobile
from featkit.datasets.base import Dataset
from featkit.datasets.corpus import Corpus, registry

ABOUT = tau2020_mobile.ABOUT | {
    "description": "40 hours of ten-second binaural recordings in 3 classes (indoor, outdoor, "
    "transportation); 48 kHz, 24 bit; official fold 1, whose parts share no location.",
    "homepage": "https://zenodo.org/record/3670185",
}
EXPECTED = {"classes": 3}


def load(root: str) -> Dataset:
    """Indoor, outdoor, transportation (DCASE 2020 1B): 3 classes, official fold 1 as split.

    Layout, group and ids are those of `tau2020_mobile`.
    """
    return tau2020_mobile.read(root, "tau2020_3class")


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
