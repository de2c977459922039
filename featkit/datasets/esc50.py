"""ESC-50: 2,000 environmental recordings in 50 classes and five official folds (S0-1)."""

from collections.abc import Callable

from featkit.datasets.base import Clip, Corpus, Dataset, registry
from featkit.datasets.layout import Row, by_stem, find, keep_available, official_rows, whole_number
from featkit.errors import DatasetError

ABOUT = {
    "description": "2,000 five-second environmental recordings in 50 classes; 44.1 kHz; five official folds by source recording.",
    "licence": "CC BY-NC 3.0 (each clip's own Freesound licence is listed with the corpus)",
    "citation": "K. J. Piczak, ESC: Dataset for Environmental Sound Classification, ACM Multimedia 2015",
    "homepage": "https://github.com/karolpiczak/ESC-50",
}
EXPECTED = {"clips": 2000, "classes": 50} | {f"fold {fold}": 400 for fold in range(1, 6)}
COLUMNS = ("filename", "fold", "category", "src_file")


def load(root: str) -> Dataset:
    """Environmental sounds: 50 classes, 2,000 clips, 5 official folds.

    Reads ``meta/esc50.csv`` and ``audio/``, in wav, ogg, flac or any other suffix whatever the list
    says. The group is the Freesound recording that a clip is cut from. ``root`` may hold part of
    the corpus: see `layout.keep_available` for which absent files count as lost.
    """
    return read(root, "esc50", lambda row: True)


def read(root: str, name: str, wanted: Callable[[Row], bool]) -> Dataset:
    """Return the clips of ``root`` whose row in ``meta/esc50.csv`` is wanted."""
    listing = find(root, ["meta/esc50.csv"], name)
    files = by_stem(find(root, ["audio"], name))
    clips = []
    for row in filter(wanted, official_rows(listing, COLUMNS)):
        stem = row["filename"].rpartition(".")[0]
        path = files.get(stem, listing.parent.parent / "audio" / row["filename"])
        fold = whole_number(row["fold"], listing, "fold")
        clips.append(Clip(stem, str(path), row["category"], fold, group=row["src_file"]))
    kept, remarks = keep_available(clips, files.keys())
    if not kept:
        raise DatasetError(
            f"{name}: none of the {len(clips)} recordings that {listing} lists is in {str(listing.parent.parent / 'audio')!r}"
        )
    return Dataset(name, kept, root, "folds", remarks=remarks)


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
