"""Rows that stay in the store until they are needed, and how a net is trained from them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featkit import evaluate, extract
from featkit.datasets import Clip, Dataset, get_dataset
from featkit.errors import StoreError
from featkit.features import get_feature
from featkit.store import Store, documents
from featkit.store.changes import ensure, update
from featkit.store.records import Record, hashes
from featkit.store.rows import StoredRows, read
from featkit.store.writing import enter, pieces_of, write_block

FEATURES = (
    "mfcc_stats",
    "multires_logmel:sr=8000,n_mels=8,width=10",
    "multires_logmel:sr=8000,n_mels=8,width=10,single=true",
    "logmel:n_mels=8,n_frames=150",  # stored as long as each clip is
    "logmel:sr=8000,n_mels=4,hop_length=8,n_fft=64,n_frames=2000",  # in several pieces
)
IMAGE = FEATURES[1]


@pytest.fixture(scope="module")
def store(tmp_path_factory: Any) -> Store:
    path = tmp_path_factory.mktemp("rows") / "s.zarr"
    extract(get_dataset("synthetic:60"), FEATURES, path, shard_clips=16)
    return Store(path)


@pytest.mark.parametrize("feature", FEATURES)
def test_rows_read_one_at_a_time_are_those_read_at_once(store: Store, feature: str) -> None:
    whole, lazy = store.table(feature), store.table(feature, memory=0)
    assert isinstance(whole.X, np.ndarray) and isinstance(lazy.X, StoredRows)
    assert lazy.X.shape == whole.X.shape and np.array_equal(np.asarray(lazy.X), whole.X)
    some = np.array([59, 0, 17, 16])
    assert np.array_equal(np.asarray(lazy.X[some]), whole.X[some]) and np.array_equal(
        lazy.X[some][2], whole.X[17]
    )
    assert lazy.fingerprint == whole.fingerprint and np.array_equal(lazy.vectors(), whole.vectors())
    assert np.array_equal(
        np.asarray(lazy.select(whole.folds == 1).X), whole.select(whole.folds == 1).X
    )


def test_only_the_rows_that_are_asked_for_are_read(store: Store, monkeypatch: Any) -> None:
    from featkit.store import rows

    rows_read: list[int] = []
    taken = rows.Shelf.read_row
    monkeypatch.setattr(
        rows.Shelf,
        "read_row",
        lambda self, row, *rest: rows_read.append(row) or taken(self, row, *rest),
    )
    lazy = store.table(IMAGE, memory=0)
    part = lazy.X[np.array([3, 20])]
    assert not rows_read
    assert part[1].shape == lazy.X.shape[1:] and rows_read == [20]


@pytest.mark.parametrize("classifier", ["net:arch=cnn,epochs=2", "knn"])
def test_evaluation_gives_the_same_from_the_store_and_from_memory(
    store: Store, classifier: str
) -> None:
    found = [
        [
            (score.fold, score.y_pred, score.probabilities, score.data)
            for score in evaluate(store.table(IMAGE, memory), classifier)
        ]
        for memory in (0, 1 << 30)
    ]
    assert found[0] == found[1] and len(found[0]) > 1


def test_a_damaged_row_is_named(store: Store) -> None:
    shelf = store[FEATURES[0]]
    path = Path(store.path, shelf.key, "c", "0", "0")
    whole = path.read_bytes()
    lazy = store.table(FEATURES[0], memory=0).X
    try:
        path.write_bytes(bytes([whole[0] ^ 255]) + whole[1:])
        with pytest.raises(StoreError, match=r"mfcc_stats.*, clip 0 .*repair"):
            lazy[0]
        assert lazy[1].shape == (120,)
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 255]))
        with pytest.raises(StoreError, match="index is damaged"):
            store.table(FEATURES[0], memory=0)
        path.unlink()
        with pytest.raises(StoreError, match="is missing"):
            store.table(FEATURES[0], memory=0)
        with pytest.raises(StoreError, match="is missing"):
            store.table(FEATURES[0])
    finally:
        path.write_bytes(whole)


def test_readers_see_one_version_of_a_row_while_it_is_rewritten(
    tmp_path: Path, monkeypatch: Any
) -> None:
    """Rows of several shards: version v of a row has 40 + v frames of the value v."""
    monkeypatch.setattr(documents, "PIECE_BYTES", 64)
    monkeypatch.setattr(documents, "SHARD_PIECES", 2)
    feature = get_feature("logmel:n_mels=2")
    clips = Dataset("d", tuple(Clip(f"{i}", f"{i}.wav", "a") for i in range(3)))
    writer = Store.create(tmp_path / "s", clips, 3)
    update(writer, clips, whole=True)
    shelf = ensure(writer, feature, "float32")
    record = Record(shelf.entries())

    def write(version: int) -> None:
        entries, rows = record.entries.copy(), []
        for i in range(3):
            rows.append(pieces_of(shelf, np.full((40 + version, 2), version, np.float32)))
            enter(shelf, entries, i, rows[i], 40 + version)
            entries["content"][i] = version
        write_block(shelf, 0, rows, entries, {}, record)
        record.entries, record.generation = entries, shelf.generation(0)

    write(20)
    versions = set()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lambda: [write(1 + number % 20) for number in range(300)])
        while not done.done():
            found = read(Store(tmp_path / "s").shelves()[0], np.arange(3))
            for row, content in zip(found.values, hashes(found.entries, "content"), strict=True):
                version = int(content[:2], 16)
                assert row.shape == (40 + version, 2) and (row == version).all()
                versions.add(version)
        done.result()
    assert len(versions) > 3


def test_a_row_that_is_computed_again_meanwhile_is_not_another_row(store: Store) -> None:
    shelf = Store(store.path, "r+")[FEATURES[0]]
    path = Path(store.path, shelf.key, "c", "0", "0")
    whole, lazy = path.read_bytes(), store.table(FEATURES[0], memory=0).X
    stored = shelf.read_block(0)
    rows: list[list[bytes]] = [stored.pieces(row) for row in range(16)]  # type: ignore[misc]
    entries = stored.record.entries.copy()
    rows[2] = pieces_of(shelf, np.ones(120, np.float32))
    enter(shelf, entries, 2, rows[2], 1)
    try:
        write_block(shelf, 0, rows, entries, {}, stored.record)
        with pytest.raises(StoreError, match="computed again"):
            lazy[2]
        assert np.array_equal(store.table(FEATURES[0]).X[2], np.ones(120))
    finally:
        path.write_bytes(whole)
