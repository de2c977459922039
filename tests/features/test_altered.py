import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature, lineage, texts


@pytest.fixture
def signal(rng):
    return Signal((0.1 * rng.standard_normal(12_000)).astype(np.float32), 16_000)


def test_it_is_the_feature_of_the_altered_recording(signal):
    feature = get_feature("altered:of=(logmel:sr=16000,n_mels=20),seed=4,crop=0.3")
    heard = feature.alteration.of(signal, 4)
    assert np.array_equal(feature(signal), get_feature("logmel:sr=16000,n_mels=20")(heard))
    assert len(heard.samples) < len(signal.samples)
    assert feature.shape == (None, 20) and feature.pooling == "mean_std"


def test_features_of_one_seed_hear_the_same_recording(signal):
    one, other = (get_feature(f"altered:of={name}") for name in ("mfcc_stats", "levels"))
    assert one.alteration.of(signal, one.seed) is other.alteration.of(signal, other.seed)


def test_its_text_gives_it_again_and_names_the_feature():
    text = "altered:of=(logmel:n_mels=64,sr=22050),seed=2,pitch=0.5"
    feature = get_feature(text)
    assert get_feature(feature.canonical) == feature
    assert feature.canonical.startswith("altered:of=(logmel:")
    assert get_feature("altered").canonical == "altered:of=mfcc_stats"


def test_its_key_and_its_code_are_those_of_the_feature_too():
    one, other = get_feature("altered:of=mfcc_stats"), get_feature("altered:of=mfcc")
    assert one.key != other.key and one.spec["params"]["of"] == get_feature("mfcc_stats").spec
    assert lineage.fingerprint(one) != lineage.fingerprint(other)


def test_what_is_not_stored_cannot_be_altered():
    with pytest.raises(ParameterError, match="a single feature that is stored"):
        get_feature("altered:of=(copies:of=mfcc_stats,n=1)")


def test_copies_are_the_feature_and_as_many_altered_ones():
    text = "copies:of=(mfcc_stats+logmel:n_mels=64,sr=8000),n=2,eq=6"
    copies = get_feature(text)
    single = ["mfcc_stats", "logmel:sr=8000,n_mels=64"]
    altered = [
        get_feature(f"altered:of=({of}),seed={seed},eq=6").canonical
        for seed in (1, 2)
        for of in single
    ]
    assert [part.canonical for part in copies.parts] == [*single, *altered] == texts(text)
    assert get_feature(copies.canonical) == copies
    assert copies.shape == get_feature("+".join(single)).shape


def test_a_recording_by_itself_has_the_row_of_the_feature(signal):
    copies = get_feature("copies:of=mfcc_stats,n=3")
    assert np.array_equal(copies(signal), get_feature("mfcc_stats")(signal))


@pytest.mark.parametrize(
    "text",
    [
        "copies:of=mfcc_stats,n=0",
        "copies:of=(copies:of=mfcc_stats,n=1),n=1",
        "mfcc+copies:of=mfcc_stats,n=1",
        "copies:of=mfcc_stats,n=1,pitch=99",
    ],
)
def test_impossible_copies_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(text)
