"""Stores that must not be written."""

import pytest
from conftest import files, fill

from featkit.errors import StoreError


def test_a_store_of_another_dataset_is_refused(audio_folder, tmp_path):
    fill(audio_folder(4), tmp_path / "s")
    before = files(tmp_path / "s")
    with pytest.raises(StoreError, match="not 'other'"):
        fill(audio_folder(4, "other"), tmp_path / "s")
    assert files(tmp_path / "s") == before
