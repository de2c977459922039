"""From what a user writes to a dataset."""

import pytest

from featkit.datasets import get_dataset
from featkit.errors import ParameterError


def test_a_folder_beside_a_known_name_is_offered(tmp_path, monkeypatch, write_wav):
    write_wav(tmp_path / "instruments" / "flute" / "1.wav")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=r"write \./instruments"):
        get_dataset("instruments")
    assert get_dataset("./instruments").classes == ("flute",)
