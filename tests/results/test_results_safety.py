"""What must not happen to results: written over, mixed up, shown without their marks, or made of
wrong numbers.
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from featkit import audio, evaluate, extract
from featkit.classifiers import make_classifier
from featkit.comparison.overview import compare
from featkit.comparison.pairs import contrast
from featkit.comparison.statistics import intervals, paired, ranks, runs
from featkit.comparison.pooling import pool
from featkit.datasets import get_dataset
from featkit.errors import DatasetError, ParameterError
from featkit.evaluation.grid import Grid, measure
from featkit.experiment import load
from featkit.results.scores import Score, append
from featkit.store import Store

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cli(tmp_path):
    def run(*arguments):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")])}
        command = [sys.executable, "-m", "featkit_cli", *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )

    return run


@pytest.fixture
def results(make_table, tmp_path):
    """The file r.jsonl with three systems on three folds."""
    for classifier in ("knn", "logistic", "linear_svm:C=1"):
        append(tmp_path / "r.jsonl", evaluate(make_table(n=30), classifier))
    return tmp_path / "r.jsonl"


@pytest.mark.parametrize(
    "options",
    [("--html", "r.jsonl"), ("--csv", "./r.jsonl.predictions"), ("--html", "q", "--markdown", "q")],
)
def test_a_comparison_is_not_written_over_results_or_itself(options, cli, results, tmp_path):
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = cli("compare", "r.jsonl", *options)
    assert done.returncode == 2 and "nothing is written over" in done.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "lines",
    [
        "results: x.html\nreport: x.html",
        "results: x.md\nreport: x.html",
        "results: s.zarr\nstore: s.zarr",
        "results: x\nstore: x.predictions",
    ],
)
def test_an_experiment_whose_outputs_are_one_file_is_refused(lines, tmp_path):
    store = "" if "store" in lines else "\nstore: s.zarr"
    (tmp_path / "e.yaml").write_text(
        f"dataset: synthetic:50\n{lines}{store}\nsystems: {{features: mfcc_stats, classifiers: knn}}\n"
    )
    with pytest.raises(ParameterError, match="name one file twice"):
        load(tmp_path / "e.yaml")


def test_fusing_into_the_same_file_again_changes_nothing(cli, results):
    for _ in range(3):
        assert cli("fuse", "r.jsonl", "--rule", "vote", "--out", "r.jsonl").returncode == 0
    found = {json.loads(line)["classifier"] for line in results.read_text().splitlines()}
    assert {name for name in found if name.startswith("fusion:")} == {
        "fusion:rule=vote(knn | linear_svm:C=1 | logistic)"
    }


def test_weighted_and_unweighted_published_protocols_are_two_systems(make_table, tmp_path):
    table = make_table(n=60, folds=np.repeat([1, 2, 3], [6, 6, 48]))
    plain, weighted = (
        evaluate(table, "knn:n_neighbors=1+20", protocol=name)
        for name in ("paper", "paper-weighted")
    )
    assert {score.cell for score in plain}.isdisjoint(score.cell for score in weighted)
    assert [
        score.cell
        for score in evaluate(table, "knn:n_neighbors=1+20", protocol="paper", weighted=True)
    ] == [s.cell for s in weighted]
    assert all(score.optimistic for score in (*plain, *weighted))
    (system,) = pool(weighted)
    sizes, values = (
        np.array([score.n_test for score in weighted]),
        [score.accuracy for score in weighted],
    )
    assert system.mean == pytest.approx(np.average(values, weights=sizes)) == system.run_means[0]
    assert system.interval[0] == pytest.approx(intervals.wilson(system.mean, 60))
    assert pool(plain)[0].mean == pytest.approx(np.mean([score.accuracy for score in plain]))
    found = compare([*plain, *weighted])
    assert {row["protocol"] for row in found.systems} == {
        "paper",
        "paper-weighted",
    } and not found.tests
    assert (
        "paper-weighted (optimistic)" in found.to_markdown()
        and "paper-weighted: as paper" in found.to_html()
    )
    grid = Grid(classifiers=("knn",), protocol=("paper", "nested"), weighted=True)
    made = measure([(lambda: (table, None), grid)], tmp_path / "r.jsonl").made
    assert {score.protocol for score in made} == {"paper-weighted", "nested"}


def test_leakage_that_was_allowed_is_seen_on_the_terminal(cli, tmp_path):
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
    assert cli("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").returncode == 0
    assert (
        cli(
            "evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn:n_neighbors=1", "--out", "r.jsonl"
        ).returncode
        == 2
    )
    done = cli(
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
    assert done.returncode == 0 and done.stdout.count("nested (leakage allowed)") == 2
    fused = cli("fuse", "r.jsonl", "--out", "f.jsonl")
    assert "leakage allowed" in fused.stdout


@pytest.mark.parametrize("excerpts", [((0, 1.2), (0.2, 1.2)), ((0, None), (0, 1.5))])
def test_overlapping_excerpts_of_one_recording_may_not_be_on_both_sides(excerpts, tmp_path):
    rng, lines = np.random.default_rng(0), ["path,label,fold,start,duration"]
    for number in range(6):
        audio.write(
            tmp_path / f"{number}.wav", rng.uniform(-0.5, 0.5, 12_000).astype(np.float32), 8000
        )
        for fold, (start, duration) in enumerate(excerpts, start=1):
            lines.append(f"{number}.wav,{'ab'[number % 2]},{fold},{start},{duration or ''}")
    (tmp_path / "clips.csv").write_text("\n".join(lines))
    dataset = get_dataset(str(tmp_path / "clips.csv"))
    assert {clip.group for clip in dataset.clips} == {f"{number}.wav" for number in range(6)}
    extract(dataset, "mfcc_stats", tmp_path / "s.zarr")
    with pytest.raises(DatasetError, match=r"0\.wav"):
        evaluate(Store(tmp_path / "s.zarr").table("mfcc_stats"), "knn")


@pytest.mark.parametrize("text", ["svm:C=-1", "svm:C=0+1", "svm:gamma=-1", "linear_svm:C=-1"])
def test_values_that_no_fold_could_use_are_refused_at_once(text):
    with pytest.raises(ParameterError):
        make_classifier(text)


def test_a_neighbour_count_beyond_the_rows_is_a_note(make_table):
    for score in evaluate(make_table(n=30), "knn:n_neighbors=1000"):
        assert any("all of them vote" in note for note in score.notes)


def test_the_statistic_of_a_test_has_the_sign_of_its_difference():
    def score(classifier, seed, accuracy):
        return Score(
            "d", "f", classifier, "nested", "1", seed, accuracy=accuracy, n_train=8, n_test=4
        )

    fixed, spread = (
        score("fixed", 0, 0.9),
        [score("spread", seed, 0.5 + seed / 50) for seed in range(4)],
    )
    a, b = pool([fixed, *spread])
    for first, second, sign in ((a, b, 1), (b, a, -1)):
        (found,) = [test for test in contrast(first, second) if test["test"] == "one-sample t-test"]
        assert math.copysign(1, found["difference"]) == sign == math.copysign(1, found["statistic"])


@pytest.mark.parametrize(
    "work",
    [
        lambda: paired.permutation([math.nan, 1, 2]),
        lambda: paired.permutation([[1.0, 2.0]]),
        lambda: paired.permutation([1.0, 2.0], groups=[1]),
        lambda: paired.corrected_t([0.1, 0.2], math.nan),
        lambda: intervals.bootstrap([math.nan, 1.0]),
        lambda: intervals.bootstrap([0.0, 1.0], resamples=0),
        lambda: intervals.bootstrap([0.0, 1.0], groups=[1]),
        lambda: intervals.wilson(0.5, math.nan),
        lambda: intervals.wilson(0.5, 10, 1.5),
        lambda: intervals.effective_size([], [], []),
        lambda: intervals.effective_size([1.0], [1.0], [1, 2]),
        lambda: ranks.critical_difference(3, 5, alpha=2),
        lambda: runs.detectable(1),
    ],
)
def test_statistics_of_what_is_no_number_are_refused(work):
    with pytest.raises(ParameterError):
        work()


@pytest.mark.parametrize("fold", [99, -3, 0])
def test_urban_sounds_in_a_fold_that_does_not_exist_are_refused(fold, tmp_path, write_wav):
    (tmp_path / "metadata").mkdir()
    line = f"1-0-0-0.wav,1,0,1,1,{fold},0,siren"
    (tmp_path / "metadata" / "UrbanSound8K.csv").write_text(
        f"slice_file_name,fsID,start,end,salience,fold,classID,class\n{line}\n"
    )
    write_wav(tmp_path / "audio" / f"fold{fold}" / "1-0-0-0.wav")
    with pytest.raises(DatasetError, match=r"expected 1 to 10|fold="):
        get_dataset(f"urbansound8k:{tmp_path}")


def test_seeds_without_effect_are_one_run_and_rounding_is_no_difference(make_table):
    table = make_table(n=30)
    scores = [
        score
        for seed in range(4)
        for name in ("knn", "elm:n_hidden=5")
        for score in evaluate(table, name, seed=seed)
    ]
    systems = {system.classifier: system for system in pool(scores)}
    assert (len(systems["knn"].run_means), len(systems["elm:n_hidden=5"].run_means)) == (1, 4)
    assert systems["knn"].spread[1] == "folds" and len(systems["knn"].runs) == 4

    def told(classifier, seed, values):
        return [
            Score(
                "d",
                "f",
                classifier,
                "nested",
                str(fold),
                seed,
                accuracy=value,
                n_train=8,
                n_test=10,
                log_loss=float(seed),
            )
            for fold, value in enumerate(values)
        ]

    orders = ((0.1, 0.2, 0.3, 0.7), (0.7, 0.3, 0.2, 0.1), (0.2, 0.7, 0.1, 0.3))
    found = pool(
        [score for seed, values in enumerate(orders) for score in told("a", seed, values)]
    )[0]
    assert len(set(found.run_means)) == 1


def test_a_fold_that_fails_costs_no_other_fold(make_table):
    y = np.array(["a"] * 40 + ["b"] * 10 + ["a"] * 10)
    folds = np.repeat([1, 2, 3], [20, 20, 20])
    folds[40:50] = 1
    for classifier in ("svm", "elm", "knn"):
        errors = [score.error for score in evaluate(make_table(n=60, y=y, folds=folds), classifier)]
        assert "one class" in errors[0] and errors[1:] == ["", ""], classifier


def test_a_whole_last_line_without_its_end_is_kept(results, make_table):
    from featkit.results import scores

    before = len(scores.read(results))
    results.write_bytes(results.read_bytes()[:-1])
    append(results, [Score("d", "f", "c", "nested", "1")])
    assert len(scores.read(results)) == before + 1
    results.write_bytes(results.read_bytes()[:-5])
    append(results, [Score("d", "f", "other", "nested", "1")])
    assert len(scores.read(results)) == before + 1


def test_the_same_audio_in_training_and_validation_is_refused(make_table):
    from dataclasses import replace

    table = make_table(n=30)
    splits = np.array(["train"] * 12 + ["valid"] * 6 + ["test"] * 12)
    contents = np.array([str(number) for number in range(30)])
    contents[12] = contents[0]
    with pytest.raises(
        DatasetError, match="1 validation clips hold the same audio with a training clip"
    ):
        evaluate(replace(table, splits=splits, contents=contents, protocol="split"), "knn")


def test_lonely_systems_are_left_out_of_a_fusion(cli, results, make_table):
    append(results, evaluate(make_table(n=30), "knn", protocol="paper"))
    done = cli("fuse", "r.jsonl", "--out", "f.jsonl")
    assert done.returncode == 0 and "nested" in done.stdout and "paper" not in done.stdout


def test_tables_for_other_programs_carry_the_marks(make_table):
    found = compare(evaluate(make_table(n=30), "knn", protocol="paper"))
    for text in (found.folds_csv(), found.confusion_csv()):
        header, *rows = text.splitlines()
        assert (
            header.endswith(",marks") and rows and all(row.endswith(",optimistic") for row in rows)
        )


def test_class_weights_that_are_no_weights_are_refused(make_table):
    from featkit.classifiers.svm import SVMGrid

    table = make_table(n=30)
    label = table.y[0]
    for weight in (0.0, -1.0, math.nan):
        with pytest.raises(ParameterError, match="above 0"):
            SVMGrid(class_weight={label: weight}).fit(table.X, table.y)


def test_another_dataset_of_the_same_name_is_not_written_into_its_results(make_table, tmp_path):
    grid, path = Grid(classifiers=("knn",)), tmp_path / "r.jsonl"
    first = make_table(n=30)
    measure([(lambda: (first, None), grid)], path)
    changed = make_table(n=30, seed=1)
    assert len(measure([(lambda: (changed, None), grid)], path).made) == 5, (
        "the same clips with other values are measured again"
    )
    names = np.array([f"other{row}" for row in range(30)])
    with pytest.raises(ParameterError, match="another dataset that is called 'toy' too"):
        measure([(lambda: (make_table(n=30, ids=names), None), grid)], path)
