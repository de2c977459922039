"""What the commands of the pages read."""

import csv

import numpy as np
import pytest

from featkit import audio


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
