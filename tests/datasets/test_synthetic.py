"""The made recordings: the same bytes for the same seed, folds that keep groups whole, classes that
are what they say.
"""

import json

import numpy as np
import pytest

from featkit import audio
from featkit.datasets import counts, get_dataset
from featkit.datasets.making import cache_folder
from featkit.datasets.sounds import SOUNDS, glide, noise, struck
from featkit.datasets.synthetic import pitch_set, synthesize, tempo_set, timbre_set, words_set
from featkit.datasets.validation import validate
from featkit.errors import DatasetError, ParameterError


@pytest.fixture(scope="module")
def hundred(tmp_path_factory):
    return synthesize(tmp_path_factory.mktemp("synthetic") / "set", 100)


def files(dataset):
    return {clip.id: audio.read_bytes(clip.path) for clip in dataset.clips}


def test_shape_of_the_set(hundred):
    assert (hundred.name, hundred.protocol, hundred.classes) == (
        "synthetic",
        "folds",
        tuple(sorted(SOUNDS)),
    )
    assert counts(hundred) == {"clips": 100, "classes": 10} | {
        f"fold {fold}": 20 for fold in range(1, 6)
    }
    assert len({clip.group for clip in hundred.clips}) == 50
    assert validate(hundred).ok


def test_signals_vary_in_level_and_length_and_never_clip(hundred):
    signals = [audio.load(clip.path) for clip in hundred.clips]
    peaks = np.array([np.abs(signal.samples).max() for signal in signals])
    lengths = np.array([signal.duration for signal in signals])
    assert 10 ** (-24 / 20) - 1e-3 < peaks.min() < 0.15 < 0.6 < peaks.max() < 10 ** (-2 / 20) + 1e-3
    assert 1.58 < lengths.min() < 1.8 < 2.8 < lengths.max() < 3.02
    assert len(np.unique(lengths)) > 40


def test_same_seed_same_bytes_for_any_number_of_clips(hundred, tmp_path):
    few = files(synthesize(tmp_path / "few", 13))
    many = files(hundred)
    assert all(many[name] == data for name, data in few.items())
    other = files(synthesize(tmp_path / "other", 13, seed=1))
    assert all(other[name] != data for name, data in few.items())


def test_takes_of_one_source_resemble_each_other(hundred):
    def spectrum(clip):
        power = np.abs(np.fft.rfft(audio.load(clip.path).samples, 2**17)) ** 2
        bands = np.log(np.add.reduceat(power, np.geomspace(100, 2**16 - 1, 30).astype(int)))
        return bands - bands.mean()

    bells = [clip for clip in hundred.clips if clip.label == "bells"]
    spectra = [spectrum(clip) for clip in bells]
    pairs = [(i, j) for i in range(10) for j in range(i)]
    distance = {pair: np.linalg.norm(spectra[pair[0]] - spectra[pair[1]]) for pair in pairs}
    same = [distance[pair] for pair in pairs if bells[pair[0]].group == bells[pair[1]].group]
    assert len(same) == 5
    assert np.median(same) < np.median([distance[pair] for pair in pairs])


def test_a_written_set_is_used_again_and_a_damaged_one_is_made_again(tmp_path):
    out = tmp_path / "set"
    first = synthesize(out, 12)
    marker = out / "synthetic.json"
    made = marker.stat().st_mtime_ns
    assert synthesize(out, 12) == first
    assert marker.stat().st_mtime_ns == made
    whole = files(first)
    (out / first.clips[3].id).unlink()
    assert files(synthesize(out, 12)) == whole
    (out / first.clips[5].id).write_bytes(b"")
    assert files(synthesize(out, 12)) == whole
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"version": -1}))
    synthesize(out, 12)
    assert json.loads(marker.read_text())["version"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_foreign_folders_are_left_alone(tmp_path):
    synthesize(tmp_path / "made", 3)
    (tmp_path / "made" / "store.zarr").mkdir()
    assert len(synthesize(tmp_path / "made", 3)) == 3
    with pytest.raises(DatasetError, match="featkit did not write"):
        synthesize(tmp_path / "made", 4)
    assert (tmp_path / "made" / "store.zarr").exists()
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(DatasetError, match="featkit did not write"):
        synthesize(tmp_path, 3)
    with pytest.raises(DatasetError, match="featkit did not write"):
        synthesize(tmp_path / "mine.txt", 3)
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("arguments", [{"n_clips": 0}, {"seed": -1}, {"sr": 4000}])
def test_numbers_out_of_range(tmp_path, arguments):
    with pytest.raises(ParameterError, match="expected at least 1 clip, seed ≥ 0, sr ≥ 8000"):
        synthesize(tmp_path / "x", **{"n_clips": 2} | arguments)


def test_by_name_in_the_cache_and_in_a_root(tmp_path, monkeypatch):
    monkeypatch.setenv("FEATKIT_CACHE", str(tmp_path / "cache"))
    cached = get_dataset("synthetic:11")
    assert len(cached) == 11
    assert cached.root.startswith(str(tmp_path / "cache"))
    rooted = get_dataset("synthetic:11", root=tmp_path / "here")
    assert rooted.root == str(tmp_path / "here")
    assert files(rooted) == files(cached)
    again = get_dataset(tmp_path / "here" / "clips.csv")
    assert again.clips == rooted.clips
    monkeypatch.delenv("FEATKIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder().name == "featkit"


@pytest.mark.parametrize("text", ["synthetic:0", "synthetic:-3", "synthetic:many", "synthetic:1.5"])
def test_unknown_variants(text):
    with pytest.raises(ParameterError, match="synthetic:N for N clips, or :tempo, :pitch, :timbre"):
        get_dataset(text)


def test_fewer_than_two_folds_are_not_a_protocol(tmp_path):
    assert synthesize(tmp_path / "a", 10).protocol == "none"
    assert synthesize(tmp_path / "b", 11).protocol == "folds"


def test_pitch_set_holds_its_pitches(tmp_path):
    dataset = pitch_set(tmp_path / "p", per_class=1)
    for clip in dataset.clips:
        samples = audio.load(clip.path).samples
        correlation = np.fft.irfft(np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2)
        shortest = int(22050 / 1100)
        period = shortest + np.argmax(correlation[shortest : 22050 // 100] > 0.9 * correlation[0])
        period += int(np.argmax(correlation[period : period + 5]))
        expected = 110 * 2 ** (4 * int(clip.label.removeprefix("pitch")) / 12)
        assert abs(22050 / period / expected - 1) < 0.03


def test_tempo_set_holds_its_tempi(tmp_path):
    dataset = tempo_set(tmp_path / "t", per_class=1)
    assert len(dataset.classes) == 13
    for clip in dataset.clips:
        envelope = np.abs(audio.load(clip.path).samples).reshape(-1, 49).max(axis=1)
        onsets = np.flatnonzero(
            (envelope[1:] > 0.5 * envelope.max()) & (envelope[:-1] < 0.1 * envelope.max())
        )
        period = np.median(np.diff(onsets)) * 49 / 22050
        assert abs(60 / period - int(clip.label.removesuffix("bpm"))) < 2


def test_timbre_set_differs_in_spectrum_and_not_in_pitch(tmp_path):
    dataset = timbre_set(tmp_path / "s", per_class=2)
    for clip in dataset.clips:
        spectrum = np.abs(np.fft.rfft(audio.load(clip.path).samples))
        peak = np.argmax(spectrum) / 2
        k = max(round(peak / 220), 1)
        assert abs(12 * np.log2(peak / (220 * k))) < 1.05
        assert {
            "sine": k == 1,
            "square": k == 1,
            "formant700": k in (2, 3, 4),
            "formant2000": k in (8, 9, 10),
        }.get(clip.label, True)


def test_glide_is_the_sum_of_its_harmonics():
    sr, frequency = 8000, np.linspace(200, 300, 4000)
    phase = 2 * np.pi * np.cumsum(frequency) / sr
    expected = np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.25 * np.sin(3 * phase)
    np.testing.assert_allclose(glide(frequency, sr, np.array([1, 0.5, 0.25])), expected, atol=1e-9)
    assert not glide(np.full(100, 3000.0), sr, np.array([0, 1.0])).any()


def test_struck_is_the_sum_of_its_partials():
    t = np.arange(1000) / 8000
    expected = np.sin(2 * np.pi * 440 * t) * np.exp(-t / 0.1) + 0.3 * np.sin(
        2 * np.pi * 1000 * t
    ) * np.exp(-t / 0.02)
    made = struck(
        1000, 8000, np.array([440.0, 1000, 3900]), np.array([1, 0.3, 9]), np.array([0.1, 0.02, 1])
    )
    np.testing.assert_allclose(made, expected, atol=1e-10)


def test_noise_has_unit_rms_and_its_slope(rng):
    made = noise(rng, 2**17, 16000, 20, 8000, 6.02)
    assert np.sqrt(np.mean(made**2)) == pytest.approx(1)
    power = np.abs(np.fft.rfft(made)) ** 2
    frequencies = np.fft.rfftfreq(2**17, 1 / 16000)
    low, high = (power[(frequencies > f) & (frequencies < 1.2 * f)].mean() for f in (400, 800))
    assert 10 * np.log10(low / high) == pytest.approx(6.02, abs=0.5)


@pytest.mark.slow
def test_mfcc_statistics_and_svm_are_good_but_not_perfect(tmp_path):
    import librosa
    from sklearn.model_selection import PredefinedSplit, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    dataset = synthesize(tmp_path / "set", 400)

    def vector(clip):
        mfcc = librosa.feature.mfcc(
            y=audio.load(clip.path).at(12000),
            sr=12000,
            n_mfcc=20,
            n_fft=512,
            hop_length=256,
            n_mels=96,
        )
        parts = [mfcc, np.diff(mfcc), np.diff(mfcc, n=2)]
        return np.concatenate(
            [summary(part, axis=1) for part in parts for summary in (np.mean, np.std)]
        )

    x, y = (
        np.stack([vector(clip) for clip in dataset.clips]),
        [clip.label for clip in dataset.clips],
    )
    folds = PredefinedSplit([clip.fold for clip in dataset.clips])
    scores = cross_val_score(make_pipeline(StandardScaler(), SVC(C=8, gamma=2**-9)), x, y, cv=folds)
    assert 0.75 < scores.mean() < 0.92


def test_words_have_speakers_that_are_in_one_fold_each(tmp_path):
    dataset = words_set(tmp_path / "w", per_class=10)
    assert len(dataset) == 100 and len(dataset.classes) == 10
    folds = {}
    for clip in dataset.clips:
        folds.setdefault(clip.group, []).append((clip.fold, clip.label))
    assert len(folds) == 5
    for said in folds.values():
        assert len({fold for fold, _ in said}) == 1
        assert sorted(label for _, label in said) == sorted([*dataset.classes] * 2)
