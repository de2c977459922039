"""Features from outside of featkit: what they may give, which edits are seen, and what their errors
cost.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from featkit import extract
from featkit.audio import Signal, part, read_bytes
from featkit.errors import ParameterError
from featkit.extraction.work import problem_of
from featkit.features import get_feature
from featkit.naming import fingerprint
from featkit.store import Store

ROOT = Path(__file__).resolve().parents[2]

PLUGIN = '''
from dataclasses import dataclass
import numpy as np
import plugged_{tag}_helper as helper
from featkit.features import Feature


@dataclass(frozen=True)
class Plug(Feature):
    """Two numbers of a clip, in one of several shapes."""

    kind: str = "row"

    @property
    def shape(self):
        return (2,)

    def __call__(self, signal):
        values = [helper.FACTOR * len(signal.samples), 1.0]
        made = dict(row=np.array(values, np.float32), list=values, none=None, complex=np.array(values) + 1j)
        return {**made, "huge": np.array([1e300, 1])}[self.kind]
'''

HEAR = """
import torch
from hear_{tag}.layers import FACTOR


class Model(torch.nn.Module):
    sample_rate, scene_embedding_size = 8000, 4

    def __init__(self):
        super().__init__()
        self.drop, self.norm = torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(4)

    def forward(self, audio):
        return self.drop(self.norm(FACTOR * audio[:, :4]))


def load_model(path=""):
    return Model()


def get_scene_embeddings(audio, model):
    return model(audio).numpy()
"""


@pytest.fixture
def tag(tmp_path, monkeypatch):
    """Part of the names of the modules of this test, which lie in ``tmp_path``."""
    made = f"t{abs(hash(tmp_path)) % 10**8}"
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / f"plugged_{made}.py").write_text(PLUGIN.replace("{tag}", made))
    (tmp_path / f"plugged_{made}_helper.py").write_text("FACTOR = 1")
    package = tmp_path / f"hear_{made}"
    package.mkdir()
    (package / "__init__.py").write_text(HEAR.replace("{tag}", made))
    (package / "layers.py").write_text("FACTOR = 1")
    return made


def cli(*arguments, folder):
    paths = os.pathsep.join([str(ROOT), str(ROOT / "cli"), str(folder)])
    command = [sys.executable, "-m", "featkit_cli", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def audio(write_wav, tmp_path):
    """A folder of four clips in two classes."""
    for number in range(4):
        write_wav(tmp_path / "audio" / "ab"[number % 2] / f"{number}.wav")
    return tmp_path / "audio"


def test_an_edit_beside_a_plugin_makes_its_rows_stale(tag, audio, tmp_path):
    arguments = (
        "extract",
        audio,
        "-f",
        f"plugged_{tag}:Plug",
        "--store",
        tmp_path / "s.zarr",
        "--json",
    )

    def computed():
        (counts,) = json.loads(cli(*arguments, folder=tmp_path).stdout)["features"].values()
        return counts["computed"]

    assert [computed(), computed()] == [4, 0]
    (tmp_path / f"plugged_{tag}_helper.py").write_text("FACTOR = 2")
    assert [computed(), computed()] == [4, 0]


def test_installed_modules_are_no_neighbours(tag, tmp_path):
    assert (
        fingerprint._home(f"plugged_{tag}") == tmp_path
        and fingerprint._home(f"hear_{tag}") == tmp_path
    )
    assert fingerprint._home("numpy") is None and fingerprint._home("no_such_module") is None


def test_an_edit_inside_a_hear_package_is_another_feature(tag, tmp_path):
    feature = get_feature(f"hear:module=hear_{tag}")
    before = feature.key
    (tmp_path / f"hear_{tag}" / "layers.py").write_text("FACTOR = 2  # twice")
    assert feature.key != before


def test_a_hear_model_listens_in_evaluation_mode_and_may_give_numpy(tag):
    feature = get_feature(f"hear:module=hear_{tag}")
    clip = Signal(np.arange(8, dtype=np.float32), 8000)
    first = feature(clip)
    assert np.array_equal(first, feature(clip)) and first == pytest.approx(np.arange(4), abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("list", "gave a list"),
        ("none", "gave a NoneType"),
        ("complex", "complex128"),
        ("huge", "1 of 2 values are not finite"),
    ],
)
def test_what_is_no_row_is_a_line_in_the_ledger_and_costs_nothing_else(
    kind, reason, tag, audio, tmp_path
):
    done = extract(
        str(audio), ["mfcc_stats", f"plugged_{tag}:Plug:kind={kind}"], tmp_path / "s.zarr"
    )
    assert len(Store(tmp_path / "s.zarr")["mfcc_stats"].valid()) > 0
    assert any(reason in failure.error for failure in done.failures)
    assert not len(Store(tmp_path / "s.zarr")[f"plugged_{tag}:Plug:kind={kind}"].valid())


def test_whole_numbers_are_rows():
    assert (
        problem_of(np.array([1, 2]), get_feature("mfcc_stats").__class__(n_mfcc=1)) != ""
    )  # six values are promised
    assert problem_of(np.arange(120), get_feature("mfcc_stats")) == ""


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("broken_{tag}:X", "raise ValueError('on import')", "ValueError: on import"),
        ("hear:module=broken_{tag}", "raise RuntimeError('on import')", "on import"),
        (
            "hear:module=broken_{tag}",
            "load_model = get_scene_embeddings = lambda *a: 1 / 0",
            "ZeroDivisionError",
        ),
        ("hear:module=nowhere_{tag}", "", "nowhere"),
    ],
)
def test_code_that_cannot_be_loaded_exits_with_2_and_leaves_no_store(
    text, code, message, tag, audio, tmp_path
):
    (tmp_path / f"broken_{tag}.py").write_text(code)
    done = cli(
        "extract",
        audio,
        "-f",
        text.replace("{tag}", tag),
        "--store",
        tmp_path / "s.zarr",
        folder=tmp_path,
    )
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "s.zarr").exists()


def test_a_feature_whose_weights_changed_is_said_to_be_so(tag, audio, tmp_path):
    text = f"hear:module=hear_{tag}"
    extract(str(audio), text, tmp_path / "s.zarr")
    (tmp_path / f"hear_{tag}" / "layers.py").write_text("FACTOR = 3  # thrice")
    with pytest.raises(
        ParameterError, match="from other code or weights than its name stands for now"
    ):
        Store(tmp_path / "s.zarr").table(text)
    done = cli("status", tmp_path / "s.zarr", folder=tmp_path)
    assert "made from other code or weights" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "gammatone:floor_db=inf",
        "gammatone:floor_db=-inf",
        "gammatone:erbs=inf",
        "logmel:floor=inf",
        "cqt:fmin=0.02,n_bins=4",
        "random_cnn:arch=vgg,mode=as_coded",
    ],
)
def test_values_that_no_clip_could_be_computed_with_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(text)


def test_a_file_url_is_a_local_file(write_wav, tmp_path):
    path = write_wav(tmp_path / "a.wav")
    assert read_bytes(f"file://{path}") == path.read_bytes()
    with part(f"file://{path}", 0.01, 0.01) as data:
        assert not isinstance(data, bytes)


def test_a_dry_run_for_a_gpu_that_is_not_there_is_refused(audio, tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    done = cli(
        "extract",
        audio,
        "-f",
        "mfcc_stats",
        "--device",
        "cuda",
        "--dry-run",
        "--store",
        "s.zarr",
        folder=tmp_path,
    )
    assert done.returncode == 2 and "no CUDA GPU" in done.stderr
