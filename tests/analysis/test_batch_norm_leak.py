"""X1: what size and order of batches do to features with batch statistics."""

import csv

import numpy as np
import pytest
import torch
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from featkit.analysis.batch_norm_leak import batch_norm_leak
from featkit.audio import load
from featkit.errors import ParameterError
from featkit.features.random_cnn import logmel
from featkit.nets.random.zoo import build


def loud_and_quiet() -> tuple[np.ndarray, list[str]]:
    """Twelve clips of each of two classes, which differ in nothing but a gain of 3."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1, (24, 1280, 96)).astype(np.float32)
    noise[1::2] *= 3
    return noise, ["quiet", "loud"] * 12


@pytest.fixture(scope="module")
def result():
    inputs, labels = loud_and_quiet()
    return batch_norm_leak(
        inputs, labels, batch_sizes=(1, 5, "class"), seeds=(0,), filters=3, folds=4
    )


def test_cells(result):
    found = [(cell.batch_size, cell.order, cell.seed) for cell in result.cells]
    assert found == [
        (size, order, 0) for size in (1, 5, "class") for order in ("sorted", "shuffled")
    ]


def test_without_normalisation_nothing_depends_on_batches(result):
    assert result.largest_difference <= 1e-5
    assert result.without == (1.0,)


def test_a_gain_is_lost_where_a_batch_is_one_clip(result):
    assert result.accuracy(1, "sorted") == result.accuracy(1, "shuffled")
    assert result.accuracy(1, "sorted") < 0.8


def test_a_gain_is_kept_where_a_batch_holds_both_classes(result):
    assert result.accuracy("class", "shuffled") == 1.0
    assert result.leak == result.accuracy("class", "sorted") - 1.0


def test_one_cell_by_hand(result):
    inputs, labels = loud_and_quiet()
    targets = np.unique(labels, return_inverse=True)[1]
    net = build("vgg", 3, 0, batch_norm=True)
    features = np.empty((24, 15), dtype=np.float32)
    with torch.inference_mode():
        for label in (0, 1):
            features[targets == label] = net(torch.from_numpy(inputs[targets == label])).numpy()
    split = StratifiedKFold(4, shuffle=True, random_state=0)
    wanted = cross_val_score(
        make_pipeline(StandardScaler(), SVC(C=8.0)), features, targets, cv=split
    ).mean()
    assert result.accuracy("class", "sorted") == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": ["a", "b"]}, "24 inputs but 2 labels"),
        ({"folds": 13}, "smallest of 2 classes has 12 clips; 13 folds need"),
        ({"labels": ["a"] * 24}, "smallest of 1 classes"),
        ({"orders": ("random",)}, "order='random'"),
        ({"batch_sizes": (0,)}, "batch_size=0"),
    ],
)
def test_refusals(change, message):
    inputs, labels = loud_and_quiet()
    arguments = {"labels": labels, "seeds": (0,), "filters": 1, "folds": 4} | change
    with pytest.raises(ParameterError, match=message):
        batch_norm_leak(inputs, **arguments)


@pytest.mark.slow
def test_batches_of_one_class_inflate_accuracy_on_real_clips(esc10):
    with (esc10 / "meta" / "esc50.csv").open() as file:
        rows = list(csv.DictReader(file))
    inputs, labels, taken = [], [], dict.fromkeys({row["category"] for row in rows}, 0)
    for row in rows:
        stem = row["filename"].rpartition(".")[0]
        if taken[row["category"]] < 20:
            taken[row["category"]] += 1
            inputs.append(logmel(load(next((esc10 / "audio").glob(f"{stem}.*")))))
            labels.append(row["category"])
    found = batch_norm_leak(inputs, labels, batch_sizes=("class",), seeds=(0,), folds=5)
    assert found.largest_difference <= 1e-5
    assert found.leak > 0.05
