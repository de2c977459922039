"""A model of the store: whatever is done to it, in any order, every row is what the model says."""

import importlib
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from featkit import audio
from featkit.datasets import Clip, Dataset
from featkit.errors import StoreError
from featkit.extraction import extract
from featkit.naming import fingerprint
from featkit.store import Store, documents, prune, repair, verify
from featkit.store.changes import remove

pytestmark = pytest.mark.slow

MODULE = """
from dataclasses import dataclass
import numpy as np
from featkit.features import Feature

@dataclass(frozen=True)
class Level(Feature):
    '''Level.'''
    shape = (1,)

    def __call__(self, signal):
        return np.array([{factor} * signal.samples[0]], dtype=np.float32)

@dataclass(frozen=True)
class Frames(Feature):
    '''As many frames as samples.'''
    shape = (None, 2)
    dims = ("frame", "pair")

    def __call__(self, signal):
        value = {factor} * signal.samples[0]
        return np.full((len(signal.samples), 2), value, dtype=np.float32)
"""
FEATURES = ("Level", "Frames")
LEVELS = st.integers(1, 63).map(lambda level: level / 64)
LENGTHS = st.integers(1, 90)


class StoreModel(RuleBasedStateMachine):
    """``clips`` is the dataset; ``rows[feature]`` what each clip's row was made from."""

    def __init__(self):
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        self.path = self.place / "s.zarr"
        self.files, self.clips, self.rows, self.factor = {}, {}, {}, 1.0
        self.damaged, self.lossy = False, set()
        self.sizes = documents.PIECE_BYTES, documents.SHARD_PIECES
        documents.PIECE_BYTES, documents.SHARD_PIECES = 64, 2
        sys.path.insert(0, str(self.place))
        self.write_code()

    def teardown(self):
        documents.PIECE_BYTES, documents.SHARD_PIECES = self.sizes
        sys.path.remove(str(self.place))
        sys.modules.pop("modelled", None)
        shutil.rmtree(self.place)

    def write_code(self):
        (self.place / "modelled.py").write_text(MODULE.format(factor=self.factor))
        sys.modules.pop("modelled", None)
        importlib.invalidate_caches()
        fingerprint.of_module.cache_clear()
        self.module = importlib.import_module("modelled")

    def write_audio(self, name, level, length):
        samples = np.full(length, level, dtype=np.float32)
        audio.write(self.place / f"{name}.wav", samples, 8000, "FLOAT")
        self.files[name] = (level, length)

    @rule(level=LEVELS, length=LENGTHS, label=st.sampled_from("ab"))
    def add(self, level, length, label):
        name = f"c{len(self.files)}"
        self.write_audio(name, level, length)
        self.clips[name] = label

    @precondition(lambda self: self.clips)
    @rule(data=st.data(), level=LEVELS, length=LENGTHS)
    def change_audio(self, data, level, length):
        self.write_audio(data.draw(st.sampled_from(sorted(self.clips))), level, length)

    @precondition(lambda self: self.clips)
    @rule(data=st.data(), label=st.sampled_from("xyz"))
    def relabel(self, data, label):
        self.clips[data.draw(st.sampled_from(sorted(self.clips)))] = label

    @precondition(lambda self: len(self.clips) > 1)
    @rule(data=st.data())
    def withdraw(self, data):
        # The first clip stays: a dataset that shares no clip with the store is another one.
        del self.clips[data.draw(st.sampled_from(sorted(set(self.clips) - {"c0"})))]

    @rule(factor=st.sampled_from([1.0, 2.5, 4.125]))
    def edit_code(self, factor):
        self.factor = factor
        self.write_code()

    @precondition(lambda self: self.clips and not self.damaged)
    @rule(names=st.sets(st.sampled_from(FEATURES), min_size=1))
    def extract(self, names):
        dataset = Dataset(
            "model",
            tuple(
                Clip(name, str(self.place / f"{name}.wav"), self.clips[name])
                for name in sorted(self.clips, key=lambda name: int(name[1:]))
            ),
            root=str(self.place),
        )
        features = [getattr(self.module, name)() for name in sorted(names)]
        extract(dataset, features, self.path, shard_clips=3)
        self.stored = dict(self.clips)
        for name in names:
            rows = self.rows.setdefault(name, {})
            rows |= {clip: (*self.files[clip], self.factor) for clip in self.clips}
            self.lossy.discard(name)

    @precondition(lambda self: self.rows and not self.damaged)
    @rule(data=st.data())
    def rm(self, data):
        name = data.draw(st.sampled_from(sorted(self.rows)))
        remove(Store(self.path, "r+"), f"modelled:{name}")
        del self.rows[name]
        self.lossy.discard(name)

    @precondition(lambda self: self.rows and not self.damaged)
    @rule()
    def prune(self):
        prune(Store(self.path, "r+"))
        for rows in self.rows.values():
            for clip in set(rows) - set(self.stored):
                del rows[clip]
        assert verify(Store(self.path))["damaged"] == []

    @precondition(lambda self: self.rows and not self.damaged)
    @rule(data=st.data(), kind=st.sampled_from(["flip", "cut", "delete"]))
    def damage(self, data, kind):
        files = sorted(path for path in self.path.rglob("*") if path.is_file())
        file = data.draw(st.sampled_from(files))
        content = bytearray(file.read_bytes())
        place = data.draw(st.integers(0, len(content) - 1))
        if kind == "delete":
            file.unlink()
        else:
            content[place] ^= 1
            file.write_bytes(bytes(content) if kind == "flip" else bytes(content[:place]))
        self.damaged = True

    @precondition(lambda self: self.damaged)
    @rule()
    def repair(self):
        found = verify(Store(self.path, salvage=True))
        assert found["damaged"]
        repair(Store(self.path, "r+", salvage=True), found)
        assert verify(Store(self.path))["damaged"] == []
        self.damaged, self.lossy = False, self.lossy | set(self.rows)

    @invariant()
    def rows_are_what_they_were_made_from(self):
        for name, rows in self.rows.items():
            present = {clip for clip in rows if clip in self.stored}
            try:
                table = Store(self.path)[f"modelled:{name}"].table()
            except StoreError as error:
                assert self.damaged or name in self.lossy or not present, error
                continue
            assert set(table.ids) <= present
            assert name in self.lossy or set(table.ids) == present
            for clip, label, row in zip(table.ids, table.y, table.X, strict=True):
                level, length, factor = rows[clip]
                assert label == self.stored[clip]
                value = np.float32(factor * np.float32(level))
                shape = (1,) if name == "Level" else (length, 2)
                assert row.shape == shape and (row == value).all()


TestStoreModel = StoreModel.TestCase
TestStoreModel.settings = settings(
    max_examples=100,
    stateful_step_count=20,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
