"""Words for patches: by loops, learnt from training rows only, and what they can tell apart."""

import numpy as np
import pytest

from featkit import Bundle, Store, extract, get_dataset, train
from featkit.classifiers import make_classifier
from featkit.classifiers._codebook import CONTRAST, NOISE, Codebook, Grid, learnt, normalised
from featkit.errors import ParameterError
from featkit.evaluation.fitting import Samples, fit
from featkit.evaluation.splits import Split

SMALL = "patches:words=12,bands=4,frames=5,step=2,parts=2,samples=600"


def chirps(n, seed=0, frames=(20, 31)):
    """Spectrograms of ridges that rise (class "up") or fall, at random heights and lengths."""
    rng = np.random.default_rng(seed)
    rows, labels = [], []
    for number in range(n):
        length = rng.integers(*frames)
        times, bands = np.meshgrid(np.arange(length), np.arange(16), indexing="ij")
        slope = 1 if number % 2 else -1
        phase = (bands - slope * times + rng.integers(8)) % 8
        rows.append((20.0 * (phase < 2) + rng.normal(0, 2, phase.shape)).astype(np.float32))
        labels.append("up" if number % 2 else "down")
    return rows, np.array(labels)


def test_patches_are_those_of_the_row():
    row = np.arange(6 * 8).reshape(6, 8)
    patches = Grid(bands=4, frames=3, step=2).of(row)
    assert patches.shape == (3, 4, 12)
    assert patches[1, 2].tolist() == row[2:5, 2:6].ravel().tolist()
    short = Grid(bands=99, frames=9, step=1).of(row)
    assert short.shape == (1, 1, 72)
    assert short[0, 0, -8:].tolist() == row[-1].tolist()


def test_normalised_patches_do_not_hear_level(rng):
    patches = rng.normal(0, 10, (3, 40))
    expected = [(p - p.mean()) / np.sqrt(p.var() + CONTRAST) for p in patches]
    np.testing.assert_allclose(normalised(patches), expected, atol=1e-5)
    np.testing.assert_allclose(normalised(patches + 30), expected, atol=1e-4)


def test_whitening_shrinks_each_axis_by_its_variance(rng):
    patches = (rng.normal(size=(5000, 6)) * [3, 2, 1, 0.5, 0.1, 0]).astype(np.float32)
    book = learnt(patches, 3, rng)
    variances = np.sort(np.linalg.eigvalsh(np.cov(patches, rowvar=False)))
    white = np.cov((patches - book.mean) @ book.whitening, rowvar=False)
    expected = variances / (variances + NOISE)
    np.testing.assert_allclose(np.sort(np.linalg.eigvalsh(white)), expected, atol=1e-3)


def test_words_find_the_directions_of_clusters():
    rng = np.random.default_rng(2)
    centres = np.eye(4)[[0, 1, 2]] * 5
    patches = (centres[np.arange(900) % 3] + rng.normal(0, 0.3, (900, 4))).astype(np.float32)
    book = learnt(patches, 3, rng)
    np.testing.assert_allclose(np.linalg.norm(book.words, axis=1), 1, atol=1e-5)
    white = (centres - patches.mean(0)) @ book.whitening
    white /= np.linalg.norm(white, axis=1, keepdims=True)
    assert np.abs(book.words @ white.T).max(0).min() > 0.85


def test_vectors_are_those_of_the_loop():
    rows, y = chirps(12)
    model = make_classifier(SMALL).fit(rows, y)
    book = Codebook(**model.codebook_)
    row = rows[3]
    expected = []
    responses = np.zeros((7, len(row) - 4, 12))
    for high in range(7):
        for late in range(len(row) - 4):
            patch = row[late : late + 5, 2 * high : 2 * high + 4].ravel()
            patch = (patch - patch.mean()) / np.sqrt(patch.var() + CONTRAST)
            responses[high, late] = np.maximum(
                book.words @ (book.whitening @ (patch - book.mean)), 0
            )
    for part in (responses[:4], responses[4:]):
        expected += [part.mean((0, 1)), part.std((0, 1)), part.max((0, 1))]
    np.testing.assert_allclose(model.vectors([row])[0], np.concatenate(expected), atol=1e-3)


def test_what_differs_in_direction_only_is_told_apart():
    rows, y = chirps(40)
    model = make_classifier(SMALL).fit(rows[:24], y[:24])
    assert (model.predict(rows[24:]) == y[24:]).all()
    shares = model.predict_proba(rows[24:])
    assert shares.shape == (16, 2)
    np.testing.assert_allclose(shares.sum(1), 1)
    flat = np.array([np.r_[row.mean(0), row.std(0)] for row in rows])
    by_bands = make_classifier("ridge").fit(flat[:24], y[:24])
    assert (by_bands.predict(flat[24:]) == y[24:]).mean() < 0.9


def test_nothing_of_the_test_rows_reaches_a_fit():
    rows, y = chirps(30)
    train, test = np.arange(20), np.arange(20, 30)
    split = Split("1", test, train, train, np.arange(20) % 4)
    model, _ = fit(make_classifier(SMALL), Samples(rows, y), split)
    poisoned = rows[:20] + [np.full((7, 16), 1e6, np.float32)] * 10
    labels = np.r_[y[:20], ["poison"] * 10]
    other, _ = fit(make_classifier(SMALL), Samples(poisoned, labels), split)
    for name in ("mean", "whitening", "words"):
        assert np.array_equal(model.codebook_[name], other.codebook_[name])
    assert np.array_equal(model.readout_.coef_, other.readout_.coef_)
    assert model.best_params_ == other.best_params_


def test_labels_do_not_reach_the_words():
    rows, y = chirps(20)
    one, other = (make_classifier(SMALL).fit(rows, labels) for labels in (y, y[::-1]))
    assert np.array_equal(one.codebook_["words"], other.codebook_["words"])
    assert not np.array_equal(one.readout_.coef_, other.readout_.coef_)


def test_the_seed_and_nothing_else_decides():
    rows, y = chirps(12)
    words = [make_classifier(SMALL, seed=s).fit(rows, y).codebook_["words"] for s in (0, 0, 1)]
    assert np.array_equal(words[0], words[1]) and not np.array_equal(words[0], words[2])


def test_inner_folds_reach_a_readout_that_chooses():
    rows, y = chirps(24)
    model = make_classifier(f"{SMALL},readout=(svm:C=1+10,kernel=linear)")
    model.fit(rows, y, groups=np.arange(24) // 2 % 3)
    assert model.best_params_["C"] in (1, 10)
    assert {key for key in model.readout_.cv_results_ if key.startswith("split")} == {
        f"split{fold}_test_score" for fold in range(3)
    }


def test_rows_that_are_no_spectrograms_are_refused():
    with pytest.raises(ParameterError, match=r"\(30,\)"):
        make_classifier("patches").fit(np.zeros((4, 30)), list("abab"))


@pytest.mark.parametrize(
    "text", ["words=1", "bands=0", "frames=0", "step=0", "parts=0", "samples=9", "readout=net"]
)
def test_what_is_impossible_is_refused(text):
    with pytest.raises(ParameterError):
        make_classifier(f"patches:{text}")


def test_a_bundle_of_it_predicts_as_it_did(tmp_path):
    dataset = get_dataset("synthetic:20", root=str(tmp_path / "set"))
    feature = "logmel:n_mels=16,hop_length=2048"
    extract(dataset, feature, tmp_path / "s.zarr")
    bundle = train(Store(tmp_path / "s.zarr").table(feature), SMALL)
    bundle.save(tmp_path / "model")
    paths = [clip.path for clip in dataset.clips[:4]]
    pairs = zip(bundle.predict(paths), Bundle.load(tmp_path / "model").predict(paths), strict=True)
    for one, other in pairs:
        assert one.label == other.label and one.probabilities == other.probabilities
