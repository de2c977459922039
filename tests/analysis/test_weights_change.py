"""What training changes in each block: equal nets, one changed block, order of clips."""

import numpy as np
import pytest
import torch

from featkit.analysis.similarity import cka, svcca
from featkit.analysis.weights_change import activations, compare, weights_change
from featkit.classifiers import make_classifier
from featkit.errors import ParameterError
from featkit.evaluation import Folding
from featkit.training.rows import Rows
from featkit.training.weights import core

BLOCKS = ["stem", "block1", "block2", "block3", "block4"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A file, and a net fitted from it with a rate so small that nothing moves."""
    rng, path = np.random.default_rng(0), tmp_path_factory.mktemp("weights") / "w.safetensors"
    X = rng.normal(size=(24, 64, 64)).astype(np.float32)
    y = np.array(list("ab") * 12)
    start = "net:arch=resnet18,recipe=instrument,batch_size=24,epochs=1"
    make_classifier(start).fit(X, y).save_weights(path)
    frozen = f"{start},weights={path},freeze=block4"
    return X, make_classifier(frozen).fit(X, y)


@pytest.mark.slow
def test_a_net_whose_blocks_stayed_is_equal_to_its_start(trained):
    X, net = trained
    rows = compare(net, X, "pretrained", "1", points=2400)
    assert [row.block for row in rows] == BLOCKS
    assert [row.units for row in rows] == [64, 64, 128, 256, 512]
    assert [row.points for row in rows] == [2400, 2400, 24 * 64, 24 * 16, 24 * 4]
    for row in rows:
        assert row.svcca == pytest.approx(1) and row.cka == pytest.approx(1)
    assert rows[0].chance < 0.5


def test_a_changed_block_changes_itself_and_what_follows(trained):
    X, net = trained
    rows, model = Rows(X), net.fitted()
    before = activations(model, rows, 2400)
    layer = core(model.net).layer3
    with torch.no_grad():
        saved = {name: value.clone() for name, value in layer.state_dict().items()}
        generator = torch.Generator().manual_seed(0)
        for value in layer.parameters():
            value.copy_(torch.randn(value.shape, generator=generator) * 0.05)
    after = activations(model, rows, 2400)
    layer.load_state_dict(saved)
    for name in BLOCKS[:3]:
        assert np.array_equal(before[name], after[name])
    for name in BLOCKS[3:]:
        assert cka(before[name], after[name]) < 0.99
    assert svcca(before["block2"], after["block2"]) == pytest.approx(1)


def test_activations_are_those_of_the_clips_in_order(trained):
    X, net = trained
    model = net.fitted()
    parts = activations(model, Rows(X), 24)
    other = activations(model, Rows(X[::-1].copy()), 24)
    assert np.allclose(parts["block2"], other["block2"][::-1], atol=1e-5)
    mixed = activations(model, Rows(X), 24, shuffled=True)
    assert not np.allclose(parts["block2"], mixed["block2"])
    assert np.allclose(
        np.sort(parts["block2"], axis=0), np.sort(mixed["block2"], axis=0), atol=1e-5
    )


@pytest.mark.slow
def test_both_starts_are_compared_and_kept(make_table, patterns, tmp_path, monkeypatch):
    X, y = patterns(24, (32, 32), classes=2)
    table = make_table(n=24, classes=2, n_folds=2, X=X, y=y)
    text = "net:arch=resnet18,recipe=instrument,epochs=1"
    make_classifier(text).fit(X, y).save_weights(tmp_path / "w")
    text = f"{text},weights={tmp_path / 'w'}"
    options = {"folding": Folding(only_folds=("2",)), "points": 240}
    changes = weights_change(table, text, tmp_path / "r.jsonl", **options)
    assert [(row.start, row.block) for row in changes] == [
        (start, block) for start in ("pretrained", "random") for block in BLOCKS
    ]
    assert {row.fold for row in changes} == {"2"}
    assert all(0 <= row.svcca <= 1 and 0 <= row.cka <= 1 for row in changes)
    monkeypatch.setattr("featkit.analysis.weights_change.fit", None)
    assert weights_change(table, text, tmp_path / "r.jsonl", **options) == changes


def test_a_net_without_weights_is_refused(make_table, tmp_path):
    with pytest.raises(ParameterError, match="weights=FILE"):
        weights_change(make_table(), "net:arch=resnet18", tmp_path / "r.jsonl")
