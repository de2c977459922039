"""Stores as other readers and other writers see them."""

import numpy as np
import pytest
from conftest import LOGMEL, MFCC, files, fill

from featkit.datasets import Clip, Dataset
from featkit.errors import StoreError
from featkit.features import get_feature
from featkit.store import Store
from featkit.store.changes import ensure, publish, update
from featkit.store.layout import shard_size, writer_lock


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


def test_a_store_takes_few_objects(tmp_path):
    clips = tuple(Clip(f"{number:05d}", f"{number}.wav", "a") for number in range(10_000))
    store = Store.create(tmp_path / "s", Dataset("many", clips))
    update(store, Dataset("many", clips), whole=True)
    ensure(store, get_feature(LOGMEL), "float32")
    publish(store)
    # 157 blocks of 64 clips, 11 columns and 2 of the feature's with a document each, the feature's
    # and the group's documents, two manifests. Columns that are empty or 0 throughout take none.
    count = len(files(tmp_path / "s"))
    assert 157 < count <= 157 + 2 * 13 + 2 + 2 and count <= 20 * 10


def test_blocks_are_sized_by_bytes_too():
    wide = get_feature("multires_logmel:n_mels=512,width=4000")
    row = 4 * int(np.prod(wide.stored_shape))
    assert [shard_size(n) for n in (10, 19_999, 20_000)] == [64, 64, 128]
    assert shard_size(10, (wide,)) == (64 << 20) // row < 64


def test_features_of_different_recordings_are_not_joined(audio_folder, tmp_path):
    folder = audio_folder(6)
    fill(folder, tmp_path / "s", [MFCC, "logmel:sr=8000,n_fft=256,n_mels=20,n_frames=10"])
    (folder / "low" / "02.wav").write_bytes((folder / "low" / "04.wav").read_bytes())
    fill(folder, tmp_path / "s", [MFCC])
    store = Store(tmp_path / "s")
    with pytest.raises(StoreError, match=r"different recordings of low/02\.wav"):
        store.table("+".join(shelf.canonical for shelf in store.shelves()))


def test_a_store_is_a_collection_of_features(audio_folder, tmp_path):
    fill(audio_folder(6), tmp_path / "s")
    store = Store(tmp_path / "s")
    assert (len(store), store.n_clips) == (2, 6)
    texts = {get_feature(text).canonical for text in (MFCC, LOGMEL)}
    assert set(store.features) == set(store) == texts
    assert [store[text].key for text in store] == store.keys()
    assert "mfcc_stats" in store and LOGMEL in store and get_feature(LOGMEL) in store
    assert store.keys()[0] in store
    assert "cqt" not in store and "logmel:n_mels=7" not in store and "no such" not in store
    assert 3 not in store
    assert store["mfcc_stats"].table().dims == ("statistic",)


def test_damage_is_shown_rather_than_raised(audio_folder, tmp_path):
    fill(audio_folder(6), tmp_path / "s", features=(MFCC,))
    shelf = Store(tmp_path / "s")[MFCC]
    (path,) = [path for path in files(tmp_path / "s") if path.match(f"{shelf.key}/c/0/*")]
    path.write_bytes(b"")
    assert shelf.cells()[3:] == (2, 1)
    assert "damaged blocks" in Store(tmp_path / "s")._repr_html_()
