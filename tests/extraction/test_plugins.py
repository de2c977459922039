"""Features from outside featkit: what they may give, which edits are seen, what errors cost."""

import json

import numpy as np
import pytest
from conftest import cli

from featkit import audio as audio_of
from featkit import extract
from featkit.errors import ParameterError
from featkit.store import Store

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
        rows = {
            "row": np.array(values, np.float32),
            "whole": np.array([1, 2]),
            "list": values,
            "none": None,
            "complex": np.array(values) + 1j,
            "huge": np.array([1e300, 1]),
        }
        return rows[self.kind]
'''


HEAR = """
from {name}.layers import FACTOR


class Model:
    sample_rate, scene_embedding_size = 8000, 4


def load_model(path=""):
    return Model()


def get_scene_embeddings(audio, model):
    return FACTOR * audio[:, :4]
"""


@pytest.fixture
def tag(tmp_path, monkeypatch):
    """Part of the names of the modules of this test, which lie in ``tmp_path``."""
    name = f"t{abs(hash(tmp_path)) % 10**8}"
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / f"plugged_{name}.py").write_text(PLUGIN.replace("{tag}", name))
    (tmp_path / f"plugged_{name}_helper.py").write_text("FACTOR = 1")
    return name


@pytest.fixture
def hear_package(tmp_path, monkeypatch):
    """Name of a package in ``tmp_path`` that follows the HEAR interface, with ``layers``."""
    name = f"hear_t{abs(hash(tmp_path)) % 10**8}"
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text(HEAR.replace("{name}", name))
    (tmp_path / name / "layers.py").write_text("FACTOR = 1")
    return name


@pytest.fixture
def audio(write_wav, tmp_path):
    """A folder of four clips in two classes."""
    for number in range(4):
        write_wav(tmp_path / "audio" / "ab"[number % 2] / f"{number}.wav")
    return tmp_path / "audio"


def finished(place, *arguments):
    """Run the command line to its end and return (exit code, output, errors)."""
    process = cli(place, *arguments)
    out, errors = process.communicate(timeout=300)
    return process.returncode, out, errors


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
        _, out, _ = finished(tmp_path, *arguments)
        (counts,) = json.loads(out)["features"].values()
        return counts["computed"]

    assert [computed(), computed()] == [4, 0]
    (tmp_path / f"plugged_{tag}_helper.py").write_text("FACTOR = 2")
    assert [computed(), computed()] == [4, 0]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("list", "gave a list"),
        ("none", "gave a NoneType"),
        ("complex", "complex128"),
        ("huge", "1 of 2 values are not finite"),
    ],
)
def test_anything_but_a_row_is_a_line_in_the_ledger_and_costs_nothing_else(
    kind, reason, tag, audio, tmp_path
):
    done = extract(
        str(audio), ["mfcc_stats", f"plugged_{tag}:Plug:kind={kind}"], tmp_path / "s.zarr"
    )
    assert len(Store(tmp_path / "s.zarr")["mfcc_stats"].valid()) > 0
    assert any(reason in failure.error for failure in done.failures)
    assert not len(Store(tmp_path / "s.zarr")[f"plugged_{tag}:Plug:kind={kind}"].valid())


def test_whole_numbers_are_rows(tag, audio, tmp_path):
    extract(str(audio), f"plugged_{tag}:Plug:kind=whole", tmp_path / "s.zarr")
    table = Store(tmp_path / "s.zarr").table(f"plugged_{tag}:Plug:kind=whole")
    assert table.X.dtype == "float32" and table.X.tolist() == [[1, 2]] * 4


def test_a_feature_whose_weights_changed_is_reported(hear_package, audio, tmp_path):
    text = f"hear:module={hear_package}"
    extract(str(audio), text, tmp_path / "s.zarr")
    (tmp_path / hear_package / "layers.py").write_text("FACTOR = 3  # thrice")
    with pytest.raises(
        ParameterError, match="from other code or weights than its name stands for now"
    ):
        Store(tmp_path / "s.zarr").table(text)
    status = ("status", tmp_path / "s.zarr", "--trust", hear_package)
    _, out, errors = finished(tmp_path, *status)
    assert "made from other code or weights" in out + errors


@pytest.mark.parametrize(
    ("text", "source", "message"),
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
    text, source, message, tag, audio, tmp_path
):
    (tmp_path / f"broken_{tag}.py").write_text(source)
    feature = text.replace("{tag}", tag)
    code, _, errors = finished(
        tmp_path, "extract", audio, "-f", feature, "--store", tmp_path / "s.zarr"
    )
    assert code == 2 and message in errors and "Traceback" not in errors
    assert not (tmp_path / "s.zarr").exists()


def test_a_dry_run_for_a_gpu_that_is_not_there_is_refused(audio, tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    options = ("--device", "cuda", "--dry-run", "--store", tmp_path / "s.zarr")
    code, _, errors = finished(tmp_path, "extract", audio, "-f", "mfcc_stats", *options)
    assert code == 2 and "no CUDA GPU" in errors


ODD = """
from dataclasses import dataclass
import os, sys
import numpy as np
from featkit.features import Feature


class Silent(Exception):
    def __str__(self):
        raise ValueError("no")


@dataclass(frozen=True)
class Odd(Feature):
    '''One number, or something odd for the clip of 800 samples.'''

    how: str = ""

    @property
    def shape(self):
        return (0,) if self.how == "no shape" else 1 / 0 if self.how == "late" else (1,)

    @property
    def batched(self):
        return self.how == "few"

    def compute(self, signals, device="cpu"):
        rows = super().compute(signals, device)
        return rows[1:] if self.how == "few" else rows

    def __call__(self, signal):
        if len(signal.samples) == 800 and self.how == "exit":
            sys.exit(3)
        if len(signal.samples) == 800 and self.how == "silent":
            raise Silent
        if len(signal.samples) == 800 and self.how == "fork" and not os.fork():
            return np.zeros(1, np.float32)
        return np.ones(1, np.float32)
"""


@pytest.fixture
def odd(tag, write_wav, tmp_path):
    """Name of the feature Odd, and a folder of a clip of 800 samples and one of 900."""
    (tmp_path / f"odd_{tag}.py").write_text(ODD)
    write_wav(tmp_path / "odd" / "a" / "1.wav")
    write_wav(tmp_path / "odd" / "b" / "2.wav")
    audio_of.write(tmp_path / "odd" / "b" / "2.wav", np.zeros(900, np.float32), 8000)
    return f"odd_{tag}:Odd", tmp_path / "odd"


@pytest.mark.parametrize(
    ("how", "reason"),
    [("exit", "the code called sys.exit(3)"), ("silent", "Silent, whose message cannot be shown")],
)
def test_whatever_a_feature_raises_is_the_failure_of_a_row(odd, tmp_path, how, reason):
    feature, folder = odd
    report = extract(str(folder), f"{feature}:how={how}", tmp_path / "s.zarr")
    (counts,) = report.features.values()
    assert (counts.computed, counts.failed) == (1, 1)
    (failure,) = report.failures
    assert failure.path.endswith("1.wav") and failure.error == reason


def test_a_feature_that_forks_fills_the_store_once(odd, tmp_path):
    feature, folder = odd
    (counts,) = extract(str(folder), f"{feature}:how=fork", tmp_path / "s.zarr").features.values()
    assert (counts.computed, counts.failed) == (2, 0)
    assert Store(tmp_path / "s.zarr")[f"{feature}:how=fork"].table().X.tolist() == [[1.0], [1.0]]


def test_a_batch_with_too_few_rows_fails_as_a_whole(odd, tmp_path):
    feature, folder = odd
    report = extract(str(folder), f"{feature}:how=few", tmp_path / "s.zarr")
    assert [failure.error for failure in report.failures] == ["gave 1 rows for 2 clips"] * 2


@pytest.mark.parametrize(
    ("how", "message"), [("no shape", r"the shape \(0,\)"), ("late", "ZeroDivisionError")]
)
def test_a_feature_that_cannot_be_described_is_refused_before_anything_is_written(
    odd, tmp_path, how, message
):
    feature, folder = odd
    with pytest.raises(ParameterError, match=message):
        extract(str(folder), f"{feature}:how={how}", tmp_path / "s.zarr")
    assert not (tmp_path / "s.zarr").exists()
