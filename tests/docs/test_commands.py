"""Every ``featkit`` command in the pages' ``sh`` blocks runs, on tiny recordings."""

import csv
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from featkit import audio

ROOT = Path(__file__).resolve().parents[2]
# These commands are for a feature's file that the reader has added to the package.
WITHOUT = {"adding-a-feature.md"}
# What a page asks for, and what stands in for it here: no download, no GPU, less work.
INSTEAD = {
    "arch=densenet201,weights=imagenet,device=cuda": "arch=cnn,epochs=1",
    "run study.yaml": "run study.yaml --set dataset=synthetic:50",
    "--audio FILE": "--audio new.wav",
}


def commands(page):
    """The arguments of each command in a page, in order."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            for asked, instead in INSTEAD.items():
                line = line.replace(asked, instead)
            if line.startswith("featkit "):
                yield shlex.split(line, comments=True)[1:]


PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    if page.name not in WITHOUT and any(commands(page))
]


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


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_run(page, recordings, featkit):
    for arguments in commands(page):
        done = featkit(*arguments)
        assert done.status == 0, f"featkit {shlex.join(arguments)}\n{done.err[-2000:]}"
