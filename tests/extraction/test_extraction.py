"""Filling a store: what is computed, what is left alone, what is stale, and what goes to the
ledger.
"""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from conftest import cli, plugin, same

from featkit import audio
from featkit.datasets import get_dataset
from featkit.errors import FeatkitError, ParameterError, StoreError
from featkit.extraction import estimate, extract, failures, status
from featkit.store import Store, prune, repair, verify
from featkit.store.layout import writer_lock

FEATURES = ["mfcc_stats", "logmel:sr=8000,n_fft=256,n_mels=20"]


def run(folder, store, features=FEATURES, **options):
    return extract(str(folder), features, store, shard_clips=4, **options)


def files(store):
    return {path: path.read_bytes() for path in Path(store).rglob("*") if path.is_file()}


def counts(report):
    return {
        item.name.partition(":")[0]: (item.computed, item.skipped, item.failed)
        for item in report.features.values()
    }


def test_a_second_run_computes_nothing_and_writes_nothing(audio_folder, tmp_path):
    folder = audio_folder(10)
    assert counts(run(folder, tmp_path / "s")) == {"mfcc_stats": (10, 0, 0), "logmel": (10, 0, 0)}
    before = files(tmp_path / "s")
    assert counts(run(folder, tmp_path / "s")) == {"mfcc_stats": (0, 10, 0), "logmel": (0, 10, 0)}
    assert files(tmp_path / "s") == before


def test_rows_are_the_feature_of_the_file_in_the_datasets_order(audio_folder, tmp_path):
    from featkit.features import get_feature

    folder = audio_folder(6)
    run(folder, tmp_path / "s")
    store = Store(tmp_path / "s")
    for text in FEATURES:
        table = store[text].table()
        for clip, row in zip(get_dataset(str(folder)).clips, table.X, strict=True):
            assert np.array_equal(row, get_feature(text)(audio.load(clip.path)))
        assert list(table.y) == [clip.label for clip in get_dataset(str(folder)).clips]


@pytest.mark.parametrize(
    "options",
    [{"jobs": 2}, pytest.param({"jobs": 2, "scheduler": "processes"}, marks=pytest.mark.slow)],
)
def test_values_depend_neither_on_workers_nor_on_what_else_is_extracted(
    audio_folder, tmp_path, options
):
    folder = audio_folder(10)
    run(folder, tmp_path / "a")
    for feature in reversed(FEATURES):
        run(folder, tmp_path / "b", [feature], **options)
    same(tmp_path / "a", tmp_path / "b")


def test_adding_clips_and_features_touches_no_other_row(audio_folder, tmp_path):
    folder = audio_folder(10)
    late = sorted(folder.rglob("*.wav"))[-1]
    shutil.move(late, tmp_path / "late.wav")
    run(folder, tmp_path / "s", FEATURES[:1])
    before = files(tmp_path / "s")
    run(folder, tmp_path / "s", FEATURES[1:])
    assert all(files(tmp_path / "s")[path] == data for path, data in before.items())
    shutil.move(tmp_path / "late.wav", late)
    assert counts(run(folder, tmp_path / "s")) == {"mfcc_stats": (1, 9, 0), "logmel": (1, 9, 0)}
    run(folder, tmp_path / "fresh")
    a, b = (Store(tmp_path / name)[FEATURES[0]].table() for name in ("s", "fresh"))
    order = [list(a.ids).index(name) for name in b.ids]
    assert np.array_equal(a.X[order], b.X)


def test_replaced_audio_is_computed_again_and_nothing_else(audio_folder, tmp_path):
    folder = audio_folder(10)
    run(folder, tmp_path / "s")
    victim = folder / "low" / "04.wav"
    old, size = Store(tmp_path / "s")["mfcc_stats"].table().X.copy(), victim.stat().st_size
    samples = audio.load(victim).samples[::-1]
    audio.write(victim, samples, 8000)
    assert victim.stat().st_size == size
    why = next(iter(status(Store(tmp_path / "s"))["features"].values()))
    assert (why["stale"], why["done"], why["why"]) == (1, 9, {"audio changed": 1})
    assert counts(run(folder, tmp_path / "s"))["mfcc_stats"] == (1, 9, 0)
    new = Store(tmp_path / "s")["mfcc_stats"].table()
    assert list(new.ids[(old != new.X).any(axis=1)]) == ["low/04.wav"]


def test_a_touched_file_is_read_but_not_computed(audio_folder, tmp_path):
    folder = audio_folder(6)
    run(folder, tmp_path / "s")
    os.utime(folder / "low" / "00.wav", (1, 1))
    report = run(folder, tmp_path / "s")
    assert counts(report)["mfcc_stats"] == (0, 6, 0)
    assert (
        status(Store(tmp_path / "s"))["features"][Store(tmp_path / "s")["mfcc_stats"].key]["stale"]
        == 0
    )


def test_other_parameters_are_another_array(audio_folder, tmp_path):
    folder = audio_folder(5)
    run(folder, tmp_path / "s", ["logmel:sr=8000,n_fft=256,n_mels=20"])
    run(folder, tmp_path / "s", ["logmel:sr=8000,n_fft=256,n_mels=16"])
    store = Store(tmp_path / "s")
    assert sorted(shelf.shape[1] for shelf in store.shelves()) == [16, 20]
    with pytest.raises(ParameterError, match="it has"):
        store["logmel"]


@pytest.mark.parametrize("damage", ["delete", "flip"])
def test_a_lost_or_damaged_shard_is_found_and_mended(audio_folder, tmp_path, damage):
    folder = audio_folder(10)
    run(folder, tmp_path / "s")
    run(folder, tmp_path / "whole")
    shard = tmp_path / "s" / Store(tmp_path / "s")["mfcc_stats"].key / "c" / "1" / "0"
    if damage == "delete":
        shard.unlink()
    else:
        data = bytearray(shard.read_bytes())
        data[10] ^= 1
        shard.write_bytes(data)
    with pytest.raises(StoreError, match="verify"):
        Store(tmp_path / "s")["mfcc_stats"].table()
    found = verify(Store(tmp_path / "s"))
    assert [len(item["clips"]) for item in found["damaged"]] == [4 if damage == "delete" else 1]
    if damage == "flip":
        repair(Store(tmp_path / "s", "r+"), found)
    run(folder, tmp_path / "s")
    assert not verify(Store(tmp_path / "s"))["damaged"]
    same(tmp_path / "s", tmp_path / "whole")


def test_damaged_bookkeeping_is_found_and_mended(audio_folder, tmp_path):
    folder = audio_folder(10)
    run(folder, tmp_path / "s")
    run(folder, tmp_path / "whole")
    key = Store(tmp_path / "s")["mfcc_stats"].key
    for place in (f"{key}_status/c/0", f"{key}_identity/c/2/0"):
        file = tmp_path / "s" / place
        file.write_bytes(file.read_bytes()[::-1])
    found = verify(Store(tmp_path / "s"))
    assert {item["shard"] for item in found["damaged"]} == {
        f"{key}_status/c/0",
        f"{key}_identity/c/2",
    }
    repair(Store(tmp_path / "s", "r+"), found)
    assert counts(run(folder, tmp_path / "s"))["mfcc_stats"] == (6, 4, 0)
    same(tmp_path / "s", tmp_path / "whole")


def test_a_clip_that_left_is_in_no_table_and_its_values_can_be_pruned(audio_folder, tmp_path):
    folder = audio_folder(9)
    run(folder, tmp_path / "s")
    (folder / "low" / "02.wav").unlink()
    run(folder, tmp_path / "s")
    table = Store(tmp_path / "s")["mfcc_stats"].table()
    assert len(table) == 8 and "low/02.wav" not in table.ids
    assert prune(Store(tmp_path / "s", "r+"))["rows_cleared"] == 2
    assert np.array_equal(Store(tmp_path / "s")["mfcc_stats"].table().X, table.X)
    assert not verify(Store(tmp_path / "s"))["damaged"]


def test_what_kills_leave_is_pruned(audio_folder, tmp_path):
    folder, store = audio_folder(6), tmp_path / "s"
    run(folder, store, FEATURES[:1])
    before = set(files(store))
    run(folder, store)
    shutil.copytree(store, tmp_path / f".s.{'0a' * 16}")
    (store / Store(store)[FEATURES[1]].key / "zarr.json").unlink()
    (store / "id" / "zarr.0.partial").touch()
    with pytest.warns(UserWarning, match="not recognized"):
        assert [shelf.canonical for shelf in Store(store).shelves()] == FEATURES[:1]
        found = prune(Store(store, "r+"))
    assert found == {"leftover_files": 2, "orphaned_arrays": 5, "rows_cleared": 0}
    assert set(files(store)) == before and not list(tmp_path.glob(".s*"))


def test_audio_that_is_out_of_reach_costs_no_rows(audio_folder, tmp_path):
    folder = audio_folder(6)
    dataset = get_dataset(str(folder))
    extract(dataset, "mfcc_stats", tmp_path / "s")
    shutil.move(folder / "low", tmp_path / "away")
    report = extract(dataset, "mfcc_stats", tmp_path / "s")
    assert [line.stage for line in report.failures] == ["read"] * 3
    assert len(Store(tmp_path / "s")["mfcc_stats"].table()) == 6
    assert next(iter(status(Store(tmp_path / "s"))["features"].values()))["why"] == {
        "audio missing": 3
    }


def test_labels_follow_the_dataset(audio_folder, tmp_path):
    folder = audio_folder(4)
    rows = "\n".join(
        f"{path},{label}" for path, label in zip(sorted(folder.rglob("*.wav")), "abab", strict=True)
    )
    table = tmp_path / "t.csv"
    for swap in (("", ""), (",b", ",c")):
        table.write_text("path,label\n" + rows.replace(*swap) if swap[0] else "path,label\n" + rows)
        report = extract(str(table), "mfcc_stats", tmp_path / "s")
    assert next(iter(report.features.values())).computed == 0
    assert set(Store(tmp_path / "s")["mfcc_stats"].table().y) == {"a", "c"}


def test_edited_code_makes_rows_stale_unless_it_is_accepted(audio_folder, tmp_path):
    folder = audio_folder(5)
    plugin(tmp_path)
    arguments = ("extract", folder, "-f", "levels:Level", "--store", tmp_path / "s", "--json")
    first = cli(tmp_path, *arguments)
    assert '"computed": 5' in first.communicate()[0] and first.returncode == 0
    with (tmp_path / "levels.py").open("a") as file:
        file.write("# a remark changes nothing")
    assert '"computed": 0' in cli(tmp_path, *arguments).communicate()[0]
    plugin(tmp_path, "2 * self.factor * np.abs(signal.samples).max()")
    assert "code changed: 5" in cli(tmp_path, "status", tmp_path / "s").communicate()[0]
    assert '"computed": 5' in cli(tmp_path, *arguments).communicate()[0]
    plugin(tmp_path, "self.factor * 2 * np.abs(signal.samples).max()")
    assert '"computed": 0' in cli(tmp_path, *arguments, "--accept-code").communicate()[0]
    assert "code changed" not in cli(tmp_path, "status", tmp_path / "s").communicate()[0]


def test_kill_at_any_moment_costs_nothing(audio_folder, tmp_path):
    folder = audio_folder(12)
    plugin(tmp_path)
    texts = ["-f", "levels:Level", "-f", "mfcc_stats"]
    undisturbed = cli(
        tmp_path, "extract", folder, *texts, "--store", tmp_path / "whole", "--shard-clips", 3
    )
    undisturbed.communicate()
    for delay in (0.4, 0.9, 1.3):
        running = cli(
            tmp_path,
            "extract",
            folder,
            *texts,
            "--store",
            tmp_path / "s",
            "--shard-clips",
            3,
            SLOW="0.15",
        )
        try:
            running.wait(timeout=delay + 0.5)
        except subprocess.TimeoutExpired:
            running.kill()
        running.communicate()
    last = cli(tmp_path, "extract", folder, *texts, "--store", tmp_path / "s", "--shard-clips", 3)
    last.communicate()
    assert last.returncode == 0
    check = cli(tmp_path, "verify", tmp_path / "s")
    assert check.wait() == 0
    check.communicate()
    same(tmp_path / "s", tmp_path / "whole")


@pytest.mark.slow
def test_a_killed_worker_is_replaced(audio_folder, tmp_path):
    import psutil

    folder = audio_folder(12)
    plugin(tmp_path)
    arguments = (
        "extract",
        folder,
        "-f",
        "levels:Level",
        "--store",
        tmp_path / "s",
        "--shard-clips",
        2,
        "--scheduler",
        "processes",
        "-j",
        2,
    )
    running = cli(tmp_path, *arguments, SLOW="0.4")
    killed, deadline = False, 200
    while running.poll() is None and deadline:
        if not killed and (tmp_path / "s").is_dir() and any((tmp_path / "s").glob("Level-*/c/*")):
            workers = [
                p
                for p in psutil.Process(running.pid).children(recursive=True)
                if "spawn_main" in " ".join(p.cmdline())
            ]
            if workers:
                workers[0].kill()
                killed = True
        deadline -= 1
        try:
            running.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
    running.communicate(timeout=60)
    again = cli(tmp_path, *arguments)
    again.communicate()
    assert killed and again.returncode == 0
    plain = cli(
        tmp_path,
        "extract",
        folder,
        "-f",
        "levels:Level",
        "--store",
        tmp_path / "whole",
        "--shard-clips",
        2,
    )
    plain.communicate()
    same(tmp_path / "s", tmp_path / "whole")


def hostile(folder: Path) -> dict[str, str]:
    """Write files that break others' pipelines; return those that must fail, with a word of the
    reason.
    """
    rng = np.random.default_rng(0)
    one = (0.1 * rng.standard_normal(8000)).astype(np.float32)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_text("no audio at all\n" * 9)
    audio.write(folder / "whole.ogg", (0.1 * rng.standard_normal(66150)).astype(np.float32), 22050)
    data = (folder / "whole.ogg").read_bytes()
    (folder / "cut.ogg").write_bytes(data[: int(0.6 * len(data))])
    data = (folder / "00.wav").read_bytes()
    (folder / "cut.wav").write_bytes(data[: len(data) // 2])
    audio.write(folder / "none.wav", one[:0], 8000)
    audio.write(folder / "three.wav", one[:3], 8000)
    for name, value in (("nan", np.nan), ("inf", np.inf)):
        bad = one.copy()
        bad[7] = value
        audio.write(folder / f"{name}.wav", bad, 8000, "FLOAT")
    for name, subtype in (("u8", "PCM_U8"), ("s24", "PCM_24"), ("float", "FLOAT")):
        audio.write(folder / f"{name}.wav", one, 8000, subtype)
    audio.write(folder / "six.wav", np.stack([one] * 6, axis=1), 8000)
    audio.write(folder / "k192.wav", one, 192000)
    reasons = {
        "empty.wav": "empty",
        "text.wav": "not readable",
        "cut.ogg": "cut short",
        "cut.wav": "cut short",
    }
    return reasons | {"none.wav": "0 samples", "nan.wav": "not finite", "inf.wav": "not finite"}


def test_hostile_files_cost_no_other_clip_and_have_one_line_each(audio_folder, tmp_path):
    folder = audio_folder(6)
    reasons = hostile(folder / "low")
    report = extract(str(folder), [*FEATURES, "multires_logmel"], tmp_path / "s", jobs=2)
    lines = {Path(line.path).name: line for line in failures(Store(tmp_path / "s"))}
    assert len(report.failures) == len(lines) == len(reasons)
    for name, reason in reasons.items():
        assert lines[name].stage == "decode" and reason in lines[name].error
    for shelf in Store(tmp_path / "s").shelves():
        table = shelf.table()
        assert len(table) == 6 + 7 and table.n_missing == 7
        assert all(np.isfinite(row).all() and (row != 0).any() for row in table.X)
    from featkit.features import get_feature

    table = Store(tmp_path / "s")["mfcc_stats"].table()
    six, plain = (table.X[list(table.ids).index(f"low/{name}.wav")] for name in ("six", "float"))
    assert np.allclose(six, plain, rtol=1e-2, atol=0.3)
    assert np.array_equal(
        plain, get_feature("mfcc_stats")(audio.load(folder / "low" / "float.wav"))
    )


def test_a_mended_file_is_taken_up(audio_folder, tmp_path):
    folder = audio_folder(5)
    good = (folder / "low" / "02.wav").read_bytes()
    (folder / "low" / "02.wav").write_bytes(b"")
    assert counts(run(folder, tmp_path / "s"))["mfcc_stats"] == (4, 0, 1)
    assert counts(run(folder, tmp_path / "s"))["mfcc_stats"] == (0, 4, 1)
    (folder / "low" / "02.wav").write_bytes(good)
    assert counts(run(folder, tmp_path / "s"))["mfcc_stats"] == (1, 4, 0)
    assert not failures(Store(tmp_path / "s"))


def test_wrong_arguments_touch_nothing(audio_folder, tmp_path):
    folder, target = audio_folder(4), tmp_path / "new"
    full = tmp_path / "full"
    full.mkdir()
    (full / "notes.txt").write_text("mine")
    for features, store, options in (
        (["mfc"], target, {}),
        ([], target, {}),
        (["mfcc_stats:n_mfcc=x"], target, {}),
        (["mfcc_stats"], target, {"jobs": 0}),
        (["mfcc_stats"], target, {"dtype": "int8"}),
        (["mfcc_stats"], target, {"limit": 0}),
        (["mfcc_stats"], target, {"device": "tpu"}),
        (["mfcc_stats"], full, {}),
        (["mfcc_stats"], full / "notes.txt", {}),
    ):
        with pytest.raises(FeatkitError):
            extract(str(folder), features, store, **options)
    assert not target.exists() and [path.name for path in full.iterdir()] == ["notes.txt"]


def test_a_store_of_another_dataset_is_refused(audio_folder, tmp_path):
    run(audio_folder(4), tmp_path / "s")
    before = files(tmp_path / "s")
    with pytest.raises(StoreError, match="not 'other'"):
        run(audio_folder(4, "other"), tmp_path / "s")
    assert files(tmp_path / "s") == before


def test_one_writer_at_a_time(audio_folder, tmp_path):
    folder = audio_folder(4)
    run(folder, tmp_path / "s")
    with writer_lock(str(tmp_path / "s")), pytest.raises(StoreError, match="another process"):
        run(folder, tmp_path / "s")


def test_limit_then_all_equals_all(audio_folder, tmp_path):
    folder = audio_folder(10)
    assert counts(run(folder, tmp_path / "s", limit=5))["mfcc_stats"] == (5, 0, 0)
    run(folder, tmp_path / "s")
    run(folder, tmp_path / "whole")
    same(tmp_path / "s", tmp_path / "whole")


def test_other_readers_open_the_store(audio_folder, tmp_path):
    xarray = pytest.importorskip("xarray")
    folder = audio_folder(6)
    run(folder, tmp_path / "s", dtype="float16")
    opened = xarray.open_zarr(tmp_path / "s", consolidated=False)
    assert {"id", "path", "label", "fold", "group", "content"} <= set(opened.coords)
    store = Store(tmp_path / "s")
    ragged, fixed = store[FEATURES[1]], store["mfcc_stats"]
    assert opened[ragged.key].dims[0] == "clip" and opened[ragged.key].dtype == np.float16
    lengths = opened[f"{ragged.key}_length"].values
    for row, length, ours in zip(opened[ragged.key].values, lengths, ragged.table().X, strict=True):
        assert np.array_equal(row[:length], ours) and np.isnan(row[length:]).all()
    assert np.array_equal(opened[fixed.key].values, fixed.table().X)


def test_an_estimate_writes_nothing_and_is_near(audio_folder, tmp_path):
    folder = audio_folder(16)
    found = estimate(str(folder), FEATURES)
    run(folder, tmp_path / "s")
    stored = sum(item["bytes"] for item in status(Store(tmp_path / "s"))["features"].values())
    assert found["clips"] == 16 and 0.3 * stored < found["bytes"] < stored


def test_exit_statuses(audio_folder, tmp_path):
    folder = audio_folder(4)
    assert cli(tmp_path, "extract", folder, "-f", "nope", "--store", tmp_path / "s").wait() == 2
    (folder / "low" / "bad.wav").write_bytes(b"")
    assert (
        cli(tmp_path, "extract", folder, "-f", "mfcc_stats", "--store", tmp_path / "s").wait() == 1
    )
    arguments = (
        "extract",
        folder,
        "-f",
        "mfcc_stats",
        "--store",
        tmp_path / "s",
        "--fail-threshold",
        "0.5",
    )
    assert cli(tmp_path, *arguments).wait() == 0
    assert (
        cli(
            tmp_path,
            "evaluate",
            tmp_path / "s",
            "-f",
            "mfcc_stats",
            "-c",
            "nope",
            "--out",
            tmp_path / "r",
        ).wait()
        == 2
    )


def test_importing_featkit_loads_nothing_heavy():
    code = textwrap.dedent("""
        import sys, featkit, featkit_cli.main
        heavy = {"torch", "dask", "distributed", "librosa", "sklearn", "pandas", "zarr", "numba", "matplotlib"} & set(sys.modules)
        sys.exit(", ".join(heavy) or 0)
    """)
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), str(root / "cli")])
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
