"""Musical Instruments Sound Dataset (Kaggle): guitar, drum, violin, piano."""

from pathlib import Path

from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import by_stem, find, keep_available, official_rows
from featkit.errors import DatasetError

ABOUT = {
    "description": "Recordings of four instruments from several sources, with separate lists for "
    "training and test; some labels in the lists are wrong.",
    "licence": "as stated on its Kaggle page",
    "citation": "Soumendra Prasad, Musical Instruments Sound Dataset, Kaggle",
    "homepage": "https://www.kaggle.com/datasets/soumendraprasad/musical-instruments-sound-dataset",
}
EXPECTED = {"clips": 2708, "classes": 4, "train": 2628, "test": 80}
PARTS = {
    "train": ("Metadata_Train.csv", "Train_submission"),
    "test": ("Metadata_Test.csv", "Test_submission"),
}
INSTRUMENTS = ("guitar", "drum", "violin", "piano")


def load(root: str) -> Dataset:
    """Four instruments (Kaggle): a training and a test list.

    Reads ``Metadata_Train.csv`` and ``Metadata_Test.csv`` (``FileName``, ``Class``) and the
    recordings anywhere below ``Train_submission`` and ``Test_submission``. Labels stay as they are
    listed (``Sound_Guitar`` …). Rows that repeat or contradict each other, and file names that
    mention another instrument, are reported as remarks.
    """
    clips: list[Clip] = []
    available: set[str] = set()
    remarks: list[str] = []
    for split, (listing, folder) in PARTS.items():
        table = find(root, [listing], "instruments")
        files = by_stem(find(root, [folder], "instruments"), recursive=True)
        labels: dict[str, list[str]] = {}
        for row in official_rows(table, ["FileName", "Class"]):
            stem, label = Path(row["FileName"]).stem, row["Class"]
            before = labels.setdefault(stem, [])
            remarks += [
                f"{listing}: {row['FileName']} {doubt}"
                for doubt in _doubts(row["FileName"], label, before)
            ]
            if label in before:
                continue
            before.append(label)
            key = f"{split}/{stem}" + (f"#{label}" if len(before) > 1 else "")
            clips.append(
                Clip(
                    key,
                    str(files.get(stem, Path(root, folder, row["FileName"]))),
                    label,
                    split=split,
                )
            )
            available |= {key} if stem in files else set()
    present, missing = keep_available(clips, available)
    if not present:
        raise DatasetError(
            f"instruments: none of the {len(clips)} listed recordings is under {root!r}"
        )
    return Dataset("instruments", present, root, "split", remarks=(*missing, *remarks))


def _doubts(name: str, label: str, before: list[str]) -> list[str]:
    """Return what is odd about a row whose file was already listed with the labels ``before``."""
    named = [instrument for instrument in INSTRUMENTS if instrument in name.lower()]
    doubts = []
    if label in before:
        doubts.append(f"is listed twice as {label}")
    elif before:
        doubts.append(f"is listed as {before[0]} and as {label}")
    if len(named) == 1 and named[0] not in label.lower():
        doubts.append(f"is labelled {label}")
    return doubts


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
