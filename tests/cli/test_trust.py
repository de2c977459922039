"""Code that a store or a configuration names is imported only with ``--trust``."""

import sys

import pytest
from conftest import plugin

RUN = """
dataset: set
store: r.zarr
results: r.jsonl
systems:
  - {features: "levels:Level", classifiers: knn, folds: drawn, n_folds: 2}
"""


@pytest.fixture
def stranger(featkit, audio_folder, tmp_path, monkeypatch):
    """A store with rows of the feature ``levels:Level``, whose module writes a file when it is
    imported; the file.
    """
    audio_folder(8)
    plugin(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    command = ("extract", "set", "--store", "s.zarr", "-f", "levels:Level")
    assert featkit(*command, "-f", "mfcc_stats").status == 0
    module = tmp_path / "levels.py"
    module.write_text(module.read_text() + f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (tmp_path / "c.yaml").write_text(RUN)

    def forget():
        sys.modules.pop("levels", None)
        (tmp_path / "ran").unlink(missing_ok=True)

    forget()
    yield tmp_path / "ran"
    sys.modules.pop("levels", None)


OUT = ("-c", "knn", "--folds", "drawn", "--out", "e.jsonl")


@pytest.mark.parametrize(
    "command",
    [
        ("status", "s.zarr"),
        ("store", "ls", "s.zarr"),
        ("verify", "s.zarr"),
        ("failures", "s.zarr"),
        ("evaluate", "s.zarr", "-f", "mfcc_stats", *OUT),
        ("train", "s.zarr", "-f", "mfcc_stats", "-c", "knn", "--out", "bundle"),
        ("export", "s.zarr", "-f", "mfcc_stats", "--to", "t.csv"),
    ],
    ids=" ".join,
)
def test_a_feature_of_a_store_is_not_imported(command, stranger, featkit):
    assert featkit(*command).status == 0 and not stranger.exists()


def test_status_says_what_it_would_import_and_how_to_allow_it(stranger, featkit):
    (note,) = [
        item["note"]
        for item in featkit("status", "s.zarr", "--json").json["features"].values()
        if item["feature"] == "levels:Level"
    ]
    assert "'levels'" in note and "--trust levels:Level" in note and not stranger.exists()
    assert featkit("status", "s.zarr", "--trust", "levels").status == 0
    assert stranger.exists()


def test_a_configuration_is_refused_and_runs_with_trust(stranger, featkit):
    done = featkit("run", "c.yaml")
    assert done.status == 2 and "--trust levels:Level" in done.err and not stranger.exists()
    assert featkit("run", "c.yaml", "--trust", "levels:Level").status == 0 and stranger.exists()


@pytest.mark.parametrize(
    "command",
    [
        ("extract", "set", "--store", "s.zarr", "-f", "levels:Level"),
        ("evaluate", "s.zarr", "-f", "levels:Level", *OUT),
        ("features", "show", "levels:Level"),
    ],
    ids=" ".join,
)
def test_what_the_user_names_is_trusted(command, stranger, featkit):
    assert featkit(*command).status == 0 and stranger.exists()


def test_a_key_of_the_store_is_not_the_name_of_code(stranger, featkit):
    shown = featkit("status", "s.zarr", "--json").json["features"]
    (key,) = [key for key, item in shown.items() if item["feature"] == "levels:Level"]
    command = ("train", "s.zarr", "-f", key, "-c", "knn", "--out", "bundle")
    done = featkit(*command)
    assert done.status == 2 and "--trust levels:Level" in done.err and not stranger.exists()
    assert featkit(*command, "--trust", "levels").status == 0
