"""The page about acoustic scenes."""

import importlib.util
import math
from pathlib import Path

import pytest
import yaml

from featkit.results import append

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def scenes():
    spec = importlib.util.spec_from_file_location("scenes", BENCHMARKS / "scenes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def listed(value):
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("study", "dataset", "count"), [("1a", "TAU 2020 Mobile", 15), ("1b", "TAU 2020 3Class", 3)]
)
@pytest.mark.parametrize("size", ["", "_small"])
def test_each_system_of_a_study_is_one_of_the_papers_table(scenes, study, dataset, count, size):
    text = (BENCHMARKS / "papers" / f"dcase_{study}{size}.yaml").read_text(encoding="utf-8")
    experiment = yaml.safe_load(text)
    names = [
        scenes.name(feature, classifier)
        for item in experiment["systems"]
        for feature in listed(item["features"])
        for classifier in listed(item["classifiers"])
    ]
    assert len(set(names)) == len(names) == count
    names += [fusion["name"] for fusion in experiment.get("fuse", [])]
    paper = {system for system, _ in scenes.published(dataset)} - {"1A baseline", "1B baseline"}
    assert set(names) == paper


def test_orderings_say_whether_the_study_agrees(scenes):
    row = {"mean": 0.5, "log_loss": 1.0}
    actual = {"SPSMR": {"mean": 0.6, "log_loss": 0.7}, "Gamma CNN": row, "EF": row, "MF": row}
    actual["LF"] = {"mean": 0.4, "log_loss": 1.1}
    assert scenes.orderings(actual)[2:] == [
        "| SPSMR > Gamma CNN | +10.0 | +0.300 | so |",
        "| EF < Gamma CNN | +0.0 | +0.000 | equal |",
        "| MF > EF | +0.0 | +0.000 | equal |",
        "| LF > EF | -10.0 | -0.100 | reversed |",
    ]


def test_losses_of_votes_are_means_over_folds(scenes):
    about = {"feature": "cqt", "classifier": "net:arch=scene_bands"}
    rows = [
        {**about, "vote": vote, "log_loss": loss + fold}
        for vote, loss in (("logits", 0.5), ("probabilities", 0.6), ("last", 1.5))
        for fold in (0.0, 0.2)
    ]
    lines = scenes.votes(rows, {"CQT CNN": {"log_loss": 0.4}})
    assert lines[2:] == ["| CQT+SPSMF | 0.400 | 0.600 | 0.700 | 1.600 |"]


def test_systems_stand_beside_the_papers_figures(scenes, make_scores, tmp_path):
    # Two clips are correct with 0.6, two wrong with 0.6: the loss is −(ln 0.6 + ln 0.4) / 2.
    values = {
        "probabilities": ((0.4, 0.6), (0.6, 0.4), (0.6, 0.4), (0.4, 0.6)),
        "log_loss": -math.log(0.6 * 0.4) / 2,
    }
    scores = make_scores([[1, 1, 0, 0]], "cqt", "net:arch=(scene_cnn:decision=time)", **values)
    append(tmp_path / "r.jsonl", scores)
    lines = scenes.table(scenes.systems(tmp_path / "r.jsonl"), "TAU 2020 Mobile")
    assert len(lines) == 5
    assert lines[4].startswith("Not measured: Log-Mel CNN, CQT CNN") and "SPSMT," in lines[4]
    assert "CQT+SPSMT" not in lines[4] and "baseline" not in lines[4]
    assert lines[2].startswith("| CQT+SPSMT | 1 | 50.0 | [")
    assert lines[2].endswith("| 0.714 | 73.3 | 1.032 |")
