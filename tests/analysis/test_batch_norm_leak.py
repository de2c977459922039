"""What size and order of batches do to features with batch statistics."""

import csv

import numpy as np
import pytest
import torch
from scipy.stats import f_oneway
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.svm import SVC

from featkit.analysis import batch_norm_leak as leak_module
from featkit.analysis.batch_norm_leak import BatchNormLeak, Cell, batch_norm_leak
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


@pytest.mark.slow
def test_cells(result):
    actual = [(cell.batch_size, cell.order, cell.seed) for cell in result.cells]
    assert actual == [
        (size, order, 0) for size in (1, 5, "class") for order in ("sorted", "shuffled")
    ]


@pytest.mark.slow
def test_without_normalisation_nothing_depends_on_batches(result):
    assert result.largest_difference <= 1e-5
    assert [(cell.batch_size, cell.seed, cell.accuracy) for cell in result.without] == [
        (size, 0, 1.0) for size in (1, 5, "class")
    ]


def test_the_analysis_of_variance_compares_batch_sizes_over_runs():
    cells = [
        Cell(size, "sorted", seed, accuracy)
        for size, accuracies in ((1, (0.5, 0.6, 0.7)), (10, (0.55, 0.65, 0.6)))
        for seed, accuracy in enumerate(accuracies)
    ]
    actual = BatchNormLeak((), tuple(cells), 0.0).dependence
    statistic, p = f_oneway((0.5, 0.6, 0.7), (0.55, 0.65, 0.6))
    assert (actual.statistic, actual.p, actual.n) == (statistic, p, 6)


@pytest.mark.slow
def test_runs_without_normalisation_have_weights_of_their_own(monkeypatch):
    seeds = []
    made = leak_module.build
    monkeypatch.setattr(
        leak_module, "build", lambda *args, **kind: seeds.append(args[2]) or made(*args, **kind)
    )
    inputs, labels = loud_and_quiet()
    batch_norm_leak(inputs, labels, batch_sizes=(1, 5), seeds=(0, 1), filters=1, folds=2)
    assert len(set(seeds)) == 2 * 2 + 2 and len(seeds) == 2 * 4


@pytest.mark.slow
def test_a_gain_is_lost_where_a_batch_is_one_clip(result):
    assert result.accuracy(1, "sorted") == result.accuracy(1, "shuffled")
    assert result.accuracy(1, "sorted") < 0.8


@pytest.mark.slow
def test_a_gain_is_kept_where_a_batch_holds_both_classes(result):
    assert result.accuracy("class", "shuffled") == 1.0
    assert result.leak == result.accuracy("class", "sorted") - 1.0


@pytest.mark.slow
def test_one_cell_by_hand(result):
    inputs, labels = loud_and_quiet()
    targets = np.unique(labels, return_inverse=True)[1]
    net = build("vgg", 3, 0, batch_norm=True)
    features = np.empty((24, 15), dtype=np.float32)
    with torch.inference_mode():
        for label in (0, 1):
            features[targets == label] = net(torch.from_numpy(inputs[targets == label])).numpy()
    split = StratifiedKFold(4, shuffle=True, random_state=0)
    grid = [
        {"kernel": ["rbf"], "gamma": [2.0**-p for p in (3, 5, 7, 9, 11, 13)] + [1 / 15]},
        {"kernel": ["linear"]},
    ]
    search = GridSearchCV(SVC(), [{**part, "C": [0.1, 2, 8, 32]} for part in grid], cv=split)
    search.fit(features, targets)
    assert len(search.cv_results_["params"]) == 32
    assert result.accuracy("class", "sorted") == pytest.approx(search.best_score_)


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
    actual = batch_norm_leak(inputs, labels, batch_sizes=("class",), seeds=(0,), folds=5)
    assert actual.largest_difference <= 1e-5
    assert actual.leak > 0.05
