"""A HEAR-style module as a feature."""

import os

import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import MissingDependencyError, ParameterError
from featkit.features import get_feature

MODULE = '''
"""Embeds a clip as its length, its sum, and the number that the weights hold."""
import torch

LOADED = []


class Model:
    sample_rate = 8000
    scene_embedding_size = 3

    def __init__(self, number):
        self.number = number


def load_model(path="default"):
    LOADED.append(path)
    return Model(0.0 if path == "default" else float(open(path).read()))


def get_scene_embeddings(audio, model):
    assert audio.dtype == torch.float32
    rows = [torch.tensor([len(clip), clip.sum(), model.number]) for clip in audio]
    return torch.stack(rows)
'''


PACKAGE = """
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
def module(tmp_path, monkeypatch) -> str:
    """Name of a HEAR module that can be imported, different for every test."""
    name = f"hear_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_embedding(module, tmp_path):
    (tmp_path / "weights").write_text("7")
    feature = get_feature(f"hear:module={module},weights={tmp_path / 'weights'}")
    assert feature.shape == (3,)
    row = feature(Signal(np.full(800, 0.5, dtype=np.float32), 8000))
    assert row.dtype == np.float32
    assert row.tolist() == [800, 400, 7]
    # The clip is brought to the model's rate.
    assert feature(Signal(np.zeros(1600, dtype=np.float32), 16_000)).tolist() == [800, 0, 7]


def test_the_model_is_loaded_once(module):
    import importlib

    feature = get_feature(f"hear:module={module}")
    assert feature.shape == (3,)
    feature.compute([Signal(np.zeros(10, dtype=np.float32), 8000)] * 3)
    assert get_feature(f"hear:module={module}").shape == (3,)
    assert importlib.import_module(module).LOADED == ["default"]


def test_new_weights_or_code_are_another_feature(module, tmp_path):
    weights = tmp_path / "weights"
    weights.write_text("1")
    feature = get_feature(f"hear:module={module},weights={weights}")
    clip = Signal(np.zeros(5, dtype=np.float32), 8000)
    before = feature.key
    assert feature(clip)[2] == 1
    weights.write_text("2")
    os.utime(weights, ns=(1, 1))
    changed = feature.key
    assert changed != before
    assert feature(clip)[2] == 2
    (tmp_path / f"{module}.py").write_text(MODULE + "\nMORE = 1\n")
    assert feature.key not in (before, changed)


def test_refusals(module, tmp_path):
    with pytest.raises(ParameterError, match="hear needs a module"):
        _ = get_feature("hear").shape
    with pytest.raises(MissingDependencyError, match="'no_such_module_here' cannot be imported"):
        _ = get_feature("hear:module=no_such_module_here").shape
    with pytest.raises(MissingDependencyError, match="is not a file"):
        _ = get_feature(f"hear:module={module},weights={tmp_path / 'none'}").shape
    with pytest.raises(ParameterError, match="lacks load_model, get_scene_embeddings"):
        _ = get_feature("hear:module=json").shape
    (tmp_path / "hear_bare.py").write_text(
        "def load_model():\n    return 1\ndef get_scene_embeddings(a, m):\n    return a\n"
    )
    with pytest.raises(ParameterError, match="no sample_rate"):
        _ = get_feature("hear:module=hear_bare").shape


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Name of a package in ``tmp_path`` that follows the interface, with a module ``layers``."""
    name = f"hear_t{abs(hash(tmp_path)) % 10**8}"
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text(PACKAGE.replace("hear_{tag}", name))
    (tmp_path / name / "layers.py").write_text("FACTOR = 1")
    return name


def test_an_edit_inside_a_hear_package_is_another_feature(package, tmp_path):
    feature = get_feature(f"hear:module={package}")
    before = feature.key
    (tmp_path / package / "layers.py").write_text("FACTOR = 2  # twice")
    assert feature.key != before


def test_a_hear_model_listens_in_evaluation_mode_and_may_give_numpy(package):
    feature = get_feature(f"hear:module={package}")
    clip = Signal(np.arange(8, dtype=np.float32), 8000)
    first = feature(clip)
    assert np.array_equal(first, feature(clip)) and first == pytest.approx(np.arange(4), abs=1e-3)
