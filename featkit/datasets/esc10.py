"""ESC-10: the ten-class subset of ESC-50, on the same folds."""

from featkit.datasets import esc50
from featkit.datasets.base import Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import find, official_rows

ABOUT = esc50.ABOUT | {
    "description": "The 400 clips of ESC-50 in ten classes that listeners rarely confuse, "
    "on the same five folds.",
    "licence": "CC BY 3.0 (each clip's own Freesound licence is listed with the corpus)",
}
EXPECTED = {"clips": 400, "classes": 10} | {f"fold {fold}": 80 for fold in range(1, 6)}


def load(root: str) -> Dataset:
    """The ten-class subset of ESC-50: 400 clips, 5 official folds.

    ``root`` is a copy of ESC-50 or of the subset alone; the column ``esc10`` of ``meta/esc50.csv``
    says which clips belong to it.
    """
    official_rows(find(root, ["meta/esc50.csv"], "esc10"), ["esc10"])
    return esc50.read(root, "esc10", lambda row: row["esc10"].lower() == "true")


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
