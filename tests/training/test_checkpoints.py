"""Checkpoints: whole or not at all."""

from pathlib import Path

import pytest
import torch

from featkit.training.checkpoints import Checkpoints


def filled(folder: Path, epochs: int = 3) -> Checkpoints:
    kept = Checkpoints(folder)
    for epoch in range(epochs):
        kept.save(epoch, {"w": torch.full((3,), float(epoch))}, {"loss": 0.1 * epoch})
    return kept


def test_what_was_written_is_read_and_two_are_kept(tmp_path: Path) -> None:
    kept = filled(tmp_path / "new" / "folder")
    found = kept.load()
    assert found is not None
    epoch, tensors, record = found
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
        found = kept.load()
    else:
        with pytest.warns(UserWarning, match=r"epoch-0002\.json: damaged checkpoint"):
            found = kept.load()
    assert found is not None and found[0] == 1 and found[1]["w"].tolist() == [1, 1, 1]


def test_a_kill_between_the_two_files_leaves_the_epoch_before(tmp_path: Path) -> None:
    kept = filled(tmp_path)
    (tmp_path / "epoch-0003.safetensors").write_bytes(b"half")
    (tmp_path / "epoch-0003.json.part").write_bytes(b"{")
    found = kept.load()
    assert found is not None and found[0] == 2


def test_all_damaged_starts_anew(tmp_path: Path) -> None:
    kept = filled(tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        path.write_bytes(b"")
    with pytest.warns(UserWarning, match="damaged"):
        assert kept.load() is None
