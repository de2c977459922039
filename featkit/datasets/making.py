"""How a synthetic set is written to disk: planned, written aside, renamed, and reused."""

import csv
import dataclasses
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from featkit import audio
from featkit.datasets import table
from featkit.datasets.base import Dataset
from featkit.datasets.sounds import Array
from featkit.errors import DatasetError, ParameterError

# Raised whenever the same arguments give other samples, so that cached recordings are not reused.
VERSION = 1
N_FOLDS = 5
MARKER = "synthetic.json"


@dataclass(frozen=True)
class Take:
    """One recording to make: its class, its source (which its group shares) and its number within
    the class.
    """

    index: int
    label: str
    number: int
    source: int

    @property
    def fold(self) -> int:
        """The fold; folds take turns, so that every prefix of the set is spread over them."""
        return self.number % N_FOLDS + 1

    @property
    def group(self) -> str:
        """Label, fold and source, so that no group is in two folds."""
        return f"{self.label}-{self.fold}-{self.source}"

    @property
    def path(self) -> str:
        """The file's path relative to the root."""
        return f"audio/{self.label}-{self.number:04d}.wav"


# (what to make, seed, sr) -> samples
Render = Callable[[Take, int, int], Array]


def plan(labels: tuple[str, ...], n_clips: int, per_group: int) -> list[Take]:
    """Return the first ``n_clips`` takes; labels take turns, then folds, then sources."""
    numbers = [(index, index // len(labels)) for index in range(n_clips)]
    return [
        Take(i, labels[i % len(labels)], number, number // N_FOLDS // per_group)
        for i, number in numbers
    ]


def cache_folder() -> Path:
    """Return the folder for files that can be made again: FEATKIT_CACHE, or ``featkit`` in the
    user's cache folder.
    """
    own = os.environ.get("FEATKIT_CACHE")
    if own:
        return Path(own).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "featkit"
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "featkit"


def write_set(
    out: str | os.PathLike[str],
    name: str,
    takes: list[Take],
    render: Render,
    seed: int,
    sr: int,
    about: Mapping[str, str],
) -> Dataset:
    """Return the set at ``out``, which is made there unless it exists already."""
    if not takes or seed < 0 or sr < 8000:
        raise ParameterError(
            f"{name}: got {len(takes)} clips, seed={seed}, sr={sr}; "
            "expected at least 1 clip, seed ≥ 0, sr ≥ 8000 Hz"
        )
    folder = Path(out).expanduser()
    spec = {"set": name, "version": VERSION, "clips": len(takes), "seed": seed, "sr": sr}
    if not _complete(folder, spec, takes):
        _check_free(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _fill(aside, spec, takes, render, seed, sr)
            _swap(aside, folder, spec, takes)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    read = table.load(str(folder / "clips.csv"))
    return dataclasses.replace(read, name=name, about=about)


def _complete(folder: Path, spec: Mapping[str, object], takes: list[Take]) -> bool:
    """Return whether ``folder`` holds exactly this set, with no file lost or empty."""
    try:
        same = json.loads((folder / MARKER).read_text(encoding="utf-8")) == spec
        return (
            same
            and (folder / "clips.csv").is_file()
            and all((folder / take.path).stat().st_size > 44 for take in takes)
        )
    except (OSError, json.JSONDecodeError):
        return False


def _check_free(folder: Path) -> None:
    if not folder.exists():
        return
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else {folder.name}
    ours = {"audio", "clips.csv", MARKER} if MARKER in names else set()
    if names - ours:
        raise DatasetError(
            f"{str(folder)!r} holds files that featkit did not write; give a new or empty folder"
        )


def _fill(
    folder: Path, spec: Mapping[str, object], takes: list[Take], render: Render, seed: int, sr: int
) -> None:
    (folder / "audio").mkdir()
    for take in takes:
        audio.write(
            folder / take.path, render(take, seed, sr).astype(np.float32), sr, subtype="PCM_16"
        )
    # A single fold is not a protocol, so the column is left out.
    folded = len({take.fold for take in takes}) > 1
    with open(folder / "clips.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["path", "label", "group"] + ["fold"] * folded)
        writer.writerows(
            [take.path, take.label, take.group] + [take.fold] * folded for take in takes
        )
    (folder / MARKER).write_text(json.dumps(spec), encoding="utf-8")


def _swap(aside: Path, folder: Path, spec: Mapping[str, object], takes: list[Take]) -> None:
    """Move ``aside`` to ``folder``, unless another process has written the same set meanwhile."""
    os.chmod(aside, 0o755)
    if folder.exists():
        shutil.rmtree(folder)
    try:
        os.rename(aside, folder)
    except OSError:
        if not _complete(folder, spec, takes):
            raise
