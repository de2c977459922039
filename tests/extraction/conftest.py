"""Fixtures of the tests of killed commands."""

import pytest
from kills import Forks, extraction


@pytest.fixture
def forks(tmp_path):
    (tmp_path / "stores").mkdir()
    forks = Forks(tmp_path)
    yield forks
    forks.process.stdin.close()
    assert forks.process.wait(10) == 0


@pytest.fixture
def base(tmp_path):
    return tmp_path / "stores" / "base"


@pytest.fixture
def full(forks, audio_folder, base):
    """Make (the folder of 12 clips, its complete store)."""
    folder = audio_folder(12)
    forks.done(extraction(folder, base, "--shard-clips", 4))
    return folder, base
