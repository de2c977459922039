"""Stores as other readers and other writers see them."""

import numpy as np
import pytest
from conftest import LOGMEL, fill

from featkit.errors import StoreError
from featkit.store import Store
from featkit.store.layout import writer_lock


def test_other_readers_open_the_store(audio_folder, tmp_path):
    xarray = pytest.importorskip("xarray")
    folder = audio_folder(6)
    fill(folder, tmp_path / "s", dtype="float16")
    opened = xarray.open_zarr(tmp_path / "s", consolidated=False)
    assert {"id", "path", "label", "fold", "group", "content"} <= set(opened.coords)
    store = Store(tmp_path / "s")
    ragged, fixed = store[LOGMEL], store["mfcc_stats"]
    assert opened[ragged.key].dims[0] == "clip" and opened[ragged.key].dtype == np.float16
    lengths = opened[f"{ragged.key}_length"].values
    for row, length, ours in zip(opened[ragged.key].values, lengths, ragged.table().X, strict=True):
        assert np.array_equal(row[:length], ours) and np.isnan(row[length:]).all()
    assert np.array_equal(opened[fixed.key].values, fixed.table().X)


def test_one_writer_at_a_time(audio_folder, tmp_path):
    folder = audio_folder(4)
    fill(folder, tmp_path / "s")
    with writer_lock(str(tmp_path / "s")), pytest.raises(StoreError, match="another process"):
        fill(folder, tmp_path / "s")
