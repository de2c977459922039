"""What the commands of the pages read, and how they are given less work."""

import csv
import re

import numpy as np
import pytest

from featkit import audio

# What stands in for the work that the pages ask for: one epoch, little nets. The data are
# `recordings`.
SMALL = [
    (r"synthetic:400", "synthetic:20"),
    (r"\bnet:(?=[a-z])", "net:epochs=1,iterations=0,"),
    (r"\(net\)", "(net:epochs=1)"),
    (r"arch=(scene_(?:cnn|bands|fusion))(?!\w)", r"arch=(\1:width=0.1)"),
    (r"\((scene_(?:cnn|bands|fusion)):(?!width)", r"(\1:width=0.1,"),
    (r",weights=imagenet", ""),
    (r"analyze mst \S+", r"\g<0> --epochs 1"),
    (r"analyze domain-transfer", r"\g<0> --clips 2"),
    (r"batch-norm-leak \S+", r"\g<0> --seeds 1"),
    (r"analyze (weight-fusion|freeze|cutoff) \S+", r"\g<0> --seeds 1 --level block4"),
    (r"--seeds \d", "--seeds 2"),
    (r"net_ensemble:(?=net=\(net:[^()]*\)[^+])", "net_ensemble:members=2,"),
]


@pytest.fixture
def small():
    """A function from a command to the same with less work; all else is as the page has it."""

    def small(command, more=()):
        for pattern, instead in [*SMALL, *more]:
            command = re.sub(pattern, instead, command)
        return command

    return small


@pytest.fixture
def recordings(tmp_path):
    """What the pages' commands read: a small ESC-50 of two classes, a folder, three files."""
    rng = np.random.default_rng(0)

    def write(path, seconds=0.5, pitch=440.0):
        path.parent.mkdir(parents=True, exist_ok=True)
        time = np.arange(round(seconds * 22050)) / 22050
        samples = 0.3 * np.sin(2 * np.pi * pitch * time) + 0.05 * rng.standard_normal(len(time))
        audio.write(path, samples.astype(np.float32), 22050)

    rows = []
    for number in range(20):
        fold, target = number % 5 + 1, number // 5 % 2
        name = f"{fold}-{number}-A-{target}.wav"
        write(tmp_path / "ESC-50" / "audio" / name, pitch=(300.0, 2000.0)[target])
        write(tmp_path / "recordings" / ("low", "high")[target] / name)
        category = ("dog", "rooster")[target]
        rows.append([name, fold, target, category, "True", number, "A"])
    (tmp_path / "ESC-50" / "meta").mkdir()
    with open(tmp_path / "ESC-50" / "meta" / "esc50.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["filename", "fold", "target", "category", "esc10", "src_file", "take"])
        writer.writerows(rows)
    for name, seconds in (("new.wav", 0.5), ("other.wav", 0.5), ("long.wav", 12.0)):
        write(tmp_path / name, seconds)
