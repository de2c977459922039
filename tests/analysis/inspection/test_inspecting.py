"""An inspection of a real store: wrong labels, a copy, an outlier and an artefact are planted."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import tone

from featkit import audio
from featkit.analysis.inspection.inspecting import inspect
from featkit.errors import ParameterError
from featkit.report.inspection import page
from featkit.report.specimens import from_stores
from featkit.store import Store

SR = 16000
PITCHES = {"low": 300.0, "mid": 1200.0, "high": 3600.0}
SWAPPED = {"low-3": "high", "mid-4": "low"}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """36 clips of 2 s, two of them with wrong labels, class ``mid`` quiet; and a quieter copy."""
    import featkit

    folder = tmp_path_factory.mktemp("planted")
    lines = [("path", "label", "fold")]
    for number in range(36):
        label = list(PITCHES)[number % 3]
        name, rng = f"{label}-{number // 3}", np.random.default_rng(number)
        melody = np.cumsum(np.repeat(rng.normal(size=40), SR // 20)) / SR
        samples = tone(PITCHES[label], 2.0, SR, 0.4) * np.cos(60 * melody)
        samples = samples + 0.02 * rng.normal(size=2 * SR) * (1 + np.sin(40 * melody))
        level = 0.02 if label == "mid" else 1.0
        audio.write(folder / f"{name}.wav", (level * samples).astype(np.float32), SR)
        lines.append((f"{name}.wav", SWAPPED.get(name, label), number % 4))
    samples = audio.decode((folder / "high-5.wav").read_bytes()).samples
    audio.write(folder / "copy.wav", 0.5 * samples, SR)
    lines.append(("copy.wav", "high", 0))
    with (folder / "set.csv").open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    featkit.extract(str(folder / "set.csv"), ["mfcc_stats"], folder / "set.zarr")
    return folder


def test_what_is_planted_is_found(planted):
    found = inspect(planted / "set.zarr", "mfcc_stats")
    assert {row["id"]: row["suggested"] for row in found.label_errors[:2]} == {
        "low-3.wav": "low",
        "mid-4.wav": "mid",
    }
    assert all(row["confident"] for row in found.label_errors[:2])
    (pair,) = found.duplicates
    assert {pair["a"], pair["b"]} == {"high-5.wav", "copy.wav"}
    assert pair["folds"] == [(5 * 3 + 2) % 4, 0] and pair["labels"] == ["high", "high"]
    told = [(row.level, row.label) for row in found.artefacts if row.telling]
    assert ("rms_db", "mid") in told
    sizes = {row["label"]: row["clips"] for row in found.classes}
    assert sizes == {"low": 12, "mid": 11, "high": 14}
    assert {"mid-4.wav", "low-3.wav"} & {row["id"] for row in found.outliers}
    assert len(found.clips) == 37 and found.clips[0]["sr_hz"] == SR


def test_the_features_that_it_needs_are_added_once_and_change_nothing_else(planted):
    before = Store(planted / "set.zarr")
    labels = before.index()["label"].tolist()
    inspect(planted / "set.zarr", "mfcc_stats")
    after = Store(planted / "set.zarr")
    assert after.index()["label"].tolist() == labels
    assert {shelf.name for shelf in after.shelves()} == {"mfcc_stats", "levels", "fingerprint"}
    assert len(after["mfcc_stats"].valid()) == 37


def test_warnings_of_the_dataset_stay(planted, tmp_path, featkit):
    lines = (planted / "set.csv").read_text().splitlines()
    table = [f"{planted}/{line},ann" for line in lines[1:]]
    (tmp_path / "people.csv").write_text("\n".join((f"{lines[0]},speaker", *table)))
    assert featkit("extract", "people.csv", "-f", "mfcc_stats", "--store", "p.zarr").status == 0
    before = Store("p.zarr").table("mfcc_stats").warnings
    assert any("speaker" in warning for warning in before)
    inspect("p.zarr", "mfcc_stats")
    assert Store("p.zarr").table("mfcc_stats").warnings == before
    assert json.loads(Store("p.zarr").about["featkit_warnings"]) == list(before)


def test_stored_predictions_are_averaged_and_predictions_of_others_refused(planted, featkit):
    store, results = planted / "set.zarr", planted / "results.jsonl"
    inspect(store, "mfcc_stats")
    run = ("evaluate", store, "-f", "mfcc_stats", "-c", "svm", "-c", "knn", "--out", results)
    assert featkit(*run).status == 2  # The copy that is known by now lies in another fold.
    assert featkit(*run, "--allow-leakage").status == 0
    found = inspect(store, "mfcc_stats", results=results)
    assert found.systems == tuple(
        f"mfcc_stats + {name} (leakage allowed)" for name in ("svm", "knn")
    )
    assert {row["id"] for row in found.label_errors[:2]} == {"low-3.wav", "mid-4.wav"}
    assert featkit("extract", "synthetic:40", "-f", "mfcc_stats", "--store", "o.zarr").status == 0
    with pytest.raises(ParameterError):
        inspect("o.zarr", "mfcc_stats", results=results)


def test_the_command_prints_one_object_and_writes_a_page_and_a_table(planted, featkit):
    options = ("--html", "page.html", "--csv", "table.csv", "--json")
    done = featkit("inspect", planted / "set.zarr", "-f", "mfcc_stats", *options)
    assert done.status == 0
    assert {"label_errors", "duplicates", "outliers"} <= done.json.keys()
    scores = [row["score"] for row in done.json["label_errors"]]
    assert scores == sorted(scores, reverse=True)
    rows = list(csv.DictReader(Path("table.csv").read_text(encoding="utf-8").splitlines()))
    assert {"copy", "likely label error"} <= {row["kind"] for row in rows}
    text = Path("page.html").read_text(encoding="utf-8")
    assert text.count("<audio") >= 4 and "low-3.wav" in text


def test_the_page_needs_no_recordings_and_escapes_names(planted):
    found = inspect(planted / "set.zarr", "mfcc_stats")
    plain = page(found)
    assert "<audio" not in plain and "<svg" not in plain and "copy.wav" in plain
    odd = page(
        found.__class__(**{**vars(found), "dataset": "<script>alert(1)</script>"}),
        from_stores([Store(planted / "set.zarr")]),
    )
    assert "<script>alert(1)" not in odd and "&lt;script&gt;alert(1)" in odd
