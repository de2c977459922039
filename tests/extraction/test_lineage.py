"""Rows that earlier code made: kept where its rows are equal, else computed again."""

import numpy as np
import pytest

from featkit import extract
from featkit.extraction.status import status
from featkit.features import get_feature, lineage
from featkit.store import Store
from featkit.store.writing import set_code


@pytest.fixture
def audio(write_wav, tmp_path):
    """A folder of four clips in two classes."""
    for number in range(4):
        write_wav(tmp_path / "audio" / "ab"[number % 2] / f"{number}.wav")
    return tmp_path / "audio"


def test_rows_of_an_ancestor_are_not_computed_again(audio, tmp_path):
    place = tmp_path / "s.zarr"
    extract(str(audio), "mfcc_stats", place)
    current, ancestor = lineage.accepted(get_feature("mfcc_stats"))[:2]
    assert ancestor != current

    def told(code):
        shelf = Store(place, "r+")["mfcc_stats"]
        set_code(shelf, np.arange(4), code)
        (feature,) = status(Store(place))["features"].values()
        (counts,) = extract(str(audio), "mfcc_stats", place).features.values()
        return feature["done"], feature["stale"], counts.computed

    assert told(ancestor) == (4, 0, 0)
    assert told(current) == (4, 0, 0)
    assert told(ancestor ^ 1) == (0, 4, 4)
