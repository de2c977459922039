"""The studies of networks in small: the same configurations on twenty synthetic clips, one epoch
and one fold each.
"""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from featkit import Store, extract, make_classifier
from featkit.experiment import check, load, run
from featkit.results.metrics import mebibytes

PAPERS = Path(__file__).parents[2] / "benchmarks" / "papers"
FEATURE = "logmel:hop_length=862,n_frames=128"
WEIGHTS = "benchmarks/papers/stores/p6_resnet18.safetensors"


# What is chosen on inner folds, or on a held-out part, needs several clips of a class.
CHOSEN = (
    "c3_alternatives_esc10",
    "dcase_baseline_1b_small",
    "esc_baselines_esc10",
    "t3_linear_svm_esc10",
)


def small(name, folder, weights=""):
    """Return a study in small, its outputs in ``folder``; ``weights`` take the place of those of
    P6.
    """
    text = (
        (PAPERS / f"{name}.yaml")
        .read_text(encoding="utf-8")
        .replace("esc10:${FEATKIT_ESC10}", "synthetic:100" if name in CHOSEN else "synthetic:20")
    )
    text = re.sub(r",epochs=\d+", "", text).replace(WEIGHTS, weights)
    text = re.sub(r"net:arch=(\w+|\([^)]*\))", r"\g<0>,epochs=1", text)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    items = [f"systems.{n}" for n in range(text.count("\n  - features"))] or ["systems"]
    one = [f"{item}.{change}" for item in items for change in ("only_folds=['1']", "seeds=1")]
    return load(folder / "study.yaml", one)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("t1_cnn_esc10", 2),
        ("resnet18_scratch_esc10", 1),
        ("t5_scaling_esc10", 2),
        ("a6_representations_esc10", 5),
        *(
            pytest.param(name, cells, marks=pytest.mark.slow)
            for name, cells in (
                ("backbones_esc10", 3),
                ("c3_alternatives_esc10", 6),
                ("dcase_baseline_1b_small", 1),
                ("esc_baselines_esc10", 3),
                ("runs_and_ensemble_esc10", 2),
                ("t2_lstm_esc10", 2),
                ("t3_linear_svm_esc10", 2),
                ("t5_power_esc10", 4),
            )
        ),
    ],
)
def test_a_study_runs_and_is_done_then(name, cells, tmp_path):
    actual = run(check(small(name, tmp_path)))
    assert (len(actual.computed), actual.failures) == (cells, 0)
    assert run(check(small(name, tmp_path))).computed == ()


@pytest.mark.slow
def test_transfer_starts_from_the_weights_of_the_first_step(tmp_path):
    extract("synthetic:20", FEATURE, tmp_path / "first.zarr")
    table = Store(tmp_path / "first.zarr").table(FEATURE)
    make_classifier("net:arch=resnet18,recipe=instrument,epochs=1").fit(
        table.X, table.y
    ).save_weights(tmp_path / "w.safetensors")
    actual = run(check(small("p6_transfer", tmp_path, str(tmp_path / "w.safetensors"))))
    assert actual.failures == 0
    scratch, transferred = actual.computed
    assert scratch.probabilities != transferred.probabilities


SCENES = {"dcase_1a": (15, 4), "dcase_1b": (3, 0)}
COLUMNS = ("ids", "system", "dataset", "protocol", "metric", "value", "spread", "source")


def scenes(name, folder):
    """Return a study of scenes on twenty synthetic clips of 0.75 s: two steps at a tenth of the
    width.
    """
    text = (PAPERS / f"{name}.yaml").read_text(encoding="utf-8")
    text = re.sub(r"dataset: .*\n", "dataset: synthetic:20\n", text, count=1)
    text = text.replace("width=0.25", "width=0.1").replace("seconds=5", "seconds=0.75")
    text = re.sub(r"iterations=300,batch_size=16", "iterations=2,batch_size=8", text)
    text = text.replace("device=cuda", "device=cpu")
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    one_fold = [f'systems.{item}.only_folds=["1"]' for item in (0, 1)]
    return load(folder / f"{name}.yaml", one_fold)


@pytest.mark.parametrize("name", [pytest.param("dcase_1a", marks=pytest.mark.slow), "dcase_1b"])
def test_a_study_of_scenes_runs_in_small(name, tmp_path):
    actual = run(check(scenes(f"{name}_small", tmp_path)))
    assert (len(actual.computed), actual.failures) == (SCENES[name][0], 0)
    assert len(actual.fused) == SCENES[name][1]
    losses = {f"{score.feature} + {score.classifier}": score.log_loss for score in actual.computed}
    for score in actual.fused:
        members = [losses[text.removesuffix(", seed 0")] for text in score.params["members"]]
        assert len(members) in (4, 8) and score.log_loss <= np.mean(members) + 1e-9


@pytest.mark.parametrize("name", SCENES)
def test_the_full_study_of_scenes_is_laid_out_like_the_small_one(name, tmp_path):
    full, small = (check(scenes(f"{name}{size}", tmp_path)) for size in ("", "_small"))
    nets = r"scene_\w+|decision=time|join=late"
    for one, other in zip(full.cells, small.cells, strict=True):
        assert re.findall(nets, one[2]) == re.findall(nets, other[2])
        assert one[1].partition(":")[0] == other[1].partition(":")[0]
    first, second = (plan.experiment.fuse for plan in (full, small))
    assert [(one.name, len(one.members)) for one in first] == [
        (one.name, len(one.members)) for one in second
    ]


# Folds times features times classifiers, each seed once; synthetic:20 has two folds. Without the
# published weights, the pre-trained nets are those of the same seed from scratch.
FULL = {
    "imagenet_cnns": 2 * 3 * (3 * 5 + 3),
    # Nested with nine nets, and twice with ten.
    "random_cnn": 2 * (1 + 2 * 3 * 9 + 2 * (1 + 2 * 3 * 10)),
    "piczak_cnn": 2 * (4 + 2),
    "instruments": 2 * (1 + 2 + 1 + 1 + 4),
    "dcase_baseline_1b": 2,
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name == "imagenet_cnns")) for name in FULL],
)
def test_every_system_of_a_full_study_can_be_run(name, tmp_path):
    text = (PAPERS / f"{name}.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^dataset:.*\n(?:  - .*\n)*", "dataset: synthetic:20\n", text, count=1)
    text = re.sub(r"(?m)^  - dataset: \w+\n    ", "  - ", text)
    text = re.sub(r"(?m)^    dataset: \w+\n", "", text).replace(",weights=imagenet", "")
    text = re.sub("device(=|: )cuda", r"device\1cpu", text.replace(": rotating", ": official"))
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    assert len(check(load(tmp_path / "study.yaml")).cells) == FULL[name]


def published():
    """Return the published figures as dictionaries."""
    with open(PAPERS / "published.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_published_figures_name_systems_and_sources_that_exist():
    docs = PAPERS.parents[1] / "docs"
    ids = r"(?m)^\| ([A-Z][A-Z0-9]+) \|"
    systems = set(re.findall(ids, (docs / "systems.md").read_text()))
    keys = set(re.findall(r"^### \[(.+)\]$", (docs / "references.md").read_text(), re.MULTILINE))
    rows = published()
    assert tuple(rows[0]) == (*COLUMNS, "place", "remark")
    for row in rows:
        assert set(row["ids"].split()) <= systems, row
        assert row["source"] in keys, row
        assert row["system"] and row["dataset"] and row["protocol"] and row["place"], row
        value = float(row["value"])
        assert not row["metric"].endswith("accuracy %") or 0 < value <= 100, row
        assert row["spread"] == "" or float(row["spread"]) > 0, row
    assert len({tuple(row[key] for key in (*COLUMNS[1:6], COLUMNS[7])) for row in rows}) == len(
        rows
    )


@pytest.mark.parametrize(
    ("system", "metric", "value", "remark"),
    [
        ("1A baseline", "macro accuracy %", 54.1, "70.6"),
        ("1A baseline", "macro accuracy %", 70.6, "replaced 54.1"),
        ("Gamma CNN", "macro accuracy %", 76.1, "device A only"),
        ("MFCC+SPSMF", "log loss", 1.801, "last decision's loss"),
        ("EF+SPSMT", "size KB", 491, "485.0 KiB"),
        ("ResNet-50, ensemble of 5", "accuracy %", 91.99, "multiples of 0.5"),
        ("Transformer", "accuracy %", 25, "exactly chance"),
        ("VGG, 3585, ELM", "accuracy %", 43.7, "read from a picture"),
    ],
)
def test_what_is_wrong_with_a_figure_stands_beside_it(system, metric, value, remark):
    (row,) = [
        row
        for row in published()
        if (row["system"], row["metric"], float(row["value"])) == (system, metric, value)
    ]
    assert remark in row["remark"]


def test_single_ensembles_on_200_clips_are_multiples_of_half_a_percent():
    rows = [
        row
        for row in published()
        if row["dataset"] == "GTZAN" and "P7" in row["ids"] and "impossible" not in row["remark"]
    ]
    assert len(rows) == 2 and all((2 * float(row["value"])).is_integer() for row in rows)


def test_sizes_of_table_1a_follow_from_the_nets():
    # Weights of a net, of its first block, and of its body, in MiB: see the nets' own tests.
    nets = {"EF": 4_951_296, "MF": 5_283_072, "LF": 18_996_480, "SPSMR": 4 * 4_949_568}
    nets |= {"SPSMR+SPSMF": 20 * 4_949_568, "SPSMR+SPSMF+SPSMT": 24 * 4_949_568}
    sizes = {
        row["system"]: float(row["value"]) for row in published() if row["metric"] == "size MB"
    }
    assert {name: mebibytes(count) for name, count in nets.items()} == {
        name: sizes[name] for name in nets
    }


@pytest.mark.parametrize("name", ["transfer_resnet18", "transfer_densenet201"])
def test_a_study_of_blocks_holds_the_points_of_its_curves(name):
    from featkit.analysis.transfer import classifiers

    text = (PAPERS / f"{name}.yaml").read_text(encoding="utf-8")
    listed = re.findall(r'- "(net:.*)"', text)
    (whole,) = (one for one in listed if not re.search("prefix=|freeze=|cut=", one))
    known = {
        point
        for study in ("weight-fusion", "freeze", "cutoff")
        for point in classifiers(study, whole).values()
    }
    assert set(listed) <= known and len(set(listed)) == len(listed)
    if name == "transfer_densenet201":
        assert set(listed) == known


def test_the_stored_curves_of_blocks_are_whole():
    rows = [
        json.loads(line)
        for line in (PAPERS / "transfer_resnet18.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    listed = re.findall(r'- "(net:.*)"', (PAPERS / "transfer_resnet18.yaml").read_text())
    assert {(row["classifier"], row["seed"]) for row in rows} == {
        (text, seed) for text in listed for seed in range(3)
    }
    assert {(row["fold"], row["n_train"], row["n_test"]) for row in rows} == {("1", 320, 80)}
