import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import featkit
from featkit import audio
from featkit.bundle.frontend import FrontEnd, row
from featkit.errors import AudioError, FeatkitError, ParameterError
from featkit.features import get_feature
from featkit.features.pooling import vector

RAGGED = "logmel:n_mels=6,n_fft=512"


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Twelve recordings of two kinds, tone and noise, of different length."""
    root = tmp_path_factory.mktemp("recordings")
    rng = np.random.default_rng(0)
    paths, labels = [], []
    for number in range(12):
        n = 6000 + 500 * number
        tone = 0.3 * np.sin(np.arange(n) * (0.2 + 0.01 * number)) + 0.001 * rng.standard_normal(n)
        samples = tone if number % 2 else 0.1 * rng.standard_normal(n)
        paths.append(str(root / f"{number}.wav"))
        labels.append("tone" if number % 2 else "noise")
        audio.write(paths[-1], samples.astype(np.float32), 8000)
    return paths, labels


def test_rows_are_those_of_the_feature(recordings):
    paths, _ = recordings
    feature = get_feature("mfcc_stats")
    expected = np.stack([feature(audio.load(path)) for path in paths])
    found = FrontEnd().fit_transform(paths)
    assert found.dtype == np.float32 and np.array_equal(found, expected)
    assert np.array_equal(FrontEnd().transform(paths[::-1]), expected[::-1])


def test_rows_of_any_length_become_mean_and_deviation(recordings):
    paths, _ = recordings
    feature = get_feature(RAGGED)
    maps = [feature(audio.load(path)).astype(float) for path in paths]
    expected = np.stack(
        [np.concatenate([part.mean(axis=0), part.std(axis=0)]) for part in maps]
    ).astype(np.float32)
    front = FrontEnd(RAGGED)
    assert np.array_equal(front.transform(paths), expected)
    assert len(front.get_feature_names_out()) == expected.shape[1] == 12


def test_clips_of_one_length_are_pooled_too_and_joined_as_they_are_alone(recordings):
    paths, _ = recordings
    alike = [paths[0], paths[0]]
    alone = FrontEnd(RAGGED).transform(alike)
    assert alone.shape == (2, 12)
    assert np.array_equal(FrontEnd(f"mfcc_stats+{RAGGED}").transform(alike)[:, 120:], alone)


def test_the_command_line_states_the_rule(featkit):
    for text, pooling, columns in ((RAGGED, "mean_std", 12), ("mfcc_stats", "flatten", 120)):
        shown = featkit("features", "show", text, "--json").json
        assert shown["vector"] == {"pooling": pooling, "columns": columns}
        assert f"{columns} values" in featkit("features", "show", text).out


def test_it_is_a_public_name():
    assert featkit.FrontEnd is FrontEnd


def test_rows_of_fixed_length_are_expanded_and_flattened(recordings):
    paths, _ = recordings
    feature = get_feature("waveform:sr=8000,n_samples=10000")
    samples = [audio.load(path).samples for path in paths]
    expected = np.stack(
        [np.resize(values, 10000) if len(values) < 10000 else values[:10000] for values in samples]
    )
    assert np.array_equal(FrontEnd(feature.canonical).transform(paths), expected)


def test_half_precision_rounds_before_pooling(recordings):
    signal = audio.load(recordings[0][0])
    feature = get_feature(RAGGED)
    half = feature(signal).astype(np.float16)
    assert np.array_equal(row(feature, signal, np.float16), half)
    assert np.array_equal(
        vector(half, "mean_std")[:6], half.astype(float).mean(axis=0).astype(np.float32)
    )


def test_it_works_in_a_pipeline_and_as_a_clone(recordings):
    paths, labels = recordings
    model = make_pipeline(FrontEnd("mfcc_stats:n_mfcc=13"), StandardScaler(), SVC())
    assert model.fit(paths[:8], labels[:8]).predict(paths[8:]).tolist() == labels[8:]
    copy = clone(model).set_params(frontend__feature=RAGGED).fit(paths, labels)
    assert copy[1].n_features_in_ == 12 and model[1].n_features_in_ == 78


def test_names_of_columns_are_those_of_the_feature():
    names = FrontEnd("mfcc_stats").get_feature_names_out()
    assert len(names) == 120 and names[0] == "mfcc_stats0" and names[-1] == "mfcc_stats119"


def test_errors_name_the_file(recordings, tmp_path):
    (tmp_path / "bad.wav").write_text("no audio")
    with pytest.raises(AudioError, match=r"bad\.wav: not readable"):
        FrontEnd().transform([recordings[0][0], tmp_path / "bad.wav"])
    with pytest.raises(AudioError, match=r"gone\.wav: No such file"):
        FrontEnd().transform([tmp_path / "gone.wav"])
    with pytest.raises(FeatkitError, match=r"0\.wav: the clip has 6000 samples"):
        FrontEnd("waveform:sr=8000,n_samples=7000,fill=crop").transform(recordings[0])


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        ("mfcc_old", "unknown feature"),
        ("random_cnn:batch_norm=batch", "depends on the other clips"),
    ],
)
def test_features_that_cannot_be_had_are_refused(feature, reason):
    with pytest.raises(ParameterError, match=reason):
        FrontEnd(feature).fit(["a.wav"])


@pytest.mark.parametrize(("paths", "reason"), [([], "no paths"), ("a.wav", "takes a list")])
def test_anything_but_a_list_of_paths_is_refused(paths, reason):
    with pytest.raises(ParameterError, match=reason):
        FrontEnd().transform(paths)
