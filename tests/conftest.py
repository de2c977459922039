"""Shared helpers and fixtures."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from featkit.audio import Signal, load


@pytest.fixture(scope="session")
def esc10() -> Path:
    """Folder of the real ESC-10 recordings, from the variable FEATKIT_ESC10."""
    root = os.environ.get("FEATKIT_ESC10", "")
    if not root or not Path(root).is_dir():
        pytest.skip("FEATKIT_ESC10 does not name a folder with ESC-10")
    return Path(root)


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def write_wav() -> Callable[[Path], Path]:
    """``write(path)``: 0.1 s of noise at 8 kHz in the format of the suffix, another for each path;
    folders are made.
    """
    from featkit import audio

    def write(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = np.random.default_rng(list(path.as_posix().encode())).uniform(-0.5, 0.5, 800)
        audio.write(path, samples.astype(np.float32), 8000)
        return path

    return write


def tone(frequency: float, seconds: float, sr: int, amplitude: float = 0.5) -> np.ndarray:
    """A sine, float32."""
    return (amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * sr)) / sr)).astype(
        np.float32
    )


@pytest.fixture(scope="session")
def clips() -> dict[str, Signal]:
    """Clips at 44.1 kHz that every front-end must survive: 3 samples to 30 s, silence, a click;
    real ones if at hand.
    """
    sr, rng = 44100, np.random.default_rng(1)
    click = np.zeros(sr, dtype=np.float32)
    click[sr // 3] = 1.0
    samples = {
        "noise_1s": 0.1 * rng.standard_normal(sr),
        "tones_5s": tone(440.0, 5.0, sr) + tone(6000.0, 5.0, sr, 1e-3),
        "noise_30s": 0.02 * rng.standard_normal(30 * sr) + tone(100.0, 30.0, sr),
        "three_samples": np.array([0.1, -0.2, 0.3]),
        "silence_2s": np.zeros(2 * sr),
        "click_1s": click,
    }
    signals = {
        name: Signal(np.asarray(values, dtype=np.float32), sr) for name, values in samples.items()
    }
    root = Path(os.environ.get("FEATKIT_ESC10", "")) / "audio"
    if os.environ.get("FEATKIT_ESC10"):
        signals |= {path.name: load(path) for path in sorted(root.iterdir())[::97]}
    return signals


def closed_form_logmel(
    y: np.ndarray, sr: int, n_fft: int, win: int, hop: int, n_mels: int = 128
) -> np.ndarray:
    """ln(HTK mel power + 1e-6), shape (n_mels, frames), written out in float64: numpy's FFT,
    np.interp's triangles.
    """
    y = np.pad(y.astype(float), (0, max(0, n_fft + 1 - len(y))))
    padded = np.pad(y, n_fft // 2, mode="reflect")
    window = np.zeros(n_fft)
    left = (n_fft - win) // 2
    window[left : left + win] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(win) / win)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    power = np.concatenate(
        [np.abs(np.fft.rfft(part * window)) ** 2 for part in np.array_split(frames, 8) if len(part)]
    )
    points = 700 * (
        10 ** (np.linspace(0, 2595 * np.log10(1 + sr / 2 / 700), n_mels + 2) / 2595) - 1
    )
    bins = np.arange(n_fft // 2 + 1) * sr / n_fft
    bank = np.array(
        [np.interp(bins, points[m : m + 3], [0, 1, 0], left=0, right=0) for m in range(n_mels)]
    )
    return np.log(power @ bank.T + 1e-6).T


@pytest.fixture
def make_table():
    """A function that makes a table of Gaussian classes, through which the rows cycle; keywords
    replace columns.
    """
    from featkit.store.table import Table

    def make(n=60, classes=3, n_folds=5, spread=1.0, seed=0, **columns):
        rng = np.random.default_rng(seed)
        codes = np.arange(n) % classes
        centres = 2.0 * np.eye(classes, 4 + classes)
        given = {
            "X": (centres[codes] + spread * rng.standard_normal((n, 4 + classes))).astype(
                np.float32
            ),
            "y": np.array([f"class{code}" for code in codes]),
            "folds": np.arange(n) // classes % n_folds + 1,
            "groups": np.array([f"g{row}" for row in range(n)]),
            "ids": np.array([f"clip{row}" for row in range(n)]),
            "dataset": "toy",
            "feature": "points",
            "protocol": "folds",
        }
        return Table(**(given | columns))

    return make


@pytest.fixture
def make_scores():
    """A function that makes the scores of one system from a 0/1 matrix (folds × clips) of right
    predictions.
    """
    from featkit.results.scores import Score

    def make(
        right, feature="mfcc", classifier="knn", dataset="toy", protocol="nested", seed=0, **changes
    ):
        scores = []
        for fold, row in enumerate(np.asarray(right), start=1):
            truth = ["a" if clip % 2 else "b" for clip in range(len(row))]
            predicted = [
                label if hit else {"a": "b", "b": "a"}[label]
                for label, hit in zip(truth, row, strict=True)
            ]
            ids = tuple(f"{fold}-{clip}" for clip in range(len(row)))
            given = {
                "scheme": "official folds",
                "accuracy": float(np.mean(row)),
                "macro_accuracy": float(np.mean(row)),
                "macro_f1": float(np.mean(row)),
                "n_train": 4 * len(row),
                "n_test": len(row),
                "classes": ("a", "b"),
                "ids": ids,
                "groups": ids,
                "y_true": tuple(truth),
                "y_pred": tuple(predicted),
            }
            scores.append(
                Score(dataset, feature, classifier, protocol, str(fold), seed, **(given | changes))
            )
        return scores

    return make


@pytest.fixture
def patterns() -> Callable[..., tuple[NDArray[np.float32], NDArray[np.str_]]]:
    """Make (X, y): rows of ``shape`` of unit noise in which class k of ``classes`` has its own
    fixed pattern added.
    """

    def make(
        n: int = 24, shape: tuple[int, ...] = (16, 8), classes: int = 3, seed: int = 0
    ) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
        means = np.random.default_rng(99).normal(size=(classes, *shape))
        labels = np.arange(n) % classes
        noise = np.random.default_rng(seed).normal(size=(n, *shape))
        return (means[labels] + noise).astype(np.float32), np.array(
            [f"c{label}" for label in labels]
        )

    return make


@pytest.fixture
def audio_folder(tmp_path) -> Callable[..., Path]:
    """Make a folder-per-class tree of ``count`` wav clips of different lengths (0.2 s and more) at
    8 kHz.
    """
    from featkit import audio

    def make(count: int = 10, name: str = "set") -> Path:
        for number in range(count):
            folder = tmp_path / name / ("high" if number % 2 else "low")
            folder.mkdir(parents=True, exist_ok=True)
            noise = 0.05 * np.random.default_rng(number).standard_normal(1600 + 400 * number)
            sine = tone(1200.0 if number % 2 else 300.0, len(noise) / 8000, 8000)
            audio.write(
                folder / f"{number:02d}.wav", (sine[: len(noise)] + noise).astype(np.float32), 8000
            )
        return tmp_path / name

    return make


def values(store):
    """Every array of the store that extraction computes, as plain zarr reads it, but the times of
    the audio files.
    """
    import zarr

    group = zarr.open_group(str(store), mode="r")
    return {name: np.asarray(array[:]) for name, array in group.arrays() if name != "mtime"}


def same(a, b, told=""):
    """Assert that two stores hold the same arrays, bit for bit."""
    first, second = values(a), values(b)
    assert first.keys() == second.keys(), told
    for name, array in first.items():
        equal = (
            np.array_equal(array, second[name], equal_nan=True)
            if array.dtype.kind == "f"
            else np.array_equal(array, second[name])
        )
        assert equal, f"{told}: {name}"


PLUGIN = """
from dataclasses import dataclass
import numpy as np, os, time
from featkit.features import Feature

@dataclass(frozen=True)
class Level(Feature):
    '''Level.'''
    factor: float = 1.0

    @property
    def shape(self):
        return (1,)

    def __call__(self, signal):
        time.sleep(float(os.environ.get("SLOW", 0)))
        return np.array([{body}], dtype=np.float32)
"""


def plugin(tmp_path, body="self.factor * np.abs(signal.samples).max()"):
    """Write the module ``levels`` with the feature ``Level``, which takes SLOW seconds a clip."""
    (tmp_path / "levels.py").write_text(PLUGIN.replace("{body}", body))


def environment(place, **more):
    """The variables of a process that finds featkit and modules in ``place``."""
    root = Path(__file__).parent.parent
    path = os.pathsep.join([str(root), str(root / "cli"), str(place)])
    return {**os.environ, "PYTHONPATH": path, **more}


def cli(place, *arguments, **more):
    """Start ``featkit`` in a process that finds modules in ``place``."""
    command = [sys.executable, "-m", "featkit_cli", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env=environment(place, **more), stdout=pipe, stderr=pipe, text=True
    )


MFCC, LOGMEL = "mfcc_stats", "logmel:sr=8000,n_fft=256,n_mels=20"


def fill(folder, store, features=(MFCC, LOGMEL), **options):
    """Extract two features (one of them ragged) of a folder into a store of shards of 4 clips."""
    from featkit.extraction import extract

    return extract(str(folder), list(features), store, shard_clips=4, **options)


def files(store):
    """Every file of a store with its bytes."""
    return {path: path.read_bytes() for path in Path(store).rglob("*") if path.is_file()}


def counts(report):
    """What an extraction did: (computed, skipped, failed) by the feature's name."""
    return {
        item.name.partition(":")[0]: (item.computed, item.skipped, item.failed)
        for item in report.features.values()
    }
