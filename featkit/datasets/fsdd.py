"""Free Spoken Digit Dataset: 3,000 digits by six speakers, official split [Jackson2018]."""

import re
from pathlib import Path

from featkit.datasets.base import Clip, Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.layout import audio_files
from featkit.errors import DatasetError

ABOUT = {
    "description": "English digits by six speakers, 50 takes each, 8 kHz; takes 0–4 of every "
    "digit and speaker are for testing. All speakers are in both parts by design; for unseen "
    "speakers see `fsdd_speakers`.",
    "licence": "CC BY-SA 4.0",
    "citation": "Z. Jackson et al., Free Spoken Digit Dataset, Zenodo, doi:10.5281/zenodo.1342401",
    "homepage": "https://github.com/Jakobovski/free-spoken-digit-dataset",
}
EXPECTED = {"clips": 3000, "classes": 10, "train": 2700, "test": 300}
N_TEST = 5
_NAME = re.compile(r"(?P<digit>\d)_(?P<speaker>[^_]+)_(?P<take>\d+)")


def load(root: str) -> Dataset:
    """Spoken digits: 10 classes, 3,000 clips; takes 0–4 test, the others train.

    Reads ``recordings/DIGIT_SPEAKER_TAKE.wav``, or such files directly in the root. Both parts of
    the split have the same speakers, so speakers are not groups here.
    """
    clips = [
        Clip(path.stem, str(path), digit, split="test" if take < N_TEST else "train")
        for path, digit, _, take in takes(root, "fsdd")
    ]
    missing = {"train", "test"} - {clip.split for clip in clips}
    if missing:
        raise DatasetError(
            f"fsdd: {root!r} has no take of the {missing.pop()} part; "
            f"takes 0–{N_TEST - 1} are for testing, the others for training"
        )
    return Dataset("fsdd", tuple(clips), root, "split")


def takes(root: str, name: str) -> list[tuple[Path, str, str, int]]:
    """Return (path, digit, speaker, take) of every recording with a name of the corpus's form."""
    top = Path(root, "recordings") if Path(root, "recordings").is_dir() else Path(root)
    if not top.is_dir():
        raise DatasetError(f"{name}: {root!r} is not a folder")
    named = [(path, _NAME.fullmatch(path.stem)) for path in audio_files(top)]
    recordings = [
        (path, match["digit"], match["speaker"], int(match["take"]))
        for path, match in named
        if match
    ]
    if not recordings:
        raise DatasetError(
            f"{name}: {str(top)!r} holds no file named DIGIT_SPEAKER_TAKE.wav, "
            "such as 7_jackson_32.wav"
        )
    return recordings


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
