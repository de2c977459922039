"""UrbanSound8K: 8,732 excerpts of city sounds in 10 classes and ten folds [Salamon2014]."""

from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import by_stem, find, keep_available, official_rows, whole_number
from featkit.errors import DatasetError

ABOUT = {
    "description": "8,732 excerpts of at most 4 s from field recordings of city sounds, in 10 "
    "classes and 10 official folds.",
    "licence": "CC BY-NC 3.0",
    "citation": "J. Salamon, C. Jacoby, J. P. Bello, A Dataset and Taxonomy for Urban Sound "
    "Research, ACM Multimedia 2014",
    "homepage": "https://urbansounddataset.weebly.com/urbansound8k.html",
}
FOLD_SIZES = (873, 888, 925, 990, 936, 823, 838, 806, 816, 837)
EXPECTED = {"clips": 8732, "classes": 10} | {
    f"fold {fold}": size for fold, size in enumerate(FOLD_SIZES, start=1)
}
COLUMNS = ("slice_file_name", "fsID", "fold", "class")


def load(root: str) -> Dataset:
    """City sounds: 10 classes, 8,732 clips, 10 official folds.

    Reads ``metadata/UrbanSound8K.csv`` and ``audio/fold1`` … ``audio/fold10``. The group is the
    Freesound recording (``fsID``) that a slice was cut from. ``root`` may hold part of the corpus:
    see `layout.keep_available`.
    """
    listing = find(root, ["metadata/UrbanSound8K.csv"], "urbansound8k")
    audio = find(root, ["audio"], "urbansound8k")
    files = {
        f"{folder.name}/{stem}": path
        for folder in sorted(audio.glob("fold*"))
        if folder.is_dir()
        for stem, path in by_stem(folder).items()
    }
    clips = []
    for row in official_rows(listing, COLUMNS):
        fold = whole_number(row["fold"], listing, "fold")
        if not 1 <= fold <= len(FOLD_SIZES):
            raise DatasetError(
                f"{listing}: fold={row['fold']!r} of {row['slice_file_name']}; "
                f"expected 1 to {len(FOLD_SIZES)}"
            )
        name = f"fold{fold}/{row['slice_file_name']}"
        key = name.rpartition(".")[0]
        clips.append(
            Clip(key, str(files.get(key, audio / name)), row["class"], fold, group=row["fsID"])
        )
    available, remarks = keep_available(clips, files.keys())
    if not available:
        raise DatasetError(
            f"urbansound8k: none of the {len(clips)} recordings that {listing} lists is under "
            f"{str(audio)!r}"
        )
    return Dataset("urbansound8k", available, root, "folds", remarks=remarks)


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
