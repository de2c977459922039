"""A model that was trained on windows reads windows."""

import json
from dataclasses import replace

import numpy as np
import pytest

from featkit import audio
from featkit.audio.windows import Windows
from featkit.bundle import Bundle, manifest, train
from featkit.bundle.prediction import Prediction, pooled
from featkit.bundle.streaming import listen
from featkit.errors import BundleError
from featkit.store.table import Table

SR = 8000


@pytest.fixture(scope="module")
def bundle():
    """Knows loud from soft by the level of windows of 0.5 s every 0.25 s."""
    from featkit.features import get_feature

    feature, rng = get_feature("levels"), np.random.default_rng(0)
    levels = np.where(np.arange(24) % 2, 0.3, 0.03)
    signals = [
        audio.Signal((level * rng.standard_normal(SR // 2)).astype(np.float32), SR)
        for level in levels
    ]
    table = Table(
        X=np.stack([feature(signal) for signal in signals]),
        y=np.where(np.arange(24) % 2, "loud", "soft"),
        folds=np.full(24, -1),
        groups=np.array([f"clip{row // 4 * 2 + row % 2}" for row in range(24)]),
        ids=np.array([f"clip{row // 4 * 2 + row % 2}@{row}-{row + 1}" for row in range(24)]),
        dataset="levels",
        feature=feature.canonical,
        spec=feature.spec,
        windows=Windows(0.5, 0.25),
    )
    return train(table, "logistic")


@pytest.fixture
def recording(tmp_path):
    """Three seconds that are loud in the first, and 77 samples more."""
    rng = np.random.default_rng(1)
    level = np.where(np.arange(3 * SR + 77) < SR, 0.3, 0.03)
    samples = (level * rng.standard_normal(len(level))).astype(np.float32)
    audio.write(tmp_path / "a.wav", samples, SR, "FLOAT")
    return tmp_path / "a.wav", samples


def test_a_recording_is_the_mean_of_its_windows(bundle, recording, tmp_path):
    bundle.save(tmp_path / "model")
    again = Bundle.load(tmp_path / "model")
    assert again.windows == Windows(0.5, 0.25)
    path, samples = recording
    (one,) = again.predict(path)
    windows = again.predict(path, window=0.5, hop=0.25)
    assert [(item.start, item.end) for item in windows] == [
        (start, start + length) for start, length in Windows(0.5, 0.25).spans(3 * SR + 77, SR)
    ]
    for label in again.classes:
        mean = np.mean([item.probabilities[label] for item in windows])
        assert one.probabilities[label] == pytest.approx(mean, abs=1e-12)
    assert one.label == "soft" and (one.start, one.end) == (0.0, len(samples) / SR)
    assert {windows[0].label, windows[-1].label} == {"loud", "soft"}
    assert again.predict_samples(samples, SR, path=str(path)) == one


def test_several_recordings_and_bad_ones_have_one_prediction_each(bundle, recording, tmp_path):
    _, samples = recording
    audio.write(tmp_path / "short.wav", samples[:1000], SR, "FLOAT")
    (tmp_path / "bad.wav").write_text("no audio")
    broken = samples.copy()
    broken[5] = np.nan  # of the windows one is unreadable
    audio.write(tmp_path / "nan.wav", broken, SR, "FLOAT")
    names = ["a.wav", "bad.wav", "short.wav", "nan.wav", "a.wav"]
    found = bundle.predict([tmp_path / name for name in names])
    assert [item.path for item in found] == [str(tmp_path / name) for name in names]
    assert [item.label for item in found] == ["soft", "", "loud", "soft", "soft"]
    assert "not readable" in found[1].error and found[0] == found[4]


def test_a_stream_is_predicted_by_its_own_windows(bundle, recording):
    data = (recording[1] * 2**15).astype("<i2").tobytes()
    pieces = iter([data[at : at + 2 * SR] for at in range(0, len(data), 2 * SR)])
    heard = listen(bundle, lambda n: next(pieces, b""), sr=SR, window=1.0)
    whole = replace(bundle, about={**bundle.about, "windows": None})
    first = next(iter(heard))
    assert first.label == "loud"
    samples = np.frombuffer(data[: 2 * SR], dtype="<i2").astype(np.float32) / 2**15
    assert first.probabilities == whole.predict_samples(samples, SR).probabilities


def test_windows_with_errors_do_not_count_unless_all_have_one():
    good = Prediction("a", "x", {"x": 0.6, "y": 0.4}, 0.0, 1.0)
    bad = Prediction("a", start=1.0, end=2.0, error="silent")
    other = Prediction("a", "y", {"x": 0.2, "y": 0.8}, 2.0, 3.0)
    assert pooled([good, bad, other]) == Prediction(
        "a", "y", {"x": 0.4, "y": pytest.approx(0.6)}, 0.0, 3.0
    )
    assert pooled([bad, bad]) == replace(bad, end=2.0)


def test_the_card_and_the_page_say_how_it_reads(bundle, tmp_path):
    bundle.save(tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "windows of 0.5 s every 0.25 s" in card
    assert "windows of 0.5 s every 0.25 s" in bundle._repr_html_()


def test_windows_that_make_no_sense_are_seen_when_a_bundle_is_loaded(bundle, tmp_path):
    place = tmp_path / "model"
    bundle.save(place)
    content = json.loads((place / "bundle.json").read_text())
    del content["digest"]
    content["windows"] = {"window": 0.5, "hop": "often"}
    (place / "bundle.json").write_text(json.dumps({**content, "digest": manifest.digest(content)}))
    with pytest.raises(BundleError, match="windows"):
        Bundle.load(place)
