"""Kills at every change of a file that a command makes: the next run mends them all."""

import shutil

import pytest
from kills import FORMATS, RAGGED, extraction, torment

from featkit.errors import StoreError
from featkit.store import Store, manifest

pytestmark = pytest.mark.slow


SMALL = (f"{RAGGED},hop_length=16", "mfcc_stats")


@pytest.fixture
def small(forks, audio_folder, base):
    """Make (a folder of 3 clips, its complete store of 2 blocks and a row of several shards)."""
    folder = audio_folder(3)
    forks.done(extraction(folder, base, "--shard-clips", 2, features=SMALL))
    assert len(list(base.glob("logmel-*/c/0/*"))) > 1
    return folder, base


def change(folder):
    """Replace the audio of one clip and withdraw another."""
    shutil.copy(folder / "high" / "01.wav", folder / "low" / "02.wav")
    (folder / "low" / "00.wav").unlink()


@pytest.mark.parametrize("command", ["new", "overwrite", "changed", "rm", "prune", "repair"])
def test_every_change_of_a_command_may_be_the_last(forks, small, base, command):
    folder, _ = small
    fresh = extraction(folder, "STORE", "--shard-clips", 2, features=SMALL)
    if command == "new":
        shutil.rmtree(base)
    if command in ("changed", "prune"):
        change(folder)
    if command == "prune":
        forks.done(extraction(folder, base, features=SMALL))
    if command == "repair":
        for place in (manifest.PLACE, "zarr.json", next(iter(base.glob("mfcc*/c/0/0")))):
            (base / place).write_bytes(b"")
    arguments = {
        "overwrite": [*fresh, "--overwrite"],
        "rm": ["store", "rm", "STORE", "-f", SMALL[0]],
        "prune": ["store", "prune", "STORE"],
        "repair": ["verify", "STORE", "--repair"],
    }.get(command, fresh)

    def filled(words, store):
        return [str(store) if word == "STORE" else word for word in words]

    def reruns(store):
        if command == "rm" and len(Store(store).keys()) == 1:
            return []
        return [filled(arguments, store), *([filled(fresh, store)] if command == "repair" else [])]

    torment(forks, base, lambda store: filled(arguments, store), reruns, every=True)


def test_every_change_of_a_migration_may_be_the_last(forks, base, tmp_path):
    shutil.unpack_archive(FORMATS / "format1.zip", tmp_path / "old")
    shutil.move(tmp_path / "old" / "s.zarr", base)

    def old_or_whole(store):
        try:
            tables = [len(shelf.table()) for shelf in Store(store).shelves()]
        except StoreError as error:
            assert "store migrate" in str(error)
        else:
            assert tables == [5, 5]

    def command(store):
        return ["store", "migrate", store]

    reruns = lambda store: [command(store)]  # noqa: E731
    torment(forks, base, command, reruns, check=old_or_whole, every=True)
