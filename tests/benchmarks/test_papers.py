"""The studies of networks in small: the same configurations on twenty synthetic clips, one epoch
and one fold each.
"""

import re
from pathlib import Path

import pytest

from featkit import Store, extract, make_classifier
from featkit.experiment import check, load, run

PAPERS = Path(__file__).parents[2] / "benchmarks" / "papers"
FEATURE = "logmel:hop_length=862,n_frames=128"
WEIGHTS = "benchmarks/papers/stores/p6_resnet18.safetensors"


def small(name, folder, weights=""):
    """Return a study in small, its outputs in ``folder``; ``weights`` take the place of those of
    P6.
    """
    text = (
        (PAPERS / f"{name}.yaml")
        .read_text(encoding="utf-8")
        .replace("esc10:${FEATKIT_ESC10}", "synthetic:20")
    )
    text = re.sub(r",epochs=\d+", "", text).replace(WEIGHTS, weights)
    text = re.sub(r"net:arch=\w+", r"\g<0>,epochs=1", text)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return load(folder / "study.yaml", ["systems.only_folds=['1']", "systems.seeds=1"])


@pytest.mark.parametrize(
    ("name", "cells"), [("t1_cnn_esc10", 2), ("resnet18_scratch_esc10", 1), ("t5_scaling_esc10", 2)]
)
def test_a_study_runs_and_is_done_then(name, cells, tmp_path):
    found = run(check(small(name, tmp_path)))
    assert (len(found.computed), found.failures) == (cells, 0)
    assert run(check(small(name, tmp_path))).computed == ()


def test_transfer_starts_from_the_weights_of_the_first_step(tmp_path):
    extract("synthetic:20", FEATURE, tmp_path / "first.zarr")
    table = Store(tmp_path / "first.zarr").table(FEATURE)
    make_classifier("net:arch=resnet18,recipe=instrument,epochs=1").fit(
        table.X, table.y
    ).save_weights(tmp_path / "w.safetensors")
    found = run(check(small("p6_transfer", tmp_path, str(tmp_path / "w.safetensors"))))
    assert found.failures == 0
    scratch, transferred = found.computed
    assert scratch.probabilities != transferred.probabilities
