"""``featkit evaluate``, ``compare`` and ``fuse`` from the outside."""

import json

import numpy as np
import pytest

from featkit import audio, evaluate
from featkit.results import append, read

SYSTEM = ("-f", "mfcc_stats", "-c", "knn")


@pytest.fixture
def results(make_table, tmp_path):
    """The file r.jsonl with three systems on three folds."""
    for classifier in ("knn", "logistic", "linear_svm:C=1"):
        append(tmp_path / "r.jsonl", evaluate(make_table(n=30), classifier))
    return tmp_path / "r.jsonl"


@pytest.mark.parametrize(
    "options",
    [
        ("--html", "r.jsonl"),
        ("--csv", "./r.jsonl.predictions"),
        ("--csv", "r.jsonl.inner"),
        ("--html", "q", "--markdown", "q"),
    ],
)
def test_a_comparison_is_not_written_over_results_or_itself(options, featkit, results, tmp_path):
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = featkit("compare", "r.jsonl", *options)
    assert done.status == 2 and "nothing is written over" in done.err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_fusing_into_the_same_file_again_changes_nothing(featkit, results):
    for _ in range(3):
        assert featkit("fuse", "r.jsonl", "--rule", "vote", "--out", "r.jsonl").status == 0
    actual = {json.loads(line)["classifier"] for line in results.read_text().splitlines()}
    assert {name for name in actual if name.startswith("fusion:")} == {
        "fusion:rule=vote(knn | linear_svm:C=1 | logistic)"
    }


def test_a_stack_of_stored_results_is_one_more_system(featkit, results):
    words = ("fuse", "r.jsonl", "--rule", "stack", "--name", "both", "--out", "r.jsonl")
    done = featkit(*words)
    assert done.status == 2 and "logistic" in done.err  # which makes no inner predictions
    for _ in range(2):
        done = featkit(*words, "--system", "*+ knn", "-s", "*linear_svm*", "--json")
        assert done.status == 0
    scores = [score for score in read(results) if score.feature == "both"]
    assert [score.row() for score in scores] == done.json["scores"] and len(scores) == 5
    assert {score.classifier for score in scores} == {"fusion:rule=stack(both)"}
    assert {score.protocol for score in scores} == {"nested"}
    ranked = featkit("compare", "r.jsonl", "--json").json["systems"]
    assert "both" in {row["feature"] for row in ranked if row["rank"]}
    assert featkit("fuse", "r.jsonl", "-s", "*nobody*", "--out", "r.jsonl").status == 2


def test_copies_are_extracted_evaluated_and_compared_by_name(featkit, audio_folder):
    folder, text = audio_folder(20), "copies:of=mfcc_stats,n=1"
    assert featkit("extract", folder, "-f", text, "--store", "s.zarr").status == 0
    words = ("evaluate", "s.zarr", "-c", "ridge", "--out", "r.jsonl", "--json")
    done = featkit(*words, "-f", text, "-f", f"{text},tta=true", "-f", "mfcc_stats")
    assert done.status == 0 and done.json["computed"] == 15
    assert featkit(*words, "-f", text).json["computed"] == 0
    rows = featkit("compare", "r.jsonl", "--json").json["systems"]
    assert {row["feature"] for row in rows} == {text, f"{text},tta=true", "mfcc_stats"}


def test_leakage_that_was_allowed_is_seen_on_the_terminal(featkit, tmp_path):
    for number in range(12):
        tone = np.sin(np.arange(8000) * (0.1 + 0.2 * (number % 2)) * (1 + number / 100)).astype(
            np.float32
        )
        audio.write(tmp_path / f"{number}.wav", tone, 8000)
    rows = "".join(
        f"{n}.wav,{'ab'[n % 2]},{1 + n // 2 % 2},{'same' if n in (0, 2) else n}\n"
        for n in range(12)
    )
    (tmp_path / "clips.csv").write_text(f"path,label,fold,group\n{rows}")
    assert featkit("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").status == 0
    assert (
        featkit(
            "evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn:n_neighbors=1", "--out", "r.jsonl"
        ).status
        == 2
    )
    done = featkit(
        "evaluate",
        "s.zarr",
        "-f",
        "mfcc_stats",
        "-c",
        "knn:n_neighbors=1",
        "-c",
        "logistic",
        "--out",
        "r.jsonl",
        "--allow-leakage",
    )
    assert done.status == 0 and done.out.count("nested (leakage allowed)") == 2
    fused = featkit("fuse", "r.jsonl", "--out", "f.jsonl")
    assert "leakage allowed" in fused.out


def test_lonely_systems_are_left_out_of_a_fusion(featkit, results, make_table):
    append(results, evaluate(make_table(n=30), "knn", protocol="paper"))
    done = featkit("fuse", "r.jsonl", "--out", "f.jsonl")
    assert done.status == 0 and "nested" in done.out and "paper" not in done.out


def test_evaluate_draws_the_folds_asked_for(featkit, audio_folder):
    audio_folder(12)
    featkit("extract", "set", "-f", "mfcc_stats", "--store", "s.zarr")
    command = ("evaluate", "s.zarr", *SYSTEM, "--out", "e.jsonl")
    command += ("--folds", "drawn", "--n-folds", 2, "--fold-seed", 3)
    one = featkit(*command, "--only-fold", "2of2@3", "--json").json
    assert [(score["fold"], score["n_test"]) for score in one["scores"]] == [("2of2@3", 6)]
    assert featkit(*command, "--json").json["computed"] == 1
    done = featkit(*command, "--only-fold", "1")
    assert done.status == 2 and "1of2@3, 2of2@3" in done.err


def test_one_speaker_is_left_out_at_a_time(featkit, audio_folder, tmp_path):
    audio_folder(12)
    rows = ["path,label,group"]
    for number in range(12):
        label = "high" if number % 2 else "low"
        rows.append(f"set/{label}/{number:02d}.wav,{label},speaker{number // 4}")
    (tmp_path / "clips.csv").write_text("\n".join(rows), encoding="utf-8")
    featkit("extract", "clips.csv", "-f", "mfcc_stats", "--store", "g.zarr")
    command = ("evaluate", "g.zarr", *SYSTEM, "--folds", "groups", "--out", "g.jsonl", "--json")
    printed = featkit(*command).json["scores"]
    assert [(score["fold"], score["n_test"]) for score in printed] == [
        (f"group speaker{k}", 4) for k in range(3)
    ]
    assert {score["scheme"] for score in printed} == {"leave one group out"}
    for score in read(tmp_path / "g.jsonl"):
        assert set(score.groups) == {score.fold.removeprefix("group ")}


def test_a_store_without_features_is_not_taken_for_no_store_to_test_on(audio_folder, featkit):
    from featkit.datasets import get_dataset
    from featkit.store import Store

    folder = audio_folder(10)
    assert featkit("extract", folder, "-f", "mfcc_stats", "--store", "a.zarr").status == 0
    Store.create("b.zarr", get_dataset(str(folder)))
    run = ("evaluate", "a.zarr", "-c", "knn", "--test", "b.zarr", "--out", "r.jsonl")
    done = featkit(*run)
    assert done.status == 2 and "no feature" in done.err
