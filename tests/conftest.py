"""Shared helpers and fixtures."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from featkit.audio import Signal, load


def outside() -> list[str]:
    """Names of parts outside featkit that a contract test is to check too, from FEATKIT_CONTRACT.

    ``FEATKIT_CONTRACT=my_package.my_module:Name python -m pytest tests/features/test_contract.py``
    """
    return os.environ.get("FEATKIT_CONTRACT", "").split()


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
    """``write(path)``: 0.1 s of noise at 8 kHz, different for each path, in the format of the
    suffix; missing folders are made.
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
    """Clips at 44.1 kHz that every front-end must survive: 3 samples to 30 s, silence, a click, and
    real recordings if there are any.
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
    """Return torchaudio's ln(mel power + 1e-6), (n_mels, frames), written out in float64.

    numpy's FFT, np.interp's triangles, and bins evenly spaced from 0 to sr // 2.
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
        10 ** (np.linspace(0, 2595 * np.log10(1 + sr // 2 / 700), n_mels + 2) / 2595) - 1
    )
    bins = np.linspace(0, sr // 2, n_fft // 2 + 1)
    bank = np.array(
        [np.interp(bins, points[m : m + 3], [0, 1, 0], left=0, right=0) for m in range(n_mels)]
    )
    return np.log(power @ bank.T + 1e-6).T


@pytest.fixture
def make_table():
    """A function that makes a table of Gaussian classes; rows cycle through the classes, and
    keywords replace columns.
    """
    from featkit.store.table import Table

    def make(n=60, classes=3, n_folds=5, spread=1.0, seed=0, **columns):
        rng = np.random.default_rng(seed)
        codes = np.arange(n) % classes
        centres = 2.0 * np.eye(classes, 4 + classes)
        defaults = {
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
        return Table(**(defaults | columns))

    return make


def with_copies(table, n=2, spread=0.5, vote=False, seed=1):
    """The table and ``n`` noisy copies of each row."""
    rng = np.random.default_rng(seed)
    rows = np.tile(np.arange(len(table)), n + 1)
    copy = np.repeat(np.arange(n + 1), len(table))
    noise = spread * rng.standard_normal((len(rows), table.X.shape[1])) * (copy > 0)[:, None]
    X = (table.X[rows] + noise).astype(np.float32)
    return replace(table.select(rows), X=X, copy=copy, vote=vote)


@pytest.fixture
def make_scores():
    """A function that makes the scores of one system from a 0/1 matrix (folds × clips) of correct
    predictions.
    """
    from featkit.results.metrics import fold_metrics
    from featkit.results.scores import Score

    def make(
        correct,
        feature="mfcc",
        classifier="knn",
        dataset="toy",
        protocol="nested",
        seed=0,
        **changes,
    ):
        scores = []
        for fold, row in enumerate(np.asarray(correct), start=1):
            truth = ["a" if clip % 2 else "b" for clip in range(len(row))]
            predicted = [
                label if hit else {"a": "b", "b": "a"}[label]
                for label, hit in zip(truth, row, strict=True)
            ]
            ids = tuple(f"{fold}-{clip}" for clip in range(len(row)))
            fields = {
                "scheme": "official folds",
                **fold_metrics(np.array(truth), np.array(predicted), None, ("a", "b")),
                "n_train": 4 * len(row),
                "n_test": len(row),
                "classes": ("a", "b"),
                "ids": ids,
                "groups": ids,
                "y_true": tuple(truth),
                "y_pred": tuple(predicted),
            }
            scores.append(
                Score(dataset, feature, classifier, protocol, str(fold), seed, **(fields | changes))
            )
        return scores

    return make


@pytest.fixture
def patterns() -> Callable[..., tuple[NDArray[np.float32], NDArray[np.str_]]]:
    """Make (X, y): rows of unit noise of ``shape``, plus a fixed pattern for each class."""

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
    """Make a folder with one sub-folder per class and ``count`` WAV clips of 0.2 s and more, all of
    different lengths, at 8 kHz.
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
    """Every array that extraction computes, as plain zarr reads it, without the audio files'
    modification times.
    """
    import zarr

    group = zarr.open_group(str(store), mode="r")
    return {name: np.asarray(array[:]) for name, array in group.arrays() if name != "mtime"}


def same(a, b, label=""):
    """Assert that two stores hold the same arrays, bit for bit."""
    first, second = values(a), values(b)
    assert first.keys() == second.keys(), label
    for name, array in first.items():
        equal = (
            np.array_equal(array, second[name], equal_nan=True)
            if array.dtype.kind == "f"
            else np.array_equal(array, second[name])
        )
        assert equal, f"{label}: {name}"


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


def environment(*places, **variables):
    """The variables of a process that imports featkit from where these tests do, and modules from
    ``places``.
    """
    import featkit
    import featkit_cli

    homes = [Path(package.__file__).parents[1] for package in (featkit, featkit_cli)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, [*homes, *places])),
        **variables,
    }


def cli(place, *arguments, **variables):
    """Start ``featkit`` in a process of its own, in the folder ``place`` and with its modules."""
    command = [sys.executable, "-m", "featkit_cli", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=place,
        env=environment(place, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Finished(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        """The object that ``--json`` printed."""
        return json.loads(self.out)


def python(code, *words, place=None, **variables):
    """Run Python code with ``sys.argv[1:] = words`` in a process of its own, in the folder
    ``place`` and with its modules.
    """
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=place,
        env=environment(*filter(None, [place]), **variables),
        capture_output=True,
        text=True,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def featkit(tmp_path, monkeypatch) -> Callable[..., Finished]:
    """``featkit(*arguments)``: run the command line in this process, in an empty folder."""
    from click.testing import CliRunner

    from featkit_cli.main import cli as command

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEATKIT_CACHE", str(tmp_path / "cache"))

    def run(*arguments: object) -> Finished:
        result = CliRunner().invoke(command, list(map(str, arguments)))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Finished(result.exit_code, result.stdout, result.stderr)

    return run


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


OUTSIDE_NETS = """
from torch import nn


class Net(nn.Module):
    def __init__(self, shape, classes):
        super().__init__()
        self.head = nn.Linear(8, classes)
        layers = nn.Linear(shape[0] * shape[1], 8), nn.{activation}(), nn.Linear(8, 8)
        self.net = nn.Sequential(nn.Flatten(), *layers)

    def forward(self, rows):
        return self.head(self.net(rows))


class Narrow(Net):
    def __init__(self, shape, classes):
        super().__init__(shape, classes - 1)


class Tied(Net):
    def __init__(self, shape, classes):
        super().__init__(shape, classes)
        self.again = self.net


nothing = 3
"""


@pytest.fixture
def outside_nets(tmp_path, monkeypatch) -> Callable[[str], str]:
    """``outside_nets(activation)``: write a module of nets anew and return its name."""
    from featkit.naming import fingerprint

    name = f"nets_{abs(hash(tmp_path))}"
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(activation: str) -> str:
        (tmp_path / f"{name}.py").write_text(OUTSIDE_NETS.replace("{activation}", activation))
        sys.modules.pop(name, None)
        importlib.invalidate_caches()
        fingerprint.of_module.cache_clear()
        return name

    return write
