"""Windows as rows: what a store holds, and how it goes on."""

import shutil

import numpy as np
import pytest
from conftest import counts, same

from featkit import audio
from featkit.audio import excerpts
from featkit.datasets import Windows, get_dataset
from featkit.errors import ParameterError, StoreError
from featkit.extraction import estimate, extract, failures, status
from featkit.features import get_feature
from featkit.store import Store, merge

SR = 8000
LEVELS = "levels"


@pytest.fixture
def folder(tmp_path, rng):
    """Six recordings of 2 s, 2.5 s, … in two classes."""
    for number in range(6):
        place = tmp_path / "set" / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        samples = 0.1 * rng.standard_normal(2 * SR + number * SR // 2)
        audio.write(place / f"{number}.wav", samples.astype(np.float32), SR)
    return tmp_path / "set"


def fill(folder, store, **options):
    return extract(str(folder), [LEVELS], store, shard_clips=4, **options)


def test_a_row_is_the_feature_of_its_window(folder, tmp_path):
    report = fill(folder, tmp_path / "s", window=1.0, hop=0.5)
    # 2 s has 3 windows, and every half second one more.
    assert counts(report)[LEVELS] == (3 + 4 + 5 + 6 + 7 + 8, 0, 0)
    store = Store(tmp_path / "s")
    table = store[LEVELS].table()
    assert store.windows == table.windows == Windows(1.0, 0.5)
    row = table.ids.tolist().index("b/3.wav@1.5-2.5")
    signal = audio.load(folder / "b" / "3.wav", 1.5, 1.0)
    assert np.array_equal(table.X[row], get_feature(LEVELS)(signal))
    assert table.clips[row] == table.groups[row] == "b/3.wav"
    assert len(set(table.clips)) == len(set(table.recording_of)) == 6


def test_a_file_is_decoded_once_in_a_block(folder, tmp_path, monkeypatch):
    seconds, decode = [], excerpts.decode

    def counting(data, start=0.0, duration=None):
        signal = decode(data, start, duration)
        seconds.append(signal.duration)
        return signal

    monkeypatch.setattr(excerpts, "decode", counting)
    extract(str(folder), [LEVELS, "mfcc_stats"], tmp_path / "s", window=1.0, hop=0.25)
    assert sorted(seconds) == [2.0, 2.5, 3.0, 3.5, 4.0, 4.5]


def test_without_being_told_a_store_goes_on_with_its_windows(folder, tmp_path):
    fill(folder, tmp_path / "s", window=1.0)
    assert counts(fill(folder, tmp_path / "s"))[LEVELS] == (0, 21, 0)
    assert counts(fill(folder, tmp_path / "s", window=1.0, hop=1.0))[LEVELS] == (0, 21, 0)
    again = extract(str(folder), ["mfcc_stats"], tmp_path / "s")
    assert counts(again)["mfcc_stats"] == (21, 0, 0)


def test_a_store_has_one_way_of_cutting(folder, tmp_path):
    fill(folder, tmp_path / "s", window=1.0)
    fill(folder, tmp_path / "whole")
    for options in ({"window": 2.0}, {"window": 1.0, "hop": 0.5}):
        with pytest.raises(StoreError, match="another --store"):
            fill(folder, tmp_path / "s", **options)
        with pytest.raises(StoreError, match="holds whole clips"):
            fill(folder, tmp_path / "whole", **options)
    with pytest.raises(ParameterError, match="needs a window"):
        fill(folder, tmp_path / "new", hop=1.0)
    assert not (tmp_path / "new").exists()
    assert counts(fill(folder, tmp_path / "s"))[LEVELS] == (0, 21, 0)


def test_new_and_changed_files_are_taken_up(folder, tmp_path, rng):
    fill(folder, tmp_path / "s", window=1.0)
    longer = (0.1 * rng.standard_normal(4 * SR)).astype(np.float32)
    audio.write(folder / "a" / "0.wav", longer, SR)  # 2 windows become 4
    audio.write(folder / "a" / "new.wav", longer[: 2 * SR], SR)
    assert counts(fill(folder, tmp_path / "s"))[LEVELS] == (4 + 2, 19, 0)
    ids = Store(tmp_path / "s")[LEVELS].table().ids.tolist()
    assert len(ids) == 25 and "a/0.wav@3-4" in ids and "a/new.wav@1-2" in ids
    (folder / "a" / "new.wav").unlink()
    assert counts(fill(folder, tmp_path / "s"))[LEVELS] == (0, 23, 0)
    fresh = tmp_path / "fresh"
    fill(folder, fresh, window=1.0)
    old, new = Store(tmp_path / "s")[LEVELS].table(), Store(fresh)[LEVELS].table()
    at = {name: row for row, name in enumerate(old.ids.tolist())}
    assert sorted(at) == sorted(new.ids.tolist())
    assert np.array_equal(old.X[[at[name] for name in new.ids.tolist()]], new.X)


def test_a_mended_file_is_cut(folder, tmp_path):
    good = (folder / "b" / "5.wav").read_bytes()
    (folder / "b" / "5.wav").write_bytes(good[:100])
    assert counts(fill(folder, tmp_path / "s", window=1.0))[LEVELS] == (16, 0, 1)
    (line,) = failures(Store(tmp_path / "s"))
    assert line.id == "b/5.wav@0-end" and line.stage == "decode"
    assert counts(fill(folder, tmp_path / "s"))[LEVELS] == (0, 16, 1)
    (folder / "b" / "5.wav").write_bytes(good)
    assert counts(fill(folder, tmp_path / "s"))[LEVELS] == (5, 16, 0)
    assert not failures(Store(tmp_path / "s"))


def test_windows_of_a_file_out_of_reach_stay(folder, tmp_path):
    table = "\n".join(["path,label", *(f"{n}.wav,{n % 2}" for n in range(6))])
    flat = tmp_path / "flat"
    flat.mkdir()
    for number in range(6):
        shutil.copy(folder / "ab"[number % 2] / f"{number}.wav", flat)
    (flat / "set.csv").write_text(table)
    fill(flat / "set.csv", tmp_path / "s", window=1.0)
    (flat / "4.wav").rename(tmp_path / "away.wav")
    assert counts(fill(flat / "set.csv", tmp_path / "s"))[LEVELS] == (0, 21, 0)
    assert len(Store(tmp_path / "s")[LEVELS].table()) == 21
    (tmp_path / "away.wav").rename(flat / "4.wav")
    assert counts(fill(flat / "set.csv", tmp_path / "s"))[LEVELS] == (0, 21, 0)


def test_a_rerun_opens_no_file_that_is_as_it_was(folder, tmp_path, monkeypatch):
    fill(folder, tmp_path / "s", window=1.0)
    monkeypatch.setattr("featkit.datasets.windows._header", None)
    assert counts(fill(folder, tmp_path / "s"))[LEVELS] == (0, 21, 0)


def test_the_first_clips_are_recordings_and_keep_the_others(folder, tmp_path):
    assert counts(fill(folder, tmp_path / "s", window=1.0, limit=2))[LEVELS] == (5, 0, 0)
    assert counts(fill(folder, tmp_path / "s"))[LEVELS] == (16, 5, 0)
    assert counts(fill(folder, tmp_path / "s", limit=1))[LEVELS] == (0, 2, 0)
    assert len(Store(tmp_path / "s")[LEVELS].table()) == 21


def test_executors_give_equal_rows(folder, tmp_path):
    fill(folder, tmp_path / "one", window=1.0, hop=0.25)
    fill(folder, tmp_path / "two", window=1.0, hop=0.25, jobs=2)
    same(tmp_path / "one", tmp_path / "two")


def test_the_status_and_the_estimate_count_windows(folder, tmp_path):
    assert estimate(str(folder), [LEVELS], window=1.0, hop=0.5)["clips"] == 33
    fill(folder, tmp_path / "s", window=1.0, hop=0.5)
    report = status(Store(tmp_path / "s"))
    assert report["clips"] == 33
    assert report["windows"] == {"window": 1.0, "hop": 0.5, "of_clips": 6}
    assert estimate(str(folder), [LEVELS], store=tmp_path / "s")["clips"] == 33
    with pytest.raises(StoreError):
        estimate(str(folder), [LEVELS], store=tmp_path / "s", window=2.0)


def test_another_dataset_of_the_same_name_is_still_refused(folder, tmp_path):
    fill(folder, tmp_path / "s", window=1.0)
    other = tmp_path / "other" / "set"
    (other / "c").mkdir(parents=True)
    shutil.copy(folder / "a" / "0.wav", other / "c" / "x.wav")
    with pytest.raises(StoreError, match="another dataset"):
        fill(other, tmp_path / "s")
    assert get_dataset(str(folder)).name == "set"


def test_stores_of_one_way_of_cutting_are_merged(folder, tmp_path):
    fill(folder, tmp_path / "a", window=1.0)
    extract(str(folder), ["mfcc_stats"], tmp_path / "b", window=1.0)
    fill(folder, tmp_path / "whole")
    merge([tmp_path / "a", tmp_path / "b"], tmp_path / "both")
    both = Store(tmp_path / "both")
    assert both.windows == Windows(1.0, 1.0) and len(both) == 2
    assert counts(fill(folder, tmp_path / "both"))[LEVELS] == (0, 21, 0)
    with pytest.raises(StoreError, match="cut in one way"):
        merge([tmp_path / "a", tmp_path / "whole"], tmp_path / "new")
