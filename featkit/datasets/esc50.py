"""ESC-50: 2,000 environmental recordings in 50 classes and five official folds [Piczak2015-ESC]."""

from collections.abc import Callable

from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import Row, by_stem, find, keep_available, official_rows, whole_number
from featkit.errors import DatasetError

ABOUT = {
    "description": "2,000 five-second environmental recordings in 50 classes; 44.1 kHz; "
    "five official folds by source recording.",
    "licence": "CC BY-NC 3.0 (each clip's own Freesound licence is listed with the corpus)",
    "citation": "K. J. Piczak, ESC: Dataset for Environmental Sound Classification, "
    "ACM Multimedia 2015",
    "homepage": "https://github.com/karolpiczak/ESC-50",
}
EXPECTED = {"clips": 2000, "classes": 50} | {f"fold {fold}": 400 for fold in range(1, 6)}
COLUMNS = ("filename", "fold", "category", "src_file")


def load(root: str) -> Dataset:
    """Environmental sounds: 50 classes, 2,000 clips, 5 official folds.

    Reads ``meta/esc50.csv`` and ``audio/``, where files may be wav, ogg, flac or any other audio
    format, whatever suffix the list gives. The group is the Freesound recording that a clip was cut
    from. ``root`` may hold part of the corpus: `layout.keep_available` says which absent files
    count as lost.
    """
    return read(root, "esc50", lambda row: True)


def read(root: str, name: str, belongs: Callable[[Row], bool]) -> Dataset:
    """Return the clips of ``root`` whose row in ``meta/esc50.csv`` belongs to the corpus."""
    listing = find(root, ["meta/esc50.csv"], name)
    files = by_stem(find(root, ["audio"], name))
    clips = []
    for row in filter(belongs, official_rows(listing, COLUMNS)):
        stem = row["filename"].rpartition(".")[0]
        path = files.get(stem, listing.parent.parent / "audio" / row["filename"])
        fold = whole_number(row["fold"], listing, "fold")
        clips.append(Clip(stem, str(path), row["category"], fold, group=row["src_file"]))
    available, remarks = keep_available(clips, files.keys())
    if not available:
        raise DatasetError(
            f"{name}: none of the {len(clips)} recordings that {listing} lists is in "
            f"{str(listing.parent.parent / 'audio')!r}"
        )
    return Dataset(name, available, root, "folds", remarks=remarks)


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
