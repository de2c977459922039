"""GTZAN: music in ten genres, in the fault-filtered split [Kereliuk2015]."""

import re
from collections.abc import Iterable
from pathlib import Path

from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import by_stem, find, keep_available
from featkit.errors import DatasetError

ABOUT = {
    "description": "930 of GTZAN's 1,000 half-minute excerpts in ten genres: 443 train, 197 valid, "
    "290 test; without repetitions, damaged files and artists in more than one part.",
    "licence": "none stated; for research",
    "citation": "G. Tzanetakis, P. Cook, Musical Genre Classification of Audio Signals, "
    "IEEE Trans. Speech and Audio Processing, 2002; split: C. Kereliuk, B. L. Sturm, J. Larsen, "
    "Deep Learning and Music Adversaries, IEEE Trans. Multimedia, 2015",
    "homepage": "http://marsyas.info/downloads/datasets.html",
}
EXPECTED = {"clips": 930, "classes": 10, "train": 443, "valid": 197, "test": 290}
PLACES = ("genres", "genres_original", "Data/genres_original", "blues")
GENRES = (
    "blues",
    "classical",
    "country",
    "disco",
    "hiphop",
    "jazz",
    "metal",
    "pop",
    "reggae",
    "rock",
)

# Numbers of each genre's recordings in train, valid and test: the public fault-filtered lists.
FILTERED = {
    "blues": ("29-49,73-97", "0-11,50-60", "12-28,61-72,98-99"),
    "classical": ("30-33,43-48,50-67,80-99", "0-10,68-76", "11-29,34-41,49,77-79"),
    "country": ("19-26,28-29,65-99", "0-7,9-18,27,41-42,45,49", "30-40,43-44,46-48,50-51,53-64"),
    "disco": (
        "5,15-20,22-37,39-45,47,49,53-54,56-57,59,61,70,73-74,89",
        "0,2-4,6-14,46,48,52,67-68,72,75,90,95",
        "1,21,58,62-66,69,76-88,91-94,96-97,99",
    ),
    "hiphop": ("2-25,28-29,31-38,41-42,55-61,77-80", "81-98", "0,26-27,30,40,43-45,51-54,62-75,99"),
    "jazz": ("0-1,11-24,41,47-72", "2-10,25-32", "73-99"),
    "metal": (
        "2-3,5,21,24,35,46-57,59-66,69,71-72,79-80,84,86,89-99",
        "0-1,6-11,16-20,36-37,68,76-77,81-82",
        "12-15,22-23,25-33,38-39,67,70,73-75,78,83,85,87-88",
    ),
    "pop": (
        "2-9,11-12,16-20,23-29,31-36,38-42,44,46,49-50,80,97-99",
        "10,53,55,58-62,81,83-86",
        "0-1,13-14,43,63-66,69-79,82,88-96",
    ),
    "reggae": (
        "0-2,4,6,9,11-12,14-32,42-45,49-51,54-60,63,69",
        "61-62,70,72,74,76-78,85,92-99",
        "34-40,46-48,52-53,64-68,71,79,82-84,87-90",
    ),
    "rock": ("0-9,16-26,57-70,91-99", "38,49-56,71-85", "10-15,27-37,39-48,86-90"),
}
SPLITS = ("train", "valid", "test")
_NAME = re.compile(r"([a-z]+)\.(\d{5})")


def load(root: str) -> Dataset:
    """Music in 10 genres, fault-filtered: 443 train, 197 valid, 290 test.

    Reads ``genres/GENRE/GENRE.000NN.wav`` (or .au; also ``genres_original/``, or the genres
    directly below the root). If ``train_filtered.txt``, ``valid_filtered.txt`` and
    ``test_filtered.txt`` are in the root, they define the split; otherwise the identical lists in
    this file do.
    """
    return read(root, "gtzan", _listed(Path(root)) or filtered())


def filtered() -> list[tuple[str, str]]:
    """Return (name, split) of the 930 recordings; a name is like ``blues.00029``."""
    return [
        (f"{genre}.{number:05d}", split)
        for genre in GENRES
        for split, ranges in zip(SPLITS, FILTERED[genre], strict=True)
        for number in _numbers(ranges)
    ]


def read(root: str, name: str, listed: Iterable[tuple[str, str]]) -> Dataset:
    """Return the listed recordings, each with its split."""
    place = find(root, PLACES, name)
    top = place.parent if place.name == "blues" else place
    files = {
        stem: path
        for genre in GENRES
        if (top / genre).is_dir()
        for stem, path in by_stem(top / genre).items()
    }
    clips = []
    for stem, split in listed:
        genre = stem.partition(".")[0]
        clips.append(
            Clip(
                f"{genre}/{stem}",
                str(files.get(stem, top / genre / f"{stem}.wav")),
                genre,
                split=split,
            )
        )
    ids = {f"{stem.partition('.')[0]}/{stem}" for stem in files}
    available, remarks = keep_available(clips, ids)
    if not available:
        raise DatasetError(
            f"{name}: the genre folders of {str(top)!r} hold no recording named GENRE.000NN"
        )
    return Dataset(name, available, root, "split", remarks=remarks)


def _numbers(ranges: str) -> list[int]:
    bounds = [part.partition("-") for part in ranges.split(",")]
    return [
        number for first, _, last in bounds for number in range(int(first), int(last or first) + 1)
    ]


def _listed(root: Path) -> list[tuple[str, str]]:
    """Return the split that the lists in ``root`` define; nothing unless all three are there."""
    lists = {split: root / f"{split}_filtered.txt" for split in SPLITS}
    if not all(path.is_file() for path in lists.values()):
        return []
    recordings = []
    for split, path in lists.items():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            name = _NAME.search(line)
            if line.strip() and (name is None or name[1] not in GENRES):
                raise DatasetError(
                    f"{path}, line {number}: {line!r} does not name a recording, "
                    "such as blues/blues.00029.wav"
                )
            if name:
                recordings.append((name[0], split))
    return recordings


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
