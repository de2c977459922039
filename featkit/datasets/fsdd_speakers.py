"""Free Spoken Digit Dataset, leaving one speaker out."""

from featkit.datasets import fsdd
from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.errors import DatasetError

ABOUT = fsdd.ABOUT | {
    "description": "English digits by six speakers, 50 takes each, 8 kHz; each speaker is a fold, "
    "unheard in training when tested.",
}
EXPECTED = {"clips": 3000, "classes": 10} | {f"fold {fold}": 500 for fold in range(1, 7)}


def load(root: str) -> Dataset:
    """Spoken digits, one speaker left out: 10 classes, 3,000 clips, 6 folds.

    Files as in `fsdd`. The group is the speaker, the fold the speaker's place in the alphabet.
    """
    takes = fsdd.takes(root, "fsdd_speakers")
    speakers = sorted({speaker for _, _, speaker, _ in takes})
    if len(speakers) < 2:
        raise DatasetError(
            f"fsdd_speakers: {root!r} has one speaker, {speakers[0]}; "
            "at least two are needed to leave one out"
        )
    clips = [
        Clip(path.stem, str(path), digit, speakers.index(speaker) + 1, group=speaker)
        for path, digit, speaker, _ in takes
    ]
    return Dataset("fsdd_speakers", tuple(clips), root, "folds")


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
