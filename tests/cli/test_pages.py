"""Commands that write pages of a store or a set: map, explain --html, inspect."""

from pathlib import Path

import pytest


@pytest.fixture
def store(audio_folder, featkit):
    folder = audio_folder(20)
    run = ("extract", folder, "-f", "mfcc_stats", "--store", "s.zarr")
    assert featkit(*run).status == 0
    return folder


def test_a_map_of_classes_and_one_of_disagreements(store, featkit):
    done = featkit("map", "s.zarr", "-f", "mfcc_stats", "--html", "map.html", "--json")
    assert done.status == 0 and done.json["kinds"] == {"high": 10, "low": 10}
    assert Path("map.html").read_text(encoding="utf-8").count("data-at=") == 20
    run = ("evaluate", "s.zarr", "-c", "knn", "-c", "elm", "--out", "r.jsonl")
    assert featkit(*run).status == 0
    pair = ("--results", "r.jsonl", "--system", "knn", "--system", "elm")
    done = featkit("map", "s.zarr", "-f", "mfcc_stats", "--html", "two.html", *pair, "--json")
    assert done.status == 0 and sum(done.json["kinds"].values()) == 20


@pytest.mark.parametrize("options", [("--system", "knn"), ("--results", "s.csv")])
def test_a_map_of_disagreements_needs_two_systems(store, featkit, options):
    Path("s.csv").write_text("")
    done = featkit("map", "s.zarr", "-f", "mfcc_stats", "--html", "map.html", *options)
    assert done.status == 2 and not Path("map.html").exists()


@pytest.mark.parametrize("option", ["--html", "--csv"])
def test_an_inspection_checks_its_targets_before_it_adds_features(store, featkit, option):
    done = featkit("inspect", "s.zarr", "-f", "mfcc_stats", option, "absent/page")
    assert done.status == 2
    shown = featkit("status", "s.zarr", "--json").json
    assert [item["feature"] for item in shown["features"].values()] == ["mfcc_stats"]


def test_explanations_of_a_set_are_sorted_and_bounded(store, featkit):
    assert featkit("train", "s.zarr", "-f", "mfcc_stats", "-c", "knn", "--out", "m").status == 0
    swapped = Path("low") / "wrong.wav"
    swapped.parent.mkdir()
    swapped.write_bytes((store / "high" / "01.wav").read_bytes())
    Path("bad.wav").write_bytes(b"RIFF")
    files = (store / "low" / "00.wav", swapped, "bad.wav")
    done = featkit("explain", "m", *files, "--html", "e.html", "--most", "1", "--json")
    assert done.status == 1
    (row,) = done.json["explanations"]
    assert (row["path"], row["label"], row["truth"], row["wrong"]) == (
        str(swapped),
        "high",
        "low",
        True,
    )
    assert done.json["not_explained"] == 1 and done.json["errors"][0]["path"] == "bad.wav"
    assert Path("e.html").read_text(encoding="utf-8").count("<img") == 1
    named = featkit("explain", "m", files[0], "--store", "s.zarr", "--html", "e.html", "--json")
    assert [row["truth"] for row in named.json["explanations"]] == ["low"]


@pytest.mark.parametrize(
    "options", [(), ("--out", "a.png", "--html", "a.html"), ("--html", "absent/a.html")]
)
def test_one_place_to_write_to_is_needed(store, featkit, options):
    assert featkit("explain", "m", "a.wav", *options).status == 2
