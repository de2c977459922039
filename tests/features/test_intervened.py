"""Features of changed recordings: their text, their rows, their identity."""

import pickle

import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature, lineage, texts
from featkit.features.intervened import intervened

LOGMEL = "logmel:sr=8000,n_fft=256,n_mels=8"


@pytest.fixture
def signal(rng):
    return Signal(rng.normal(size=4000).astype(np.float32), 8000)


@pytest.mark.parametrize("text", ["mfcc_stats@highpass=20", f"{LOGMEL}@gain=-6,reverse"])
def test_the_text_gives_the_feature_again(text):
    feature = get_feature(text)
    assert feature.canonical == text
    assert get_feature(feature.canonical).key == feature.key
    assert pickle.loads(pickle.dumps(feature)).key == feature.key


def test_rows_are_those_of_the_changed_recording(signal):
    inner, feature = get_feature(LOGMEL), get_feature(f"{LOGMEL}@reverse")
    reverse = Signal(signal.samples[::-1], 8000)
    (row,) = feature.compute([signal])
    assert (row == inner(reverse)).all() and (feature(signal) == row).all()
    assert (feature.shape, feature.pooling, feature.dims) == (
        inner.shape,
        inner.pooling,
        inner.dims,
    )
    assert [axis.unit for axis in feature.axes(row, 0.5)] == [
        axis.unit for axis in inner.axes(row, 0.5)
    ]


def test_a_clip_that_cannot_be_changed_costs_no_other(signal):
    low = Signal(signal.samples, 1000)
    rows = get_feature("mfcc_stats@highpass=600").compute([signal, low, signal])
    assert isinstance(rows[1], ParameterError)
    assert (rows[0] == rows[2]).all()


def test_interventions_and_features_have_keys_and_code_of_their_own():
    names = ["mfcc_stats", "mfcc_stats@gain=3", "mfcc_stats@gain=6", f"{LOGMEL}@gain=3"]
    features = [get_feature(name) for name in names]
    assert len({feature.key for feature in features}) == 4
    codes = [lineage.fingerprint(feature) for feature in features]
    assert len({codes[0], codes[1], codes[3]}) == 3 and codes[1] == codes[2]
    assert codes[1] in lineage.accepted(features[1])


def test_joined_features_are_changed_part_by_part():
    text = f"mfcc_stats@reverse+{LOGMEL}@reverse"
    assert texts(text) == ["mfcc_stats@reverse", f"{LOGMEL}@reverse"]
    assert get_feature(text).canonical == text


def test_a_path_may_hold_the_sign():
    assert get_feature("hear:weights=/a@b/c.pt").canonical == "hear:weights=/a@b/c.pt"


@pytest.mark.parametrize("text", ["@reverse", "mfcc_stats@cut=3", "mfcc_stats@"])
def test_what_is_no_intervention_is_refused(text):
    with pytest.raises(ParameterError):
        get_feature(text)


def test_recordings_are_changed_once():
    assert intervened("mfcc_stats", "gain=3.0") == "mfcc_stats@gain=3"
    with pytest.raises(ParameterError):
        intervened("mfcc_stats@gain=3", "reverse")
