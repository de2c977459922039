import json
import os
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import python
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import PredefinedSplit
from sklearn.svm import SVC

from featkit import Folding, audio
from featkit.audio import excerpts
from featkit.bundle import Bundle, manifest, train
from featkit.classifiers import make_classifier
from featkit.datasets.synthetic import synthesize
from featkit.errors import AudioError, BundleError, DatasetError, FeatkitError, ParameterError
from featkit.extraction import extract
from featkit.store import Store

LOGMEL = "logmel:n_mels=12,n_fft=1024"
CLASSIFIERS = (
    "svm:C=1+10",
    "elm:n_hidden=50+100",
    "random_forest:n_estimators=20",
    "knn",
    "sgd:loss=hinge",
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """40 made clips and two stores of them: rows in float32 and in float16."""
    root = tmp_path_factory.mktemp("corpus")
    dataset = synthesize(root / "audio", n_clips=40, sr=8000)
    for dtype in ("float32", "float16"):
        extract(dataset, ["mfcc_stats", LOGMEL], root / dtype, dtype=dtype)
    paths = {clip.id: str(clip.path) for clip in dataset.clips}
    return root, paths


def table_of(corpus, feature="mfcc_stats", dtype="float32"):
    root, paths = corpus
    table = Store(root / dtype)[feature].table()
    return table, [paths[name] for name in table.ids.tolist()]


@pytest.fixture(scope="module")
def trained(corpus):
    table, paths = table_of(corpus)
    return train(table, "svm:C=1+10"), table, paths


@pytest.fixture
def saved(trained, tmp_path):
    trained[0].save(tmp_path / "model")
    return tmp_path / "model"


def shares(predictions):
    return np.array([list(prediction.probabilities.values()) for prediction in predictions])


@pytest.mark.parametrize("text", CLASSIFIERS)
def test_a_saved_bundle_predicts_what_the_classifier_says_of_the_stored_rows(
    corpus, tmp_path, text
):
    table, paths = table_of(corpus)
    bundle = train(table, text, seed=3)
    expected = bundle.classifier.predict_proba(table.vectors())
    bundle.save(tmp_path / "model")
    for one in (bundle, Bundle.load(tmp_path / "model")):
        found = one.predict(paths)
        assert [item.error for item in found] == [""] * 40
        assert [item.label for item in found] == bundle.classifier.predict(table.vectors()).tolist()
        assert np.array_equal(shares(found), expected)
        assert list(found[0].probabilities) == table.classes.tolist() == list(one.classes)
        assert np.allclose(expected.sum(axis=1), 1.0)
    assert Bundle.load(tmp_path / "model").about == json.loads(json.dumps(bundle.about))


def test_a_bundle_in_another_folder_and_process_predicts_to_the_last_digit(
    trained, saved, tmp_path
):
    bundle, _, paths = trained
    moved = tmp_path / "elsewhere" / "it"
    moved.parent.mkdir()
    saved.rename(moved)
    code = (
        "import json, sys, featkit\n"
        "found = featkit.Bundle.load(sys.argv[1]).predict(sys.argv[2:])\n"
        "print(json.dumps([[item.label, {key: value.hex() for key, value in "
        "item.probabilities.items()}] for item in found]))"
    )
    there = python(code, moved, *paths[:12], place=tmp_path).json
    here = bundle.predict(paths[:12])
    assert there == [
        [item.label, {key: value.hex() for key, value in item.probabilities.items()}]
        for item in here
    ]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("feature", ["mfcc_stats", LOGMEL])
def test_rows_of_new_files_are_those_of_the_store_bit_for_bit(corpus, feature, dtype):
    table, paths = table_of(corpus, feature, dtype)
    bundle = train(table, "knn:n_neighbors=1+3")
    front = bundle.about["feature"]
    assert (front["dtype"], front["pooled"]) == (dtype, feature == LOGMEL)
    rows = np.stack([bundle.row(audio.load(path)) for path in paths])
    assert rows.dtype == np.float32
    assert rows.tobytes() == table.vectors().tobytes()


def test_training_is_a_fit_on_all_rows_with_the_folds_of_evaluation(trained):
    bundle, table, _ = trained
    X = table.vectors()
    expected = make_classifier("svm:C=1+10").fit(
        X, table.y, groups=np.unique(table.folds, return_inverse=True)[1]
    )
    assert bundle.classifier.best_params_ == expected.best_params_
    assert np.array_equal(bundle.classifier.predict_proba(X), expected.predict_proba(X))
    assert (
        bundle.about["data"]["clips"] == 40 == sum(bundle.about["data"]["clips_of_class"].values())
    )


def test_a_classifier_without_probabilities_is_calibrated_on_the_folds(corpus, tmp_path):
    table, _ = table_of(corpus)
    X = table.vectors()
    bundle = train(table, SVC(C=2.0))
    expected = CalibratedClassifierCV(
        SVC(C=2.0, random_state=0), cv=PredefinedSplit(table.folds), ensemble=False
    )
    assert np.array_equal(
        bundle.classifier.predict_proba(X), expected.fit(X, table.y).predict_proba(X)
    )
    bundle.save(tmp_path / "model")
    assert (
        "Probabilities: sigmoid on held-out scores"
        in (tmp_path / "model" / "README.md").read_text()
    )


def test_a_bad_file_is_reported_and_the_others_are_predicted(trained, tmp_path):
    bundle, _, paths = trained
    (tmp_path / "text.wav").write_text("no audio")
    (tmp_path / "cut.wav").write_bytes(Path(paths[0]).read_bytes()[:5000])
    (tmp_path / "empty.wav").touch()
    bad = ["missing.wav", "text.wav", "cut.wav", "empty.wav"]
    found = bundle.predict([paths[0], *(tmp_path / name for name in bad), paths[1]])
    assert [found[0], found[-1]] == bundle.predict(paths[:2])
    reasons = ["No such file", "not readable as audio", "cut short", "is empty"]
    for item, name, reason in zip(found[1:-1], bad, reasons, strict=True):
        assert (
            item.path == str(tmp_path / name)
            and reason in item.error
            and not item.label
            and not item.probabilities
        )


def test_an_instant_after_the_last_window_gets_no_window(trained, tmp_path):
    audio.write(tmp_path / "long.wav", np.full(4 * 8000 + 77, 0.1, dtype=np.float32), 8000)
    found = trained[0].predict(tmp_path / "long.wav", window=2.0, hop=2.0)
    assert [(item.start, item.end) for item in found] == [(0.0, 2.0), (2.0, 4.0)]


def test_windows_are_predicted_as_files_of_their_own(trained, tmp_path):
    bundle, _, paths = trained
    sr = 8000
    whole = np.concatenate([audio.load(path).samples for path in paths[:4]])[: 5 * sr + 777]
    audio.write(tmp_path / "long.wav", whole, sr)
    found = bundle.predict(tmp_path / "long.wav", window=2.0, hop=1.5)
    starts = [0, 12000, 24000, 5 * sr + 777 - 16000]
    assert [(item.start, item.end) for item in found] == [
        (start / sr, (start + 16000) / sr) for start in starts
    ]
    for number, start in enumerate(starts):
        audio.write(
            tmp_path / f"{number}.wav",
            audio.load(tmp_path / "long.wav").samples[start : start + 16000],
            sr,
        )
    alone = bundle.predict([tmp_path / f"{number}.wav" for number in range(4)])
    assert np.array_equal(shares(found), shares(alone))
    (short,) = bundle.predict(tmp_path / "long.wav", window=60.0)
    assert (short.start, short.end) == (0.0, len(whole) / sr)
    gaps = bundle.predict(tmp_path / "long.wav", window=1.0, hop=2.0)
    assert [item.start for item in gaps] == [0.0, 2.0, 4.0]


def test_windows_decode_only_what_they_cover(trained, tmp_path, monkeypatch):
    bundle, _, paths = trained
    decoded = []
    decode = excerpts.decode

    def noted(data, start=0.0, duration=None):
        signal = decode(data, start, duration)
        decoded.append(len(signal.samples))
        return signal

    audio.write(tmp_path / "long.wav", np.tile(audio.load(paths[0]).samples, 4)[: 4 * 8000], 8000)
    monkeypatch.setattr(excerpts, "decode", noted)
    monkeypatch.delattr(audio, "read_bytes")  # nothing reads the whole file
    bundle.predict(tmp_path / "long.wav", window=1.0, hop=2.0)
    assert decoded == [8000] * 2
    decoded.clear()
    bundle.predict(tmp_path / "long.wav", window=1.0, hop=0.5)
    assert decoded == [4 * 8000]  # overlaps are decoded once


def test_the_extent_of_a_recording_is_known_without_decoding(tmp_path):
    audio.write(tmp_path / "a.flac", np.zeros(1234, dtype=np.float32), 11025)
    data = (tmp_path / "a.flac").read_bytes()
    assert audio.extent(data) == (1234, 11025)
    for bad, reason in ((b"", "is empty"), (b"no audio at all", "not readable")):
        with pytest.raises(AudioError, match=reason):
            audio.extent(bad)


@pytest.mark.parametrize(
    "options", [{"window": 0.0}, {"window": -1.0}, {"window": 1.0, "hop": 0.0}, {"hop": 1.0}]
)
def test_windows_that_make_no_sense_are_refused(trained, options):
    with pytest.raises(ParameterError, match=r"window|hop"):
        trained[0].predict([], **options)


def remake(place, change):
    """Change bundle.json and make its digest fit again, as a forger would."""
    content = json.loads((place / "bundle.json").read_text())
    del content["digest"]
    change(content)
    (place / "bundle.json").write_text(json.dumps({**content, "digest": manifest.digest(content)}))


@pytest.mark.parametrize("name", ["classifier.skops", "README.md"])
def test_a_changed_or_missing_file_is_refused(saved, name):
    data = bytearray((saved / name).read_bytes())
    data[len(data) // 2] ^= 1
    (saved / name).write_bytes(data)
    with pytest.raises(BundleError, match=f"{name} was changed"):
        Bundle.load(saved)
    (saved / name).unlink()
    with pytest.raises(BundleError, match=f"{name} is missing"):
        Bundle.load(saved)


def test_an_edited_manifest_is_refused(saved):
    text = (saved / "bundle.json").read_text()
    (saved / "bundle.json").write_text(text.replace('"clips": 40', '"clips": 41'))
    with pytest.raises(BundleError, match="digest does not match"):
        Bundle.load(saved)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda c: c.update(featkit_bundle=2),
            "has format 2; this version of featkit reads format 1",
        ),
        (
            lambda c: c["feature"].update(key="mfcc_stats-00000000"),
            "was mfcc_stats-00000000; this version",
        ),
        (
            lambda c: c["feature"].update(text="mfcc_old"),
            "cannot compute the bundle's feature mfcc_old",
        ),
        (lambda c: c["feature"].update(text="os:system"), "not trusted: os:system"),
        (lambda c: c["feature"].update(text="hear:module=this"), "not trusted: this"),
        (lambda c: c.update(classes=["a", "b"]), "classes are not those"),
        (lambda c: c.pop("data"), "lacks or misstates data"),
        (lambda c: c["files"].update({"../x": "0"}), "lacks or misstates files"),
    ],
)
def test_a_bundle_that_does_not_fit_is_refused_with_the_reason(saved, change, reason):
    remake(saved, change)
    with pytest.raises(BundleError, match=reason):
        Bundle.load(saved)


def test_other_code_of_the_feature_is_warned_of(saved):
    remake(saved, lambda content: content["feature"].update(code="0" * 16))
    with pytest.warns(UserWarning, match="the code of mfcc_stats is not that of training"):
        Bundle.load(saved)


@pytest.mark.parametrize(
    ("text", "reason"),
    [(None, "has no bundle.json"), ("{}", "something else"), ("[", "cannot be read")],
)
def test_a_foreign_folder_is_refused_and_never_overwritten(trained, tmp_path, text, reason):
    (tmp_path / "notes.txt").write_text("mine")
    if text is not None:
        (tmp_path / "bundle.json").write_text(text)
    with pytest.raises(BundleError, match=reason):
        Bundle.load(tmp_path)
    with pytest.raises(BundleError, match="not overwritten"):
        trained[0].save(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_bundle_is_replaced_on_request_but_not_together_with_other_files(trained, saved):
    remake(saved, lambda content: content.update(classes=[]))
    before = (saved / "bundle.json").read_bytes()
    with pytest.raises(BundleError, match="overwrite=True"):
        trained[0].save(saved)
    assert (saved / "bundle.json").read_bytes() == before
    trained[0].save(saved, overwrite=True)
    assert Bundle.load(saved).classes == trained[0].classes
    assert sorted(os.listdir(saved.parent)) == ["model"]
    (saved / "mine.txt").write_text("x")
    with pytest.raises(BundleError, match=r"mine\.txt"):
        trained[0].save(saved, overwrite=True)
    assert len(os.listdir(saved)) == 4


class Majority(ClassifierMixin, BaseEstimator):
    """A classifier from outside."""

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.share_ = counts / counts.sum()
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[self.share_.argmax()])

    def predict_proba(self, X):
        return np.tile(self.share_, (len(X), 1))


def test_types_from_outside_are_refused_unless_named(corpus, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, Majority.__module__, sys.modules[Majority.__module__])
    table, paths = table_of(corpus)
    train(table, Majority()).save(tmp_path / "model")
    name = f"{Majority.__module__}.Majority"
    with pytest.raises(BundleError, match=rf"types that are not trusted: {name}"):
        Bundle.load(tmp_path / "model")
    (found,) = Bundle.load(tmp_path / "model", trusted=[name]).predict(paths[0])
    assert list(found.probabilities.values()) == [0.1] * 10
    assert name in (tmp_path / "model" / "README.md").read_text()


def test_nothing_in_the_folder_is_a_pickle(saved):
    assert sorted(os.listdir(saved)) == ["README.md", "bundle.json", "classifier.skops"]
    with zipfile.ZipFile(saved / "classifier.skops") as archive:
        assert {Path(name).suffix for name in archive.namelist()} <= {".json", ".npy", ".npz"}


def test_the_card_says_what_the_bundle_is(saved):
    text = (saved / "README.md").read_text()
    for part in (
        "svm:C=1+10",
        "temperature fitted on held-out clips",
        "`synthetic",
        "| bells | 4 |",
        "mfcc_stats-",
        "n_mfcc=20",
        "Bundle.load",
        "## Limits",
        "scikit-learn",
    ):
        assert part in text


def test_a_recording_that_gives_another_shape_is_reported(corpus, tmp_path):
    table, _ = table_of(corpus, LOGMEL)
    equal = replace(table, X=np.stack([row[:20] for row in table.X]), pooling="flatten")
    bundle = train(equal, "random_forest:n_estimators=5")
    audio.write(
        tmp_path / "fits.wav", np.sin(np.arange(19 * 512 + 1) / 9).astype(np.float32), 22050
    )
    audio.write(tmp_path / "long.wav", np.sin(np.arange(20 * 512) / 9).astype(np.float32), 22050)
    hit, other = bundle.predict([tmp_path / "fits.wav", tmp_path / "long.wav"])
    assert not hit.error and bundle.about["feature"]["one_length"]
    assert "gives a row of shape (21, 12); the training rows have (20, 12)" in other.error


def test_tables_that_new_files_cannot_follow_are_refused(corpus):
    table, _ = table_of(corpus)
    with pytest.raises(ParameterError, match="specification"):
        train(replace(table, spec={**table.spec, "version": 99}), "knn")
    with pytest.raises(ParameterError, match="depends on the other clips"):
        train(replace(table, feature="random_cnn:batch_norm=batch", spec={}), "knn")
    with pytest.raises(DatasetError, match="NaN"):
        train(replace(table, X=np.where(table.X[3] == table.X, np.nan, table.X)), "knn")
    with pytest.raises(ParameterError, match="neither text nor"):
        train(table, 7)


def test_a_split_dataset_draws_folds_and_trains_on_all_rows(corpus):
    table, _ = table_of(corpus)
    parts = np.where(np.arange(40) < 20, "train", "test")
    bundle = train(
        replace(table, protocol="split", splits=parts),
        "random_forest:n_estimators=5",
        folding=Folding(n_folds=4),
    )
    assert bundle.about["data"]["clips"] == 40
    assert "stratified group folds" in bundle.about["data"]["selection"]


@pytest.mark.parametrize("folds", [np.full(40, 3), np.full(40, -1), np.arange(40) % 5 - 1])
def test_without_folds_for_every_clip_folds_are_drawn(corpus, folds):
    table, _ = table_of(corpus)
    bundle = train(replace(table, folds=folds), "knn", folding=Folding(n_folds=4))
    assert bundle.about["data"]["clips"] == 40
    assert "stratified group folds" in bundle.about["data"]["selection"]
    with pytest.raises(ParameterError, match=r"one fold only|without an official fold"):
        train(replace(table, folds=folds), "knn", folding=Folding(folds="official"))


@pytest.mark.slow
def test_a_net_is_kept_and_predicts_the_same(corpus, tmp_path):
    table, paths = table_of(corpus, LOGMEL)
    bundle = train(table, "net:arch=cnn,epochs=1")
    bundle.save(tmp_path / "net")
    found = Bundle.load(tmp_path / "net").predict(paths)
    assert np.array_equal(shares(found), bundle.classifier.predict_proba(table.X))
    outside = bundle.classifier.set_params(arch="os:system")
    replace(bundle, classifier=outside).save(tmp_path / "forged")
    with pytest.raises(BundleError, match="not trusted: os:system"):
        Bundle.load(tmp_path / "forged")


class Exits(ClassifierMixin, BaseEstimator):
    """A classifier that ends the process."""

    def fit(self, X, y):
        sys.exit(3)

    def predict_proba(self, X):
        return np.ones((len(X), 2))


def test_a_classifier_that_ends_the_process_is_an_error(corpus):
    with pytest.raises(FeatkitError, match=r"could not be fitted: the code called sys.exit\(3\)"):
        train(table_of(corpus)[0], Exits())
