"""Rows of changed recordings lie beside the store and are computed once."""

import numpy as np
import pytest

from featkit import audio
from featkit.errors import ParameterError, StoreError
from featkit.extraction import extract
from featkit.extraction.intervened import intervened_tables, place
from featkit.features import get_feature
from featkit.store import Store


@pytest.fixture
def store(audio_folder, tmp_path):
    extract(str(audio_folder(6)), ["mfcc_stats"], tmp_path / "s.zarr")
    return Store(tmp_path / "s.zarr")


def test_rows_are_of_the_changed_recordings_and_the_store_stays_as_it_is(store):
    before = store.features
    tables = intervened_tables(store, "mfcc_stats", ["reverse", "gain=-6", "gain=-6.0"])
    assert list(tables) == ["reverse", "gain=-6"]
    table = tables["reverse"]
    signal = audio.load(store.index().location(0))
    reverse = audio.Signal(signal.samples[::-1], signal.sr)
    assert (table.X[0] == get_feature("mfcc_stats")(reverse)).all()
    assert table.ids.tolist() == store.table("mfcc_stats").ids.tolist()
    assert Store(store.path).features == before


def test_only_the_clips_that_are_needed_and_only_once(store):
    seen = []

    def progress(total):
        seen.append(total)
        return lambda outcome: None

    some = store.table("mfcc_stats").ids[1:3]
    (first,) = intervened_tables(store, "mfcc_stats", ["reverse"], ids=some).values()
    assert first.ids.tolist() == some.tolist()
    (whole,) = intervened_tables(store, "mfcc_stats", ["reverse"], progress=progress).values()
    assert len(whole) == 6
    assert (whole.X[np.isin(whole.ids, some)] == first.X).all()
    intervened_tables(store, "mfcc_stats", ["reverse"], progress=progress)
    assert seen == [4, 0]


def test_joined_features_and_half_precision(audio_folder, tmp_path):
    folder, mel = str(audio_folder(4)), "logmel:sr=8000,n_fft=256,n_mels=4"
    extract(folder, ["mfcc_stats", mel], tmp_path / "j.zarr")
    (table,) = intervened_tables(
        Store(tmp_path / "j.zarr"), f"mfcc_stats+{mel}", ["reverse"]
    ).values()
    assert table.blocks == (120, 8)
    extract(folder, ["mfcc_stats"], tmp_path / "h.zarr", dtype="float16")
    store = Store(tmp_path / "h.zarr")
    (table,) = intervened_tables(store, "mfcc_stats", ["gain=0"]).values()
    assert (table.X == store.table("mfcc_stats").X).all()
    assert str(Store(place(store))["mfcc_stats@gain=0"].dtype) == "float16"


def test_an_unknown_change_and_a_feature_that_is_not_there_are_refused(store):
    for feature, change in (("mfcc_stats", "cut=1"), ("cqt", "reverse")):
        with pytest.raises(ParameterError):
            intervened_tables(store, feature, [change])


def test_no_valid_row_at_all(store):
    with pytest.raises(StoreError):
        intervened_tables(store, "mfcc_stats", ["highpass=5000"])
    assert np.isfinite(store.table("mfcc_stats").X).all()
