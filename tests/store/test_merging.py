"""Stores extracted apart and made one, and stores that are published."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import zarr
from conftest import LOGMEL, MFCC, counts, files, fill, same

from featkit.errors import ParameterError, StoreError
from featkit.store import Store, merge, verify
from featkit.store.records import DONE
from featkit.store.writing import write_block


@pytest.fixture
def halves(audio_folder, tmp_path) -> Path:
    """The first seven and the last five of ten clips, as tables of one name."""
    folder = audio_folder(10)
    clips = sorted(folder.rglob("*.wav"), key=lambda path: path.name)
    for place, part in (("one", clips[:7]), ("two", clips[5:]), ("all", clips)):
        (tmp_path / place).mkdir()
        with open(tmp_path / place / "clips.csv", "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["path", "label"])
            rows.writerows((path, path.parent.name) for path in part)
    return tmp_path


def entries(store, feature):
    """What each row was made from, without where its values lie."""
    records = Store(store)[feature].entries()
    return records[[name for name in records.dtype.names if name != "sum"]]


def test_other_clips_make_the_store_of_all_of_them(halves):
    for name in ("one", "two", "all"):
        fill(halves / name / "clips.csv", halves / f"{name}.zarr")
    report = merge([halves / "one.zarr", halves / "two.zarr"], halves / "both.zarr")
    assert report == {"stores": 2, "clips": 10, "features": 2, "rows": 20}
    same(halves / "both.zarr", halves / "all.zarr")
    for feature in (MFCC, LOGMEL):
        assert (
            entries(halves / "both.zarr", feature) == entries(halves / "all.zarr", feature)
        ).all()
    assert verify(Store(halves / "both.zarr"))["damaged"] == []
    again = fill(halves / "all" / "clips.csv", halves / "both.zarr")
    assert counts(again) == {"mfcc_stats": (0, 10, 0), "logmel": (0, 10, 0)}


def test_other_features_of_the_same_clips(halves):
    table = halves / "all" / "clips.csv"
    fill(table, halves / "a.zarr", [MFCC])
    fill(table, halves / "b.zarr", [LOGMEL])
    fill(table, halves / "both.zarr")
    merge([halves / "a.zarr", halves / "b.zarr"], halves / "c.zarr", shard_clips=3)
    same(halves / "c.zarr", halves / "both.zarr")
    assert Store(halves / "c.zarr").shard_clips == 3


def test_a_valid_row_is_taken_rather_than_a_failure_and_failures_stay(halves):
    table, broken = halves / "all" / "clips.csv", halves / "set" / "low" / "02.wav"
    fill(table, halves / "good.zarr", [MFCC])
    whole = broken.read_bytes()
    broken.write_bytes(b"RIFF")
    for store, features in (("bad", [MFCC]), ("other", [LOGMEL])):
        fill(table, halves / f"{store}.zarr", features)
    merge([halves / f"{name}.zarr" for name in ("bad", "good", "other")], halves / "all.zarr")
    merged = Store(halves / "all.zarr")
    assert (merged[MFCC].entries()["status"] == DONE).all()
    ((row, failure),) = merged[LOGMEL].failures().items()
    assert merged.index()["path"][row].endswith("02.wav") and failure["stage"] == "decode"
    broken.write_bytes(whole)
    assert counts(fill(table, halves / "all.zarr"))["logmel"] == (1, 9, 0)


def test_stores_that_disagree_are_refused_and_nothing_is_written(halves, featkit):
    table = halves / "all" / "clips.csv"
    fill(table, halves / "a.zarr", [MFCC])
    wav = halves / "set" / "high" / "01.wav"
    before = wav.read_bytes()
    wav.write_bytes((halves / "set" / "low" / "04.wav").read_bytes())
    fill(table, halves / "recording.zarr", [LOGMEL])
    wav.write_bytes(before)
    text = table.read_text()
    table.write_text(text.replace("01.wav,high", "01.wav,low"))
    fill(table, halves / "label.zarr", [LOGMEL])
    table.write_text(text)
    fill(halves / "set", halves / "dataset.zarr", [MFCC])
    fill(table, halves / "dtype.zarr", [MFCC], dtype="float16")
    (halves / "taken").mkdir()
    (halves / "taken" / "notes").write_text("mine")
    before = sorted(halves.iterdir())
    for name in ("recording", "label", "dataset", "dtype"):
        with pytest.raises(StoreError, match=name if name != "recording" else "01"):
            merge([halves / "a.zarr", halves / f"{name}.zarr"], halves / "new.zarr")
    for place in ("taken", "a.zarr"):
        with pytest.raises(StoreError, match="already"):
            merge([halves / "a.zarr"], halves / place)
    with pytest.raises(ParameterError, match="one store or more"):
        merge([], halves / "new.zarr")
    assert featkit("store", "merge", "a.zarr", "label.zarr", "--out", "new.zarr").status == 2
    assert sorted(halves.iterdir()) == before


def test_a_merge_that_stops_leaves_nothing(halves, monkeypatch):
    fill(halves / "all" / "clips.csv", halves / "a.zarr")
    before = sorted(halves.iterdir())
    left = 3

    def stops(*arguments):
        nonlocal left
        left -= 1
        if not left:
            raise OSError(28, "No space left on device")
        write_block(*arguments)

    monkeypatch.setattr("featkit.store.merging.write_block", stops)
    with pytest.raises(StoreError, match="No space left"):
        merge([halves / "a.zarr"], halves / "b.zarr")
    assert sorted(halves.iterdir()) == before


def test_a_damaged_row_is_named(halves):
    fill(halves / "all" / "clips.csv", halves / "a.zarr", [MFCC])
    shard = max(files(halves / "a.zarr"), key=lambda path: (MFCC in str(path), path.stat().st_size))
    data = bytearray(shard.read_bytes())
    data[40] ^= 1
    shard.write_bytes(data)
    with pytest.raises(StoreError, match=r"verify --repair"):
        merge([halves / "a.zarr"], halves / "b.zarr")
    assert not (halves / "b.zarr").exists()


def test_a_published_store_is_few_objects_with_all_metadata_in_one_and_is_only_read(
    halves, featkit
):
    table = halves / "all" / "clips.csv"
    fill(table, halves / "a.zarr")
    report = featkit("store", "publish", "a.zarr", "--out", "p.zarr", "--json")
    assert json.loads(report.out)["rows"] == 20
    same(halves / "p.zarr", halves / "a.zarr")
    store = Store(halves / "p.zarr")
    assert verify(store)["damaged"] == [] and store.shard_clips == 1024
    # Ten clips in blocks of four are three objects for each feature, now one.
    assert len(files(halves / "a.zarr")) - len(files(halves / "p.zarr")) == 4
    group = zarr.open_consolidated(str(halves / "p.zarr"))
    listed = group.metadata.consolidated_metadata.metadata
    assert set(listed) == {*store.manifest.documents} - {""}
    assert np.array_equal(group[store[MFCC].key][:], store[MFCC].table().X)
    before = files(halves / "p.zarr")
    for command in (
        ("extract", table, "-f", MFCC, "--store", "p.zarr"),
        ("store", "prune", "p.zarr"),
        ("store", "rm", "p.zarr", "-f", MFCC),
    ):
        run = featkit(*command)
        assert run.status == 2 and "published" in run.err
    assert files(halves / "p.zarr") == before
    merge([halves / "p.zarr"], halves / "again.zarr", shard_clips=4)
    assert counts(fill(table, halves / "again.zarr"))["mfcc_stats"] == (0, 10, 0)


def test_long_rows_make_smaller_blocks_of_a_published_store(halves):
    wide = "multires_logmel:n_mels=64,width=2000"
    fill(halves / "all" / "clips.csv", halves / "a.zarr", [wide])
    merge([halves / "a.zarr"], halves / "p.zarr", published=True)
    store = Store(halves / "p.zarr")
    assert store.shard_clips == (64 << 20) // (4 * int(np.prod(store[wide].stored_shape)))
