"""Checkpoints: whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
import torch

from featkit.training.checkpoints import Checkpoints, of_run
from featkit.training.data import Part
from featkit.training.rows import Rows


def filled(folder: Path, epochs: int = 3) -> Checkpoints:
    kept = Checkpoints(folder)
    for epoch in range(epochs):
        kept.save(epoch, {"w": torch.full((3,), float(epoch))}, {"loss": 0.1 * epoch})
    return kept


def test_what_was_written_is_read_and_two_are_kept(tmp_path: Path) -> None:
    kept = filled(tmp_path / "new" / "folder")
    actual = kept.load()
    assert actual is not None
    epoch, tensors, record = actual
    assert (epoch, record, tensors["w"].tolist()) == (2, {"loss": 0.2}, [2, 2, 2])
    assert kept.epochs() == [1, 2] and len(list((tmp_path / "new" / "folder").iterdir())) == 4


def test_nothing_is_there_at_first(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path / "none").load() is None


@pytest.mark.parametrize("suffix", ["safetensors", "json"])
@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "gone"])
def test_a_damaged_newest_gives_the_one_before_and_says_so(
    tmp_path: Path, suffix: str, damage: str
) -> None:
    kept = filled(tmp_path)
    path = tmp_path / f"epoch-0002.{suffix}"
    data = path.read_bytes()
    changed = {
        "cut": data[: len(data) // 2],
        "flip": data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
        "empty": b"",
        "gone": b"",
    }
    path.write_bytes(changed[damage])
    if damage == "gone":
        path.unlink()
    if damage == "gone" and suffix == "json":
        actual = kept.load()
    else:
        with pytest.warns(UserWarning, match=r"epoch-0002\.json: damaged checkpoint"):
            actual = kept.load()
    assert actual is not None and actual[0] == 1 and actual[1]["w"].tolist() == [1, 1, 1]


def test_a_kill_between_the_two_files_leaves_the_epoch_before(tmp_path: Path) -> None:
    kept = filled(tmp_path)
    (tmp_path / "epoch-0003.safetensors").write_bytes(b"half")
    (tmp_path / "epoch-0003.json.part").write_bytes(b"{")
    actual = kept.load()
    assert actual is not None and actual[0] == 2


def test_all_damaged_starts_anew(tmp_path: Path) -> None:
    kept = filled(tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        path.write_bytes(b"")
    with pytest.warns(UserWarning, match="damaged"):
        assert kept.load() is None


def test_runs_that_differ_have_folders_of_their_own(tmp_path: Path) -> None:
    rows, targets = np.random.default_rng(0).normal(size=(20, 16, 8)), np.arange(20) % 3
    changed = rows.copy()
    changed[7, 3, 2] += 1e-9
    part, other, turned = (
        Part(Rows(rows), targets),
        Part(Rows(changed), targets),
        Part(Rows(rows), targets[::-1].copy()),
    )
    cases = [({"lr": 1}, [part]), ({"lr": 2}, [part]), ({"lr": 1}, [part, other])]
    cases += [({"lr": 1}, [only]) for only in (other, turned)]
    runs = [of_run(str(tmp_path), "cnn", *case) for case in cases for _ in range(2)]
    folders = {run.folder for run in runs if run}
    assert len(folders) == len(cases) == 5
    assert {folder.parent for folder in folders} == {tmp_path}
    assert of_run("", "cnn", {}, [part]) is None


def test_a_run_of_any_net_has_a_folder_just_below(tmp_path: Path) -> None:
    run = of_run(str(tmp_path), "a.b:Net:path=x/y", {}, [None])
    assert run is not None and run.folder.parent == tmp_path
