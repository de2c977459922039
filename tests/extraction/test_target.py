"""Stores that must not be written."""

import pytest
from conftest import files, fill

from featkit import extract
from featkit.errors import ParameterError, StoreError
from featkit.store import Store


def test_a_store_of_another_dataset_is_refused(audio_folder, tmp_path):
    fill(audio_folder(4), tmp_path / "s")
    before = files(tmp_path / "s")
    with pytest.raises(StoreError, match="not 'other'"):
        fill(audio_folder(4, "other"), tmp_path / "s")
    assert files(tmp_path / "s") == before


@pytest.mark.parametrize("options", [{"jobs": 1025}, {"jobs": 0}, {"shard_clips": 16_385}])
def test_options_beyond_their_bounds_are_refused(audio_folder, tmp_path, options):
    (name,) = options
    with pytest.raises(ParameterError, match=f"{name}="):
        extract(str(audio_folder(2)), "mfcc_stats", tmp_path / "s", **options)
    assert not (tmp_path / "s").exists()


def test_a_path_with_nul_is_refused(audio_folder, tmp_path):
    with pytest.raises(StoreError, match="NUL"):
        extract(str(audio_folder(2)), "mfcc_stats", f"{tmp_path}/s\0")
    with pytest.raises(StoreError, match="NUL"):
        Store(f"{tmp_path}/s\0")
