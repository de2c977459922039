"""Several features side by side: their text, their rows, and what learns from them."""

import numpy as np
import pytest

from featkit import audio, evaluate, train
from featkit.bundle import Bundle
from featkit.bundle.frontend import FrontEnd
from featkit.datasets import get_dataset
from featkit.errors import ParameterError
from featkit.extraction import extract
from featkit.features import Joined, get_feature, lineage, texts
from featkit.store import Store
from featkit.store.joining import side_by_side

MEL = "logmel:sr=8000,n_fft=256,n_mels=4"
BOTH = f"mfcc_stats+{MEL}"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("joined") / "store"
    extract(get_dataset("synthetic:24"), [BOTH], place)
    return Store(place)


def test_a_plus_parts_features_only_where_a_name_follows():
    assert texts("mfcc_stats+hear:weights=a+b.pt+cqt") == [
        "mfcc_stats",
        "hear:weights=a+b.pt",
        "cqt",
    ]
    assert texts("cqt+my.module:Thing:n=1") == ["cqt", "my.module:Thing:n=1"]


def test_the_text_of_a_joined_feature_gives_it_again():
    feature = get_feature(BOTH)
    assert isinstance(feature, Joined)
    assert feature.canonical == BOTH
    assert get_feature(feature.canonical).key == feature.key
    assert get_feature(f"{MEL}+mfcc_stats").key != feature.key
    assert feature.widths == (120, 8)  # four bands, mean and deviation


def test_its_code_is_that_of_all_parts():
    codes = {
        lineage.fingerprint(get_feature(text))
        for text in (BOTH, f"mfcc_stats+{MEL}+cqt", "mfcc_stats", MEL)
    }
    assert len(codes) == 4


@pytest.mark.parametrize("text", ["mfcc_stats+mfcc_stats", "mfcc_stats+mfcc_stats:sr=12000"])
def test_a_part_twice_is_refused(text):
    with pytest.raises(ParameterError, match="each once"):
        get_feature(text)


def test_a_row_is_the_vectors_of_the_parts(rng):
    signal = audio.Signal(rng.normal(size=12000).astype(np.float32), 12000)
    mel = get_feature(MEL)(signal)
    row = get_feature(BOTH)(signal)
    assert (row[:120] == get_feature("mfcc_stats")(signal)).all()
    np.testing.assert_allclose(row[120:], np.concatenate([mel.mean(0), mel.std(0)]), rtol=1e-5)


def test_extraction_stores_the_parts_only(store):
    assert sorted(shelf.canonical for shelf in store.shelves()) == [MEL, "mfcc_stats"]


def test_a_table_of_both_has_their_columns(store):
    table = store.table(BOTH)
    assert table.blocks == (120, 8)
    assert (table.X[:, :120] == store["mfcc_stats"].table().X).all()
    assert (table.X[:, 120:] == store[MEL].table().vectors()).all()


def test_clips_that_lack_a_part_are_left_out_and_counted(store):
    one, two = store["mfcc_stats"].table(), store[MEL].table()
    found = side_by_side([one.select(np.arange(20)), two.select(np.arange(5, 24))], "x", {})
    assert found.ids.tolist() == one.ids[5:20].tolist()
    assert found.n_missing == 5
    with pytest.raises(ParameterError, match="no clip"):
        side_by_side([one.select(np.arange(3)), two.select(np.arange(3, 6))], "x", {})


def test_a_sum_of_kernels_takes_the_blocks_of_the_table(store):
    scores = evaluate(store.table(BOTH), "svm:blocks=features,weight_steps=2")
    assert not any(score.error for score in scores)
    assert all(len(score.params["weights"]) == 2 for score in scores)


def test_a_bundle_of_joined_features_predicts_as_at_training(store, tmp_path):
    table = store.table(BOTH)
    bundle = train(table, "ensemble:members=elm+knn,rounds=3")
    bundle.save(tmp_path / "model")
    paths = [store.index().location(row) for row in range(6)]
    found = Bundle.load(tmp_path / "model").predict(paths)
    expected = bundle.classifier.predict_proba(table.X[:6])
    for one, row in zip(found, expected, strict=True):
        assert one.error == ""
        assert list(one.probabilities.values()) == row.tolist()


def test_the_front_end_is_a_transformer_of_both(store):
    paths = [store.index().location(row) for row in range(2)]
    assert (FrontEnd(BOTH).fit(paths).transform(paths) == store.table(BOTH).X[:2]).all()
