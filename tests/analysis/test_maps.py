"""Maps: points where the closed form says, coloured by who is correct, bounded, odd ones first."""

import sys

import numpy as np
import pytest

from featkit.analysis.maps import by_class, by_disagreement, thinned
from featkit.analysis.projection import project
from featkit.errors import MissingDependencyError, ParameterError


def test_the_components_are_those_of_the_singular_value_decomposition(rng):
    X = (rng.normal(size=(50, 3)) @ rng.normal(size=(3, 6))).astype(np.float32)
    shown = project(X)
    scaled = (X - X.mean(0)) / X.std(0)
    u, s, _ = np.linalg.svd(scaled.astype(np.float64))
    expected = u[:, :2] * s[:2]
    signs = np.sign((shown.points * expected).sum(0))
    np.testing.assert_allclose(shown.points * signs, expected, atol=1e-4)
    first = 100 * s[0] ** 2 / (s**2).sum()
    assert shown.axes[0] == f"component 1: {first:.1f} % of the variance"


@pytest.mark.slow
def test_neighbours_of_umap_are_neighbours(rng):
    pytest.importorskip("umap")
    X = np.concatenate([rng.normal(size=(20, 8)), rng.normal(size=(20, 8)) + 20])
    points = project(X.astype(np.float32), "umap").points
    own = np.linalg.norm(points[:20] - points[:20].mean(0), axis=1)
    other = np.linalg.norm(points[20:] - points[:20].mean(0), axis=1)
    assert own.max() < other.min()


def test_without_umap_its_name_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingDependencyError, match=r"featkit\[map\]"):
        project(np.eye(5, dtype=np.float32), "umap")


@pytest.mark.parametrize(("shape", "method"), [((2, 4), "pca"), ((9, 1), "pca"), ((9, 4), "tsne")])
def test_what_cannot_be_drawn_is_refused(shape, method):
    with pytest.raises(ParameterError):
        project(np.zeros(shape, dtype=np.float32), method)


def test_a_map_of_classes_has_every_clip_and_odd_ones_first(make_table):
    table = make_table(n=30)
    table.X[4] *= 50
    drawn = by_class(table)
    assert drawn.kinds == drawn.labels == tuple(table.y)
    order = drawn.odd_ones()
    assert sorted(order) == list(range(30)) and 4 in order[:3]
    assert [drawn.labels[at] for at in order[:3]] == ["class0", "class1", "class2"]


@pytest.fixture
def scores(make_scores):
    """Fold 1 of 4 clips that the first gets right, wrong, right, wrong, the second right first."""
    return make_scores([[1, 0, 1, 0]]) + make_scores([[1, 1, 0, 0]], classifier="svm")


def test_a_map_of_two_systems_says_who_is_correct(make_table, scores):
    ids = np.array([f"1-{clip}" for clip in range(4)] + ["x", "y"])
    table = make_table(n=6, ids=ids)
    drawn = by_disagreement(table, scores, ("knn", "svm"))
    only = {"1-0": "both are correct", "1-1": "only mfcc + svm is correct"}
    only |= {"1-2": "only mfcc + knn is correct", "1-3": "both are wrong"}
    assert dict(zip(drawn.ids, drawn.kinds, strict=True)) == only
    assert drawn.order[0] == "only mfcc + knn is correct"


def test_two_systems_that_cannot_be_compared_are_refused(make_table, scores):
    table = make_table(n=6)
    for names in (("knn", "svm"), ("knn", "knn"), ("knn", "tree")):
        with pytest.raises(ParameterError):
            by_disagreement(table, scores, names)


def test_a_map_that_is_too_large_is_thinned(make_table):
    whole = by_class(make_table(n=30))
    some = thinned(whole, 10)
    assert len(some.ids) == len(some.kinds) == len(some.projection.points) == 10
    at = [whole.ids.index(name) for name in some.ids]
    assert (whole.projection.points[at] == some.projection.points).all()
    assert thinned(whole, 30) is whole
