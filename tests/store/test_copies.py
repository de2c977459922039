"""Tables with copies, from stores."""

import numpy as np
import pytest
from conftest import same

from featkit import Store, extract, train
from featkit.classifiers.ridge import Ridge
from featkit.errors import ParameterError
from featkit.evaluation import evaluate, prepare

TEXT = "copies:of=mfcc_stats,n=2"


@pytest.fixture
def store(audio_folder, tmp_path):
    place = tmp_path / "s.zarr"
    extract(str(audio_folder(12)), [TEXT], place, shard_clips=4)
    return place


def test_a_store_keeps_the_feature_and_that_of_each_copy(store):
    names = Store(store).features
    assert sorted(names) == sorted(
        ["mfcc_stats", "altered:of=mfcc_stats", "altered:of=mfcc_stats,seed=2"]
    )


def test_the_table_has_the_clips_first_and_then_the_rows_of_each_copy(store):
    opened = Store(store)
    table, plain = opened.table(TEXT), opened.table("mfcc_stats")
    assert table.copy.tolist() == [0] * 12 + [1] * 12 + [2] * 12
    for column in ("ids", "y", "groups", "folds", "contents", "recordings"):
        expected = np.tile(getattr(plain, column), 3)
        assert np.array_equal(getattr(table, column), expected), column
    second = opened.table("altered:of=mfcc_stats,seed=2")
    assert np.array_equal(table.X[24:], second.X) and np.array_equal(table.X[:12], plain.X)
    assert not np.array_equal(table.X[12:24], second.X)
    assert table.feature == TEXT and table.originals.ids.tolist() == plain.ids.tolist()
    assert table.fingerprint != plain.fingerprint


def test_any_number_of_workers_makes_the_same_copies(store, audio_folder, tmp_path):
    extract(str(audio_folder(12)), [TEXT], tmp_path / "w.zarr", shard_clips=4, jobs=3)
    same(store, tmp_path / "w.zarr")


def test_nothing_is_computed_twice_and_more_copies_add_to_those_there(store, audio_folder):
    report = extract(str(audio_folder(12)), ["copies:of=mfcc_stats,n=3"], store)
    computed = {name.name: name.computed for name in report.features.values()}
    assert computed.pop("altered:of=mfcc_stats,seed=3") == 12
    assert set(computed.values()) == {0}


def test_joined_features_have_copies_of_the_same_altered_recordings(audio_folder, tmp_path):
    text = "copies:of=(mfcc_stats+levels),n=1"
    extract(str(audio_folder(12)), [text], tmp_path / "j.zarr")
    opened = Store(tmp_path / "j.zarr")
    table = opened.table(text)
    parts = [opened.table(f"altered:of={name}").vectors() for name in ("mfcc_stats", "levels")]
    assert np.array_equal(table.X[12:], np.concatenate(parts, axis=1))
    assert table.blocks == tuple(part.shape[1] for part in parts)


def test_rows_of_different_length_are_a_list(audio_folder, tmp_path):
    text = "copies:of=(logmel:sr=8000,n_fft=256,n_mels=20),n=1"
    extract(str(audio_folder(12)), [text], tmp_path / "r.zarr")
    table = Store(tmp_path / "r.zarr").table(text)
    assert table.ragged and len(table) == 24 and table.vectors().shape == (24, 40)


def test_folds_are_drawn_of_clips_and_the_guard_lets_copies_stay_with_them(store):
    table = Store(store).table(TEXT)
    run, plain = (prepare(part, "knn:n_neighbors=1") for part in (table, table.originals))
    for split, expected in zip(run.plan.splits, plain.plan.splits, strict=True):
        assert np.array_equal(split.test, expected.test)
        assert len(split.train) == 3 * len(expected.train)
        assert set(table.ids[split.train]) == set(table.ids[expected.train])
        assert not set(table.ids[split.train]) & set(table.ids[split.test])
    assert all(not score.notes for score in evaluate(table, "knn:n_neighbors=1"))


def test_a_bundle_learns_from_copies_and_predicts_from_the_recording_itself(store, audio_folder):
    table = Store(store).table(TEXT)
    bundle = train(table, "ridge")
    places = sorted(audio_folder(12).rglob("*.wav"))
    model = Ridge().fit(table.X, table.y, clips=table.clip_of)
    rows = [table.ids.tolist().index(f"{place.parent.name}/{place.name}") for place in places]
    expected = model.predict_proba(table.X[rows])
    told = [prediction.probabilities for prediction in bundle.predict(places)]
    assert np.allclose([[row[label] for label in model.classes_] for row in told], expected)
    assert bundle.about["data"]["clips"] == 12
    with pytest.raises(ParameterError, match="does not average"):
        train(Store(store).table(f"{TEXT},tta=true"), "ridge")
