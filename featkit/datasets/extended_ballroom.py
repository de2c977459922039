"""Extended Ballroom: 4,180 tracks in 13 dances, ten stratified folds [Marchand2016]."""

from collections import Counter, defaultdict
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import audio_files, find
from featkit.errors import DatasetError

ABOUT = {
    "description": "4,180 half-minute excerpts of ballroom music in 13 dances; no official folds: "
    "ten stratified ones are drawn with a fixed seed.",
    "licence": "none stated; the authors' script fetches the audio from its publisher",
    "citation": "U. Marchand, G. Peeters, The Extended Ballroom Dataset, "
    "ISMIR 2016 late-breaking session",
    "homepage": "http://anasynth.ircam.fr/home/media/ExtendedBallroom",
}
EXPECTED = {"clips": 4180, "classes": 13} | {f"fold {fold}": 418 for fold in range(1, 11)}
DANCES = (
    "Chacha", "Foxtrot", "Jive", "Pasodoble", "Quickstep", "Rumba", "Salsa",
    "Samba", "Slowwaltz", "Tango", "Viennesewaltz", "Waltz", "Wcswing",
)  # fmt: skip
METADATA = "extendedballroom_v1.1.xml"
# Attributes of the metadata that mark a track as a repetition of another.
REPETITIONS = ("exact", "version", "time", "karaoke")
SEED, N_FOLDS = 0, 10


def load(root: str) -> Dataset:
    """Ballroom music: 13 dances, 4,180 tracks, 10 seeded stratified folds.

    Reads ``DANCE/ID.mp3``. If ``extendedballroom_v1.1.xml`` is there too, tracks that it marks as
    repetitions of each other (same recording, other version, other tempo, karaoke) form a group
    and share a fold.
    """
    top = find(root, DANCES, "extended_ballroom").parent
    paths = [
        path for dance in DANCES if (top / dance).is_dir() for path in audio_files(top / dance)
    ]
    if not paths:
        raise DatasetError(f"extended_ballroom: the dance folders below {root!r} hold no audio")
    remarks = []
    absent = [dance for dance in DANCES if not (top / dance).is_dir()]
    if absent:
        remarks.append(f"part of the corpus: no folder {', '.join(absent)}")
    groups = _repetitions(top / METADATA)
    if not (top / METADATA).exists():
        remarks.append(
            f"without {METADATA}, repetitions of a song are unknown and may be in several folds"
        )
    unfolded = [
        Clip(f"{p.parent.name}/{p.stem}", str(p), p.parent.name, group=groups.get(p.stem, ""))
        for p in paths
    ]
    return Dataset("extended_ballroom", _folded(unfolded), root, "folds", remarks=tuple(remarks))


def _repetitions(path: Path) -> dict[str, str]:
    """Return the group of each track that repeats another, from the corpus's own metadata."""
    if not path.exists():
        return {}
    try:
        songs = [song for dance in ElementTree.parse(path).getroot() for song in dance]
    except ElementTree.ParseError as error:
        raise DatasetError(f"{path}: not readable as XML: {error}") from error
    parent: dict[str, str] = {}

    def first(song: str) -> str:
        while parent.setdefault(song, song) != song:
            song = parent[song]
        return song

    for song in songs:
        for other in filter(None, (song.get(kind) for kind in REPETITIONS)):
            parent[first(song.get("id", ""))] = first(other)
    sizes = Counter(map(first, list(parent)))
    return {song: first(song) for song in list(parent) if sizes[first(song)] > 1}


def _folded(clips: list[Clip]) -> tuple[Clip, ...]:
    """Return the clips with folds 1 to 10: groups stay whole, and each, large ones first, goes to
    the fold with the fewest clips of its class.
    """
    rng = np.random.default_rng(SEED)
    groups: dict[str, list[int]] = defaultdict(list)
    for index, clip in enumerate(clips):
        groups[clip.group or f"alone {clip.id}"].append(index)
    order = list(groups.values())
    order = [order[k] for k in rng.permutation(len(order))]
    order.sort(key=lambda members: (clips[members[0]].label, -len(members)))
    of_class: Counter[tuple[str, int]] = Counter()
    in_all: Counter[int] = Counter()
    fold_of: dict[int, int] = {}
    for members in order:
        label = clips[members[0]].label
        fold = min(range(1, N_FOLDS + 1), key=lambda k: (of_class[label, k], in_all[k], k))
        for index in members:
            fold_of[index] = fold
            of_class[clips[index].label, fold] += 1
            in_all[fold] += 1
    return tuple(
        Clip(c.id, c.path, c.label, fold_of[index], c.group) for index, c in enumerate(clips)
    )


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
