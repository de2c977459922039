"""Test folds choose nothing: other labels in the test fold change no prediction, parameter or
weight, and labels drawn at random are not learned.
"""

from dataclasses import replace

import numpy as np
import pytest
from conftest import tone, with_copies

from featkit.classifiers import contract
from featkit.classifiers.base import make_classifier, registry
from featkit.evaluation import Folding, evaluate
from featkit.results import fuse
from featkit.training.segments import SR

FAST = {
    "elm": "elm:n_hidden=10+20",
    "ensemble": "ensemble:members=ridge+knn",
    "knn": "knn:n_neighbors=1+5",
    "mlp": "mlp:max_iter=20",
    "random_forest": "random_forest:n_estimators=10",
    "svm": "svm:C=1+8,gamma=0.01+0.1",
}
NET = "net:arch=mlp,epochs=1"
NETS = [
    name
    for name in registry.names()
    if contract.takes_arrays(
        make_classifier({"net_ensemble": "net_ensemble:members=2"}.get(name, name))
    )
]
VECTORS = [name for name in registry.names() if name not in NETS]
STACK = ("ridge", FAST["svm"], FAST["elm"])


def poisoned(table, how):
    """The table with other labels in fold 2: those of other classes, or a class of its own."""
    test = table.folds == 2
    labels = np.where(test, np.roll(table.y, 1), table.y)
    if how == "unknown":
        labels = np.where(test, "poison", table.y)
    assert (labels[test] != table.y[test]).all()
    return replace(table, y=labels)


def assert_alike(clean, dirty, exact):
    """Assert that two models are one: the same decisions, choices, size and numbers.

    A class more changes the shapes of matrices, hence the order of sums: numbers then agree to
    rounding.
    """
    assert (clean.y_pred, clean.model_bytes) == (dirty.y_pred, dirty.model_bytes)
    named = [dirty.classes.index(label) for label in clean.classes]
    pairs = [(clean.probabilities, dirty.probabilities)]
    if clean.inner is not None:
        assert clean.inner.ids == dirty.inner.ids
        pairs.append((clean.inner.probabilities, dirty.inner.probabilities))
    weights = [score.params.pop("weights", []) for score in (clean, dirty)]
    assert clean.params == dirty.params
    assert np.allclose(*weights, atol=0 if exact else 1e-4)
    for one, other in pairs:
        assert (one is None) == (other is None)
        if one is not None and exact:
            assert np.array_equal(one, other)
        elif one is not None:
            assert np.allclose(one, np.asarray(other)[:, named], atol=1e-9)


def fold_two(table, name, only):
    scores = evaluate(table, name, folding=Folding(only_folds=("2",) if only else ()))
    (score,) = (score for score in scores if score.fold == "2")
    assert not score.error
    return score


@pytest.mark.parametrize("only", [True, False], ids=["alone", "at once"])
@pytest.mark.parametrize("how", ["others", "unknown"])
@pytest.mark.parametrize("name", VECTORS)
def test_labels_of_the_test_fold_change_nothing(make_table, name, how, only):
    if not only and not contract.offers(make_classifier(name), contract.NestsFolds):
        pytest.skip("each of its folds is alone in any case")
    table, text = make_table(n=60, n_folds=4, spread=1.5), FAST.get(name, name)
    clean, dirty = (fold_two(part, text, only) for part in (table, poisoned(table, how)))
    assert_alike(clean, dirty, exact=how == "others")
    assert clean.accuracy != dirty.accuracy


@pytest.mark.parametrize("vote", [False, True])
@pytest.mark.parametrize("how", ["others", "unknown"])
def test_nor_do_they_with_copies_and_in_a_stack(make_table, how, vote):
    table = with_copies(make_table(n=60, n_folds=4, spread=1.5), vote=vote)
    fused = []
    for part in (table, poisoned(table, how)):
        scores = [score for name in STACK for score in evaluate(part, name)]
        chosen = [score for score in scores if score.fold == "2"]
        fused += [fuse(chosen, rule)[0] for rule in ("stack", "stack_product")]
    for clean, dirty in zip(fused[:2], fused[2:], strict=True):
        assert sum(clean.params["weights"]) > 0
        assert_alike(clean, dirty, exact=how == "others")


def test_labels_at_random_are_not_learned_by_the_whole_stack(make_table):
    # Ten classes and 400 clips: 10 % ± 4.5 points are three standard deviations of a guess.
    table = make_table(n=400, classes=10, n_folds=4)
    rng = np.random.default_rng(5)
    table = with_copies(replace(table, y=rng.permutation(table.y)), n=1, vote=True)
    names = ("ridge", "svm:C=1+8,gamma=0.01", "elm:n_hidden=50")
    scores = [score for name in names for score in evaluate(table, name)]
    for rule in ("stack", "stack_product"):
        accuracies = [score.accuracy for score in fuse(scores, rule)]
        assert np.mean(accuracies) == pytest.approx(0.1, abs=0.045)
        losses = [score.log_loss for score in fuse(scores, rule)]
        assert np.mean(losses) == pytest.approx(np.log(10), abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_labels_of_the_test_fold_change_no_net(patterns, make_table, name):
    X, y = patterns(24, (16, 8), 3)
    net = "net:arch=cnn,epochs=1,batch_size=8"
    if name == "segments":  # which reads waveforms
        net = f"{net},front=(logmel:preset=piczak,n_mels=16)"
        rng = np.random.default_rng(0)
        X = np.stack([tone(500.0 * (1 + k % 3), 2.5, SR) for k in range(24)])
        X = (X + 0.05 * rng.standard_normal(X.shape)).astype(np.float32)
    table = make_table(n=24, n_folds=4, X=X, y=y)
    text = {
        "net": net,
        "net_grid": f"net_grid:net=({net}),lr=0.001+0.01",
        "net_ensemble": "net_ensemble:members=2",
        "patches": "patches:words=8,bands=4,frames=4,step=2,readout=knn",
    }.get(name, f"{name}:net=({net})")
    clean, dirty = (fold_two(part, text, True) for part in (table, poisoned(table, "others")))
    assert_alike(clean, dirty, exact=True)
