"""Kills at drawn changes of files: the next run gives what an undisturbed run gives."""

import shutil

import pytest
import zarr
from kills import FEATURES, RAGGED, extraction, rows, torment

from featkit.store import Store, manifest

pytestmark = pytest.mark.slow


def test_a_new_store(forks, audio_folder, base):
    folder = audio_folder(12)

    def command(store):
        return extraction(folder, store, "--shard-clips", 4)

    torment(forks, base, command, lambda store: [command(store)])


def test_clips_are_added(forks, audio_folder, base):
    folder = audio_folder(12)
    forks.done(extraction(folder, base, "--shard-clips", 4, "--limit", 6))
    # the batch of the first block stays as it was; that of the second grows, so its rows are
    # computed anew
    kept = {
        key: value
        for key, value in rows(base).items()
        if key[0] != FEATURES[2] or key[1] < "high/09"
    }
    assert len(kept) == 6 + 6 + 4

    def command(store):
        return extraction(folder, store)

    torment(forks, base, command, lambda store: [command(store)], kept)


def test_clips_are_added_and_withdrawn(forks, full, base):
    folder, _ = full
    extra = folder / "low" / "99.wav"
    shutil.copy(folder / "low" / "00.wav", extra)
    kept = rows(base)

    def command(store):
        return extraction(folder, store)

    def withdrawn(store):
        extra.rename(folder.parent / "away.wav")
        forks.done(command(store))
        (folder.parent / "away.wav").rename(extra)
        lengths = {array.shape[0] for _, array in zarr.open_group(str(store), mode="r").arrays()}
        assert len(lengths) == 1

    torment(forks, base, command, lambda store: [command(store)], kept, withdrawn)


def test_all_rows_are_computed_again(forks, full):
    folder, base = full

    def command(store):
        return extraction(folder, store, "--overwrite")

    torment(forks, base, command, lambda store: [extraction(folder, store)])


def test_rows_whose_audio_left_outlive_those_that_are_computed_again(forks, full):
    folder, base = full
    (folder / "low" / "04.wav").unlink()
    shutil.copy(folder / "high" / "01.wav", folder / "low" / "06.wav")
    kept = {
        key: value
        for key, value in rows(base).items()
        if key[1] != "low/06.wav" and key[0] != FEATURES[2]
    }

    def command(store):
        return extraction(folder, store)

    torment(forks, base, command, lambda store: [command(store)], kept)


def test_values_of_clips_that_left_are_dropped(forks, full):
    folder, base = full
    gone = ("high/03.wav", "low/02.wav", "low/04.wav")
    for name in gone:
        (folder / name).unlink()
    forks.done(extraction(folder, base))
    kept = {key: value for key, value in rows(base).items() if key[1] not in gone}

    def command(store):
        return ["store", "prune", store]

    torment(forks, base, command, lambda store: [command(store)], kept)


def test_a_feature_is_removed(forks, full):
    _, base = full
    kept = {key: value for key, value in rows(base).items() if key[0] != RAGGED}

    def command(store):
        return ["store", "rm", store, "-f", RAGGED]

    def whole_or_absent(store):
        assert len(rows(store, [RAGGED])) in (0, 12)

    def reruns(store):
        return [command(store)] if rows(store, [RAGGED]) else []

    torment(forks, base, command, reruns, kept, whole_or_absent)


def test_a_removed_feature_is_extracted_again(forks, full):
    folder, base = full
    torment(
        forks,
        base,
        lambda store: ["store", "rm", store, "-f", RAGGED],
        lambda store: [extraction(folder, store)],
    )


def test_damage_is_marked(forks, full):
    folder, base = full
    keys = {shelf.canonical: shelf.key for shelf in Store(base).shelves()}
    (base / keys[FEATURES[0]] / "c" / "1" / "0").unlink()
    (base / manifest.PLACE).unlink()
    for place in (f"{keys[RAGGED]}/c/0/0/0", f"{keys[FEATURES[2]]}_status/c/0"):
        data = bytearray((base / place).read_bytes())
        data[8] ^= 1
        (base / place).write_bytes(data)

    def command(store):
        return ["verify", store, "--repair"]

    torment(forks, base, command, lambda store: [command(store), extraction(folder, store)])
