"""``featkit train``, ``predict``, ``stream`` and ``describe`` from the outside."""

import json
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import plugin

from featkit import Bundle, audio, get_feature
from featkit.results import Scores
from featkit_cli.main import cli

TRAIN = ("train", "s.zarr", "-f", "mfcc_stats", "-c", "knn:n_neighbors=1")


@pytest.fixture
def model(featkit, audio_folder):
    """The bundle ``model``, the store that it was trained on, and its twelve recordings."""
    folder = audio_folder(12)
    assert featkit("extract", "set", "-f", "mfcc_stats", "--store", "s.zarr").status == 0
    assert featkit(*TRAIN, "--out", "model").status == 0
    return sorted(str(path.relative_to(folder.parent)) for path in folder.rglob("*.wav"))


def piped(command, data):
    return CliRunner().invoke(cli, list(map(str, command)), input=data)


def test_a_bundle_is_replaced_on_request_only(model, featkit, tmp_path):
    before = (tmp_path / "model" / "bundle.json").read_bytes()
    other = ("train", "s.zarr", "-f", "mfcc_stats", "-c", "logistic", "--out", "model")
    done = featkit(*other)
    assert done.status == 2 and "--overwrite" in done.err
    assert (tmp_path / "model" / "bundle.json").read_bytes() == before
    assert featkit(*other, "--overwrite").status == 0
    assert Bundle.load(tmp_path / "model").about["classifier"]["text"] == "logistic"


def test_the_best_system_is_trained(model, featkit, tmp_path):
    evaluate = ("evaluate", "s.zarr", "-c", "knn:n_neighbors=1", "-c", "knn:n_neighbors=11")
    assert featkit(*evaluate, "--n-folds", 2, "--out", "r.jsonl").status == 0
    means = Scores.load(tmp_path / "r.jsonl").means()
    best = max(means, key=lambda name: means[name][0])
    assert means[best][0] > min(mean for mean, _ in means.values())
    assert featkit("train", "s.zarr", "--best", "r.jsonl", "--out", "best").status == 0
    about = Bundle.load(tmp_path / "best").about
    assert (about["feature"]["text"], about["classifier"]["text"]) == best[1:3]
    for options in (("--best", "r.jsonl", "-c", "knn"), ("-c", "knn"), ()):
        assert featkit("train", "s.zarr", *options, "--out", "x").status == 2
    assert not (tmp_path / "x").exists()


def test_folders_and_standard_input_stand_for_recordings(model, featkit):
    single = featkit("predict", "model", *model, "--json").json
    assert featkit("predict", "model", "set", "--json").json == single
    listed = piped(["predict", "model", "-", "--json"], "\n".join(model) + "\n")
    assert json.loads(listed.stdout) == single
    assert len(single["predictions"]) == 12


def test_errors_have_a_column_of_their_own(model, featkit, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    done = featkit("predict", "model", model[0], "bad.wav")
    header, good, bad = done.out.splitlines()
    assert done.status == 1 and header.split() == ["PATH", "TIME", "LABEL", "PROBABILITY", "ERROR"]
    assert good.split()[-2] == "high" and header.index("ERROR") == bad.index(
        featkit("predict", "model", "bad.wav", "--json").json["predictions"][0]["error"]
    )
    assert "ERROR" not in featkit("predict", "model", model[0]).out


def write_two_halves(path):
    """2 s of the low class, then 2 s of the high one."""
    time = np.arange(16000) / 8000
    halves = [0.5 * np.sin(2 * np.pi * pitch * time) for pitch in (300.0, 1200.0)]
    noise = 0.05 * np.random.default_rng(99).standard_normal(32000)
    audio.write(path, (np.concatenate(halves) + noise).astype(np.float32), 8000)


def test_windows_become_segments_and_files_of_labels(model, featkit, tmp_path):
    write_two_halves(tmp_path / "long.wav")
    command = ("predict", "model", "long.wav", "--window", 0.5, "--hop", 0.25)
    windows = featkit(*command, "--json").json["predictions"]
    segments = featkit(*command, "--segments", "--json").json["predictions"]
    assert len(windows) == 15 and [one["label"] for one in segments] == ["low", "high"]
    assert segments[0]["end"] == segments[1]["start"] == pytest.approx(2.0, abs=0.25)
    assert (segments[0]["start"], segments[1]["end"]) == (0.0, 4.0)
    for name in ("o.txt", "o.rttm", "o.csv"):
        assert featkit(*command, "--segments", "--out", name).status == 0
    border = segments[0]["end"]
    assert (tmp_path / "o.txt").read_text().splitlines() == [
        f"0.000000\t{border:.6f}\tlow",
        f"{border:.6f}\t4.000000\thigh",
    ]
    assert (tmp_path / "o.rttm").read_text().count("SPEAKER long.wav 1 ") == 2
    assert len((tmp_path / "o.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    "options",
    [
        ("--out", "o.xml"),
        ("--out", "o.rttm"),
        ("--segments",),
        ("--window", 1, "--out", "none/o.csv"),
        ("--window", 1, "--out", "o.txt"),
    ],
)
def test_what_cannot_be_written_is_refused_before_work(options, model, featkit, tmp_path):
    before = sorted(tmp_path.iterdir())
    assert featkit("predict", "model", *model[:2], *options).status == 2
    assert sorted(tmp_path.iterdir()) == before


def test_a_stream_gives_a_line_for_each_window(model, featkit, tmp_path):
    write_two_halves(tmp_path / "long.wav")
    samples = audio.load(tmp_path / "long.wav").samples
    data = np.round(samples * 32767).astype("<i2").tobytes()
    command = ["stream", "model", "--rate", 8000, "--window", 1]
    lines = [json.loads(line) for line in piped([*command, "--json"], data).stdout.splitlines()]
    assert [(one["start"], one["end"]) for one in lines] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert [one["label"] for one in lines] == ["low", "low", "high", "high"]
    plain = piped(command, data).stdout.splitlines()
    assert plain[3].startswith("3.00–4.00 s  high  ")
    assert piped([*command, "--hop", 2], data).exit_code == 2


def test_a_vector_needs_no_store(featkit, audio_folder, tmp_path):
    path = audio_folder(2) / "low" / "00.wav"
    found = featkit("describe", path, "-f", "mfcc_stats", "--json").json
    expected = get_feature("mfcc_stats")(audio.load(path))
    assert np.array_equal(np.array(found["vector"], np.float32), expected)
    assert (found["shape"], found["rate"], found["seconds"]) == ([120], 8000, 0.2)
    ragged = featkit("describe", path, "-f", "logmel:sr=8000,n_fft=256,n_mels=20", "--json").json
    assert len(ragged["vector"]) == 40 and ragged["shape"][1] == 20
    assert f"{expected[0]:.6g}" in featkit("describe", path, "-f", "mfcc_stats").out
    assert featkit("describe", tmp_path / "none.wav", "-f", "mfcc_stats").status == 2


@pytest.fixture
def levels(tmp_path, monkeypatch):
    """The module ``levels`` in the current folder, which is not where Python looks."""
    plugin(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p not in ("", str(tmp_path))])
    yield "levels:Level"
    sys.modules.pop("levels", None)


def test_own_code_in_the_current_folder_is_found_and_trusted(featkit, audio_folder, levels):
    folder = audio_folder(12)
    assert featkit("extract", "set", "-f", levels, "--store", "l.zarr").status == 0
    command = ("train", "l.zarr", "-f", levels, "-c", "knn", "--out", "own")
    assert featkit(*command).status == 0
    recording = next(folder.rglob("*.wav"))
    done = featkit("predict", "own", recording)
    assert done.status == 2 and "--trust levels:Level" in done.err
    for name in ("levels", "levels:Level"):
        assert featkit("predict", "own", recording, "--trust", name).status == 0


def test_the_error_of_an_import_is_shown(featkit, audio_folder, levels, tmp_path):
    audio_folder(2)
    (tmp_path / "levels.py").write_text("import no_such_library\n")
    done = featkit("extract", "set", "-f", levels, "--store", "l.zarr")
    assert done.status == 2
    assert "ModuleNotFoundError: No module named 'no_such_library'" in done.err
