"""TAU Urban Acoustic Scenes 2020 Mobile, development set (DCASE 2020 task 1A) [Heittola2020]."""

from pathlib import Path

from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import by_stem, find, keep_available, official_rows
from featkit.errors import DatasetError

ABOUT = {
    "description": "Ten-second recordings of 10 urban scenes in 10 cities by 3 real and 6 "
    "simulated devices; official fold 1, whose parts share no location; devices s4–s6 are in "
    "the test part only.",
    "licence": "Tampere University's own: academic, non-commercial use",
    "citation": "T. Heittola, A. Mesaros, T. Virtanen, Acoustic scene classification in DCASE 2020 "
    "Challenge: generalization across devices and low complexity solutions, DCASE Workshop 2020",
    "homepage": "https://zenodo.org/record/3819968",
}
EXPECTED = {"clips": 16930, "classes": 10, "train": 13962, "test": 2968}
LISTS = {"train": "fold1_train.csv", "test": "fold1_evaluate.csv"}


def load(root: str) -> Dataset:
    """Urban scenes by nine devices (DCASE 2020 1A): 10 classes, official fold 1 as split.

    Recordings that are in neither part of fold 1 are left out. The group is city and location; the
    device is the last part of the id, as in ``airport-lisbon-1000-40000-s1``.
    """
    return read(root, "tau2020_mobile")


def read(root: str, name: str) -> Dataset:
    """Return fold 1 of a DCASE development set: tab-separated lists in ``evaluation_setup`` and
    recordings in ``audio``.
    """
    files = by_stem(find(root, ["audio"], name))
    clips = []
    for split, listing in LISTS.items():
        for row in official_rows(
            find(root, [f"evaluation_setup/{listing}"], name), ["filename", "scene_label"], "\t"
        ):
            path = Path(root, row["filename"])
            parts = path.stem.split("-")
            if len(parts) != 5:
                raise DatasetError(
                    f"{name}: {listing} lists {row['filename']!r}; "
                    "expected SCENE-CITY-LOCATION-SEGMENT-DEVICE.wav"
                )
            clips.append(
                Clip(
                    path.stem,
                    str(files.get(path.stem, path)),
                    row["scene_label"],
                    group="-".join(parts[1:3]),
                    split=split,
                )
            )
    available, remarks = keep_available(clips, files.keys())
    if not available:
        raise DatasetError(
            f"{name}: none of the {len(clips)} listed recordings is in {str(Path(root, 'audio'))!r}"
        )
    return Dataset(name, available, root, "split", remarks=remarks)


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
