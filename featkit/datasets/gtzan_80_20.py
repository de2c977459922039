"""GTZAN: all 1,000 recordings, 80 % for training and 20 % for testing [Tzanetakis2002]."""

import numpy as np

from featkit.datasets import gtzan
from featkit.datasets.base import Dataset
from featkit.datasets.corpus import Corpus, registry

ABOUT = gtzan.ABOUT | {
    "description": "GTZAN's 1,000 half-minute excerpts in ten genres: 80 of each for training, 20 "
    "for testing, drawn with a fixed seed. Artists and repetitions are in both parts, so results "
    "are optimistic; the fault-filtered split is `gtzan`.",
}
EXPECTED = {"clips": 1000, "classes": 10, "train": 800, "test": 200}
SEED, N_TEST = 0, 20


def load(root: str) -> Dataset:
    """Music in 10 genres, unfiltered: 80 of each genre train, 20 test, seeded.

    The draw is over the numbers 0–99 of each genre rather than the files that exist, so a lost file
    moves no other.
    """
    rng = np.random.default_rng(SEED)
    listed = []
    for genre in gtzan.GENRES:
        test = set(rng.permutation(100)[:N_TEST].tolist())
        listed += [
            (f"{genre}.{number:05d}", "test" if number in test else "train")
            for number in range(100)
        ]
    return gtzan.read(root, "gtzan_80_20", listed)


corpus = registry.register(Corpus(load, ABOUT, EXPECTED))
