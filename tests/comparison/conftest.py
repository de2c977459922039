"""Scores and comparisons that several tests need."""

import dataclasses

import pytest

from featkit.comparison.overview import compare
from featkit.results import Note


@pytest.fixture
def rights(rng):
    return {
        name: rng.random((5, 40)) < fraction
        for name, fraction in (("knn", 0.55), ("svm", 0.85), ("forest", 0.75), ("linear", 0.7))
    }


@pytest.fixture
def scores(make_scores, rights):
    return [
        score for name, right in rights.items() for score in make_scores(right, classifier=name)
    ]


@pytest.fixture
def repeated(make_scores):
    """A function that makes the scores of systems a, b, …: one run for each matrix of hits."""

    def make(runs):
        return [
            score
            for name, matrices in zip("abcde", runs, strict=False)
            for seed, right in enumerate(matrices)
            for score in make_scores(right, classifier=name, seed=seed)
        ]

    return make


@pytest.fixture
def mixed(make_scores, rng):
    """A comparison of optimistic, leaky and failed systems."""
    scores = []
    for protocol in ("nested", "paper"):
        for name in ("svm:scale=false", "knn"):
            scores += make_scores(
                rng.random((5, 20)) < 0.7,
                classifier=name,
                protocol=protocol,
                notes=(Note("leakage", "leakage allowed: 3 clips"),),
            )
    failed = dataclasses.replace(
        scores[0],
        classifier="a|b_c",
        error="ValueError: 5 & 6",
        accuracy=None,
        ids=(),
        y_true=(),
        y_pred=(),
    )
    return compare([*scores, dataclasses.replace(failed, groups=())])
