"""Files of every format version, made by the featkit of their time, are open for ever."""

import json
import zipfile
from pathlib import Path

import pytest

from featkit.bundle import Bundle
from featkit.comparison.overview import compare
from featkit.results import append, read

HERE = Path(__file__).parent


@pytest.fixture(params=["results1.zip", "results2.zip"])
def results(request, tmp_path):
    """A folder with a file of results of one format, and its expected comparison."""
    zipfile.ZipFile(HERE / request.param).extractall(tmp_path)
    return tmp_path


def test_results_of_every_format_are_read_alike(results):
    scores = read(results / "r.jsonl")
    assert len(scores) == 12 and all(len(score.ids) == score.n_test == 4 for score in scores)
    expected = json.loads((results / "expected.json").read_text())
    rows = {
        (row["feature"], row["classifier"], row["protocol"]): row for row in compare(scores).systems
    }
    assert len(rows) == len(expected) == 4
    for row in expected:
        now = rows[row["feature"], row["classifier"], row["protocol"]]
        assert now["mean"] == row["mean"] and now["dataset"] == row["dataset"]


def test_results_of_every_format_go_on_in_the_newest(results):
    scores = read(results / "r.jsonl")
    append(results / "r.jsonl", scores[:1])
    assert read(results / "r.jsonl") == scores
    assert '"format": 2' in (results / "r.jsonl").read_text().splitlines()[-1]


@pytest.mark.parametrize("made", ["bundles1.zip", "bundles1_gammatone1.zip", "bundles2.zip"])
@pytest.mark.filterwarnings("ignore:.*the code of")
def test_bundles_of_every_format_predict_what_they_predicted(made, tmp_path):
    zipfile.ZipFile(HERE / made).extractall(tmp_path)
    expected = json.loads((tmp_path / "knn.json").read_text())["predictions"]
    paths = [tmp_path / Path(one["path"]).name for one in expected]
    for one, now in zip(expected, Bundle.load(tmp_path / "knn").predict(paths), strict=True):
        assert now.label == one["label"] and not now.error
        assert now.probabilities == pytest.approx(one["probabilities"], abs=1e-6)
