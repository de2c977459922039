"""Windows as rows from the outside: extract, status, evaluate, compare, train, predict, run."""

import csv
import json

import numpy as np
import pytest
from conftest import tone

from featkit import audio
from featkit.results import read

EXTRACT = ("extract", "set", "-f", "levels", "--store", "s.zarr")
MEASURE = ("evaluate", "s.zarr", "-c", "knn:n_neighbors=1", "-c", "linear_svm")


@pytest.fixture
def folder(tmp_path):
    """Twelve recordings of 1 s at 8 kHz, loud and soft."""
    for number in range(12):
        place = tmp_path / "set" / ("loud" if number % 2 else "soft")
        place.mkdir(parents=True, exist_ok=True)
        samples = tone(300.0 + 20 * number, 1.0, 8000, 0.5 if number % 2 else 0.02)
        audio.write(place / f"{number:02d}.wav", samples, 8000)
    return tmp_path / "set"


def test_from_a_folder_to_a_report_and_a_model(folder, featkit, tmp_path):
    windows = ("--window", 0.5, "--hop", 0.25)
    assert "36 clips" in featkit(*EXTRACT, *windows, "--dry-run").out
    assert featkit(*EXTRACT, *windows).status == 0
    assert "36 windows of 12 clips, 0.5 s every 0.25 s" in featkit("status", "s.zarr").out
    done = featkit(*MEASURE, "--n-folds", 3, "--out", "r.jsonl")
    assert done.status == 0 and "windows pooled per clip" in done.out
    page = ("--out", "r.html", "--store", "s.zarr")
    assert "windows pooled per clip" in featkit("compare", "r.jsonl", *page).out
    assert {score.n_test for score in read("r.jsonl")} == {12}
    assert featkit("train", "s.zarr", "--best", "r.jsonl", "--out", "m").status == 0
    found = featkit("predict", "m", "set/loud", "--json").json["predictions"]
    assert len(found) == 6 and {one["label"] for one in found} == {"loud"}
    listed = featkit("predict", "m", "set/loud/01.wav", *windows, "--json").json["predictions"]
    assert [(one["start"], one["end"]) for one in listed] == [(0, 0.5), (0.25, 0.75), (0.5, 1)]
    means = np.mean([one["probabilities"]["loud"] for one in listed])
    assert found[0]["probabilities"]["loud"] == pytest.approx(means, abs=1e-12)


def test_json_has_the_metrics_of_both(folder, featkit):
    assert featkit(*EXTRACT, "--window", 0.5).status == 0
    done = featkit(*MEASURE, "--n-folds", 3, "--out", "r.jsonl", "--json")
    for line in done.json["scores"]:
        assert (line["n_test"], line["per_clip"]["vote"]["n_test"]) == (8, 4)
        assert "accuracy" in line and "accuracy" in line["per_clip"]["vote"]


def test_another_way_of_cutting_is_an_error_that_names_the_way_out(folder, featkit):
    assert featkit(*EXTRACT, "--window", 0.5).status == 0
    done = featkit(*EXTRACT, "--window", 1)
    assert done.status == 2 and "another --store" in done.err
    assert featkit(*EXTRACT, "--hop", 1).status == 2
    assert "24 windows" in featkit("status", "s.zarr").out
    assert featkit(*EXTRACT).status == 0
    assert featkit("status", "s.zarr", "--json").json["windows"]["of_clips"] == 12


def test_an_experiment_cuts_too(folder, featkit, tmp_path):
    study = {"dataset": "set", "store": "e.zarr", "results": "e.jsonl", "window": 0.5, "hop": 0.25}
    systems = {"features": "levels", "classifiers": "knn:n_neighbors=1", "n_folds": 3}
    (tmp_path / "study.yaml").write_text(json.dumps({**study, "systems": systems}))
    done = featkit("run", "study.yaml", "--json")
    assert done.status == 0
    assert [row["scheme"].endswith("per clip") for row in done.json["systems"]] == [False, True]
    assert featkit("run", "study.yaml", "--json").json["computed"] == 0


def test_an_inspection_does_not_take_windows_of_a_clip_for_copies(folder, featkit, tmp_path):
    noise = 0.2 * np.random.default_rng(0).standard_normal(24_000)
    for name, gain in (("03", 1.0), ("copy", 0.5)):
        audio.write(folder / "loud" / f"{name}.wav", (gain * noise).astype(np.float32), 8000)
    assert featkit(*EXTRACT, "--window", 1.5, "--hop", 0.5).status == 0
    done = featkit("inspect", "s.zarr", "-f", "levels", "--csv", "i.csv", "--json")
    assert done.status == 0
    pairs = [
        {row["a"].partition("@")[0], row["b"].partition("@")[0]} for row in done.json["duplicates"]
    ]
    assert all(len(pair) == 2 for pair in pairs)
    assert {"loud/03.wav", "loud/copy.wav"} in pairs
    assert next(csv.reader((tmp_path / "i.csv").open()))[0] == "kind"


def test_a_picture_of_a_clip_reaches_from_its_first_window_to_its_last(folder, featkit):
    from featkit.report.specimens import from_stores
    from featkit.store import Store

    assert featkit(*EXTRACT, "--window", 0.5, "--hop", 0.25).status == 0
    look = from_stores([Store("s.zarr")])
    assert look("set", "loud/01.wav").seconds == 1.0
    assert look("set", "loud/01.wav@0.25-0.75").seconds == 0.5
