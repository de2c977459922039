import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from featkit import Store, evaluate, extract
from featkit.errors import ParameterError
from featkit.results import Score, fuse
from featkit.results.metrics import fold_metrics, log_loss

CLASSES = ("a", "b", "c")


def member(name, probabilities, truth, fold="1", seed=0, order=None):
    probabilities = np.asarray(probabilities)
    order = np.arange(len(truth)) if order is None else order
    predicted = np.array(CLASSES)[probabilities.argmax(axis=1)]
    return Score(
        "toy",
        "mfcc",
        name,
        "nested",
        fold,
        seed,
        **fold_metrics(np.array(truth), predicted, probabilities, CLASSES),
        n_test=len(truth),
        model_bytes=100,
        classes=CLASSES,
        ids=tuple(f"clip{at}" for at in order),
        groups=tuple(f"clip{at}" for at in order),
        y_true=tuple(np.array(truth)[order].tolist()),
        y_pred=tuple(predicted[order].tolist()),
        probabilities=tuple(map(tuple, probabilities[order].tolist())),
    )


@pytest.fixture
def members(rng):
    truth = np.array(CLASSES)[rng.integers(0, 3, 40)]
    return [member(name, rng.dirichlet(np.ones(3), 40), truth) for name in ("x", "y", "z")]


def test_the_mean_is_the_mean(members):
    (fused,) = fuse(members, "mean")
    assert np.allclose(
        fused.probabilities, np.mean([score.probabilities for score in members], axis=0), atol=1e-15
    )
    assert fused.accuracy == np.mean(np.array(fused.y_pred) == np.array(fused.y_true))
    assert fused.classifier == "fusion:rule=mean(x | y | z)" and fused.feature == "mfcc"
    assert fused.model_bytes == 300 and len(fused.params["members"]) == 3


@given(arrays(np.float64, (3, 5, 3), elements=st.floats(0.0, 1.0)))
def test_log_loss_of_the_mean_is_at_most_the_mean_log_loss(raw):
    probabilities = (raw + 1e-9) / (raw + 1e-9).sum(axis=2, keepdims=True)
    truth = ["a", "b", "c", "a", "b"]
    members = [member(str(at), part, truth) for at, part in enumerate(probabilities)]
    (fused,) = fuse(members, "mean")
    assert fused.log_loss <= np.mean([score.log_loss for score in members]) + 1e-9


def test_the_product_is_the_normalised_geometric_mean(members):
    (fused,) = fuse(members, "product")
    product = np.prod([score.probabilities for score in members], axis=0) ** (1 / 3)
    expected = product / product.sum(axis=1, keepdims=True)
    assert np.allclose(fused.probabilities, expected, atol=1e-12)
    assert fused.log_loss == pytest.approx(log_loss(np.array(fused.y_true), expected, CLASSES))


def test_the_product_does_not_underflow():
    tiny = [[1e-200, 2e-200, 1.0], [0.0, 1e-300, 1.0]]
    members = [member(str(at), tiny, ["b", "b"]) for at in range(9)]
    (fused,) = fuse(members, "product")
    assert np.isfinite(fused.probabilities).all() and fused.y_pred == ("c", "c")


def test_votes_and_their_ties():
    truth = ["a", "a", "a"]
    x = member("x", [[0.6, 0.4, 0.0], [0.6, 0.4, 0.0], [0.5, 0.4, 0.1]], truth)
    y = member("y", [[0.1, 0.9, 0.0], [0.4, 0.6, 0.0], [0.6, 0.2, 0.2]], truth)
    (fused,) = fuse([x, y], "vote")
    assert fused.y_pred == ("b", "a", "a")
    assert fused.probabilities is None and fused.log_loss is None
    z = dataclasses.replace(member("z", [[0.0, 0.0, 1.0]] * 3, truth), probabilities=None)
    assert fuse([x, y, z], "vote")[0].y_pred == ("b", "a", "a")


def test_clips_are_aligned_by_id(rng):
    truth = np.array(CLASSES)[rng.integers(0, 3, 20)]
    first, second = rng.dirichlet(np.ones(3), (2, 20))
    straight = fuse([member("x", first, truth), member("y", second, truth)])[0]
    shuffled = fuse(
        [member("x", first, truth), member("y", second, truth, order=rng.permutation(20))]
    )[0]
    assert straight == shuffled


def test_seeds_are_fused_apart_or_together(rng):
    truth = np.array(CLASSES)[rng.integers(0, 3, 20)]
    scores = [
        member(name, rng.dirichlet(np.ones(3), 20), truth, seed=seed)
        for name in "xy"
        for seed in range(3)
    ]
    assert [score.seed for score in fuse(scores)] == [0, 1, 2]
    (together,) = fuse(scores, across_seeds=True)
    assert np.allclose(
        together.probabilities, np.mean([score.probabilities for score in scores], axis=0)
    )
    with pytest.raises(ParameterError, match="nothing to fuse it with"):
        fuse(scores[:3])


def test_what_cannot_be_fused_is_named(members):
    x, y, _ = members
    with pytest.raises(ParameterError, match=r"no probabilities from mfcc \+ y; fuse by vote"):
        fuse([x, dataclasses.replace(y, probabilities=None)], "product")
    with pytest.raises(ParameterError, match=r"mfcc \+ y and mfcc \+ x, fold 1: different clips"):
        fuse([x, dataclasses.replace(y, ids=("other", *y.ids[1:]))])
    with pytest.raises(ParameterError, match=r"mfcc \+ y has no result for fold 2"):
        fuse([x, dataclasses.replace(x, fold="2"), y])
    with pytest.raises(ParameterError, match=r"mfcc \+ y, fold 1: ValueError: no"):
        fuse([x, dataclasses.replace(y, error="ValueError: no")])
    with pytest.raises(ParameterError, match="'max' is not one of mean, vote, product"):
        fuse([x, y], "max")
    with pytest.raises(ParameterError, match="no results"):
        fuse([])


@pytest.mark.slow
def test_a_net_and_a_classical_classifier_are_fused(tmp_path):
    extract("synthetic:60", ["mfcc_stats", "logmel:n_mels=16,n_frames=64"], tmp_path / "s.zarr")
    store = Store(tmp_path / "s.zarr")
    members = evaluate(store.table("mfcc_stats"), "svm") + evaluate(
        store.table("logmel"), "net:arch=cnn,epochs=2,batch_size=20"
    )
    fused = fuse(members)
    folds = {score.fold: [one for one in members if one.fold == score.fold] for score in fused}
    assert len(fused) == 5 and all(len(pair) == 2 for pair in folds.values())
    for score in fused:
        svm, net = folds[score.fold]
        order = [net.ids.index(name) for name in svm.ids]
        mean = (np.array(svm.probabilities) + np.array(net.probabilities)[order]) / 2
        assert np.allclose(score.probabilities, mean, atol=1e-12)
        assert score.log_loss <= (svm.log_loss + net.log_loss) / 2 + 1e-9
        assert score.model_bytes == svm.model_bytes + net.model_bytes
