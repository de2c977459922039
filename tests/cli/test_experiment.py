"""``featkit run`` and ``featkit config init``."""

import pytest

from featkit.experiment import Systems, load
from featkit.results import read


@pytest.fixture
def config(featkit, audio_folder, tmp_path):
    """A small configuration on twelve tones."""
    audio_folder(12)
    text = "dataset: ./set\nstore: s.zarr\nresults: r.jsonl\nreport: page.html\n"
    text += "systems:\n  - {features: mfcc_stats, classifiers: knn, folds: drawn, n_folds: 3}\n"
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "c.yaml"


def test_the_starter_runs_as_it_is(featkit, tmp_path):
    printed = featkit("config", "init")
    assert printed.status == 0
    assert featkit("config", "init", "--out", "c.yaml").status == 0
    assert (tmp_path / "c.yaml").read_text(encoding="utf-8") == printed.out
    command = ("run", "c.yaml", "--json", "--set", "dataset=synthetic:50", "--jobs", 1)
    first = featkit(*command)
    assert first.status == 0
    counts = {key: first.json[key] for key in ("computed", "fused", "failed", "problems")}
    # (3 features x 2 classifiers + 2 seeds) x 5 folds
    assert counts == {"computed": 40, "fused": 5, "failed": 0, "problems": []}
    files = {path.name for path in (tmp_path / "experiment").iterdir()}
    assert files >= {"features.zarr", "report.html", "report.md"}
    again = featkit(*command).json
    assert (again["computed"], again["fused"]) == (0, 0)
    assert again["systems"] == first.json["systems"]


def test_the_starter_shows_the_defaults(featkit):
    featkit("config", "init", "--out", "c.yaml")
    block = load("c.yaml").systems[0]
    assert block == Systems(features=block.features, classifiers=block.classifiers)


def test_an_existing_file_is_not_overwritten(featkit, tmp_path):
    (tmp_path / "c.yaml").write_text("mine", encoding="utf-8")
    done = featkit("config", "init", "--out", "c.yaml")
    assert done.status == 2 and "'c.yaml'" in done.err
    assert (tmp_path / "c.yaml").read_text(encoding="utf-8") == "mine"


def test_a_dry_run_counts_and_writes_nothing(featkit, config, tmp_path):
    before = sorted(tmp_path.iterdir())
    assert featkit("run", "c.yaml", "--dry-run").status == 0
    plan = featkit("run", "c.yaml", "--dry-run", "--json").json
    assert plan["cells"] == 3
    assert plan["datasets"]["set"]["features"] == {"mfcc_stats": {"done": 0, "clips": 12}}
    assert sorted(tmp_path.iterdir()) == before


def test_results_go_elsewhere_on_request(featkit, config, tmp_path):
    (tmp_path / "sub").mkdir()
    assert featkit("run", "c.yaml", "--out", "sub/other.jsonl").status == 0
    assert not (tmp_path / "r.jsonl").exists()
    assert len(read(tmp_path / "sub" / "other.jsonl")) == 3
    assert "3 of them" in featkit("run", "c.yaml", "--results", "sub/other.jsonl", "--dry-run").out


def test_a_mistake_is_named_and_ends_with_2(featkit, config, tmp_path):
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("report", "reprt"), encoding="utf-8")
    done = featkit("run", "c.yaml")
    assert (done.status, done.out) == (2, "")
    for name in ("c.yaml, line 4", "'reprt'", "'report'"):
        assert name in done.err
    assert not (tmp_path / "s.zarr").exists()


def test_a_failure_ends_with_1_and_is_named(featkit, config, tmp_path):
    (tmp_path / "set" / "low" / "00.wav").write_bytes(b"no sound")
    done = featkit("run", "c.yaml", "--json")
    assert done.status == 1 and "00.wav" in done.err
    assert done.json["computed"] == 3
