"""What is due: rows whose audio or code has changed."""

import os
import shutil

from conftest import cli, counts, fill, plugin

from featkit import audio
from featkit.datasets import get_dataset
from featkit.extraction import extract, status
from featkit.store import Store


def test_replaced_audio_is_computed_again_and_nothing_else(audio_folder, tmp_path):
    folder = audio_folder(10)
    fill(folder, tmp_path / "s")
    victim = folder / "low" / "04.wav"
    old, size = Store(tmp_path / "s")["mfcc_stats"].table().X.copy(), victim.stat().st_size
    samples = audio.load(victim).samples[::-1]
    audio.write(victim, samples, 8000)
    assert victim.stat().st_size == size
    why = next(iter(status(Store(tmp_path / "s"))["features"].values()))
    assert (why["stale"], why["done"], why["why"]) == (1, 9, {"audio changed": 1})
    assert counts(fill(folder, tmp_path / "s"))["mfcc_stats"] == (1, 9, 0)
    new = Store(tmp_path / "s")["mfcc_stats"].table()
    assert list(new.ids[(old != new.X).any(axis=1)]) == ["low/04.wav"]


def test_a_touched_file_is_read_but_not_computed(audio_folder, tmp_path):
    folder = audio_folder(6)
    fill(folder, tmp_path / "s")
    os.utime(folder / "low" / "00.wav", (1, 1))
    report = fill(folder, tmp_path / "s")
    assert counts(report)["mfcc_stats"] == (0, 6, 0)
    assert (
        status(Store(tmp_path / "s"))["features"][Store(tmp_path / "s")["mfcc_stats"].key]["stale"]
        == 0
    )


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
    status = ("status", tmp_path / "s", "--trust", "levels:Level")
    assert "code changed: 5" in cli(tmp_path, *status).communicate()[0]
    assert '"computed": 5' in cli(tmp_path, *arguments).communicate()[0]
    plugin(tmp_path, "self.factor * 2 * np.abs(signal.samples).max()")
    assert '"computed": 0' in cli(tmp_path, *arguments, "--accept-code").communicate()[0]
    assert "code changed" not in cli(tmp_path, *status).communicate()[0]
