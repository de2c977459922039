"""Changed recordings on the command line: evaluate, predict, compare."""

import pytest


@pytest.fixture
def store(audio_folder, featkit):
    folder = audio_folder(20)
    run = ("extract", folder, "-f", "mfcc_stats", "--store", "s.zarr")
    assert featkit(*run).status == 0
    return folder


def test_results_hold_both_and_a_comparison_shows_the_difference(store, featkit):
    run = ("evaluate", "s.zarr", "-c", "knn", "--out", "r.jsonl", "--json")
    done = featkit(*run, "--intervene", "lowpass=500", "--intervene", "gain=0")
    assert done.status == 0 and done.json["computed"] == 15
    texts = [score["intervention"] for score in done.json["scores"]]
    assert sorted(texts) == sorted(["", "lowpass=500", "gain=0"] * 5)
    assert featkit(*run, "--intervene", "gain=0").json["computed"] == 0
    shown = featkit("compare", "r.jsonl", "--out", "page.html", "--json").json
    rows = {row["intervention"]: row for row in shown["interventions"]}
    assert rows["gain=0"]["difference"] == 0.0 and rows["gain=0"]["ci95"] == [0.0, 0.0]
    # The class of 1200 Hz loses its tone, and the noise above 500 Hz with it.
    assert rows["lowpass=500"]["mean"] < rows["lowpass=500"]["untouched"] == 1.0
    assert len(shown["systems"]) == 1


@pytest.mark.parametrize(
    "options",
    [("--intervene", "cut=1"), ("--intervene", "reverse", "--protocol", "paper")],
)
def test_what_cannot_be_changed_is_refused_before_any_work(store, featkit, options, tmp_path):
    done = featkit("evaluate", "s.zarr", "-c", "knn", "--out", "r.jsonl", *options)
    assert done.status == 2
    assert not (tmp_path / "r.jsonl").exists() and not (tmp_path / "s.zarr.interventions").exists()


def test_a_bundle_predicts_changed_recordings(store, featkit):
    run = ("train", "s.zarr", "-f", "mfcc_stats", "-c", "logistic", "--out", "m")
    assert featkit(*run).status == 0
    high = store / "high" / "01.wav"
    plain, changed = (
        featkit("predict", "m", high, "--json", *options).json["predictions"][0]
        for options in ((), ("--intervene", "lowpass=500"))
    )
    assert plain["label"] == "high"
    assert changed["probabilities"] != plain["probabilities"]
    assert featkit("predict", "m", high, "--intervene", "cut=1").status == 2


@pytest.mark.parametrize(
    ("feature", "options"), [("mfcc_stats", ("--window", "0.1")), ("copies:of=mfcc_stats,n=1", ())]
)
def test_windows_and_the_clips_of_copies_are_tested_changed(
    audio_folder, featkit, feature, options
):
    extracted = ("extract", audio_folder(20), "-f", feature, "--store", "s.zarr")
    assert featkit(*extracted, *options).status == 0
    run = ("evaluate", "s.zarr", "-f", feature, "-c", "knn", "--out", "r.jsonl", "--json")
    scores = featkit(*run, "--intervene", "gain=0").json["scores"]
    by_fold = {(score["fold"], score["intervention"]): score for score in scores}
    assert len(by_fold) == 10
    for fold in {fold for fold, _ in by_fold}:
        untouched, changed = by_fold[fold, ""], by_fold[fold, "gain=0"]
        for field in ("n_train", "n_test", "accuracy", "log_loss"):
            assert untouched[field] == changed[field], (fold, field)
