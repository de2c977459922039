"""Tables at the edge, through every classifier: an exact result, or an error that says what is
wrong.
"""

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from featkit.errors import DatasetError, ParameterError
from featkit.evaluation import Folding, evaluate

FAST = ("knn", "elm", "logistic", "sgd", "mlp", "linear_svm", "svm")
ALL = (*FAST, "random_forest:n_estimators=10")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("classifier", ALL)
def test_constant_features_give_the_share_of_one_class(make_table, classifier):
    scores = evaluate(make_table(n=30, X=np.ones((30, 5), np.float32)), classifier)
    assert [score.error for score in scores] == [""] * 5
    assert all(
        score.accuracy == pytest.approx(1 / 3) and len(set(score.y_pred)) == 1 for score in scores
    )


@pytest.mark.parametrize("classifier", ALL)
def test_a_class_that_training_never_saw_is_never_right_and_has_probability_zero(
    make_table, classifier
):
    y = np.array([f"class{row % 3}" for row in range(30)])
    y[6:12] = "new"  # all of fold 2
    folds = np.arange(30) // 6 + 1
    score = next(
        score
        for score in evaluate(make_table(n=30, y=y, folds=folds), classifier)
        if score.fold == "2"
    )
    assert (score.accuracy, score.error) == (0.0, "") and "new" in score.classes
    column = score.classes.index("new")
    assert all(row[column] == 0 and sum(row) == pytest.approx(1) for row in score.probabilities)
    assert score.log_loss == pytest.approx(-np.log(np.finfo(float).eps))


@pytest.mark.parametrize("classifier", ALL)
def test_a_class_of_one_clip_is_wrong_in_its_fold_and_known_in_the_others(make_table, classifier):
    y = np.array([f"class{row % 3}" for row in range(30)])
    y[0] = "single"
    scores = evaluate(make_table(n=30, y=y, folds=np.arange(30) // 3 % 5 + 1), classifier)
    assert [score.error for score in scores] == [""] * 5
    assert scores[0].y_pred[scores[0].y_true.index("single")] != "single"


@pytest.mark.parametrize("classifier", ALL)
def test_one_class_in_a_training_part_is_named(make_table, classifier):
    y = np.array(["a"] * 10 + ["b"] * 10)
    scores = evaluate(make_table(n=20, y=y, folds=np.repeat([1, 2], 10)), classifier)
    assert [score.accuracy for score in scores] == [None, None]
    assert "10 training clips are of one class, 'b'" in scores[0].error and "'a'" in scores[1].error


@pytest.mark.parametrize("classifier", ALL)
def test_one_class_and_nan_are_refused_before_anything_runs(make_table, classifier):
    with pytest.raises(ParameterError, match="one class only"):
        evaluate(make_table(n=10, classes=1), classifier)
    X = np.ones((30, 5), np.float32)
    X[3, 2], X[7, 0] = np.nan, np.inf
    with pytest.raises(DatasetError, match="NaN or infinite values: clip3, clip7"):
        evaluate(make_table(n=30, X=X), classifier)


@pytest.mark.parametrize("classifier", ALL)
def test_fewer_clips_than_folds_are_as_many_folds_as_there_can_be(make_table, classifier):
    scores = evaluate(
        make_table(n=6, classes=2, folds=np.full(6, -1), protocol="none"),
        classifier,
        folding=Folding(n_folds=5),
    )
    assert [score.n_test for score in scores] == [2, 2, 2] and not any(
        score.error for score in scores
    )
    with pytest.raises(ParameterError, match="cannot be both trained and tested: class0"):
        evaluate(make_table(n=2, classes=2, folds=np.full(2, -1), protocol="none"), classifier)


def test_two_clips_of_each_class_cannot_be_selected_on_and_say_so(make_table):
    for score in evaluate(make_table(n=4, classes=2, folds=np.array([1, 1, 2, 2])), "svm"):
        assert "every class has a single row among 2" in score.error


@pytest.mark.parametrize("classifier", ["knn", pytest.param("elm", marks=pytest.mark.slow)])
def test_a_thousand_classes_far_apart_are_told_apart(make_table, classifier):
    n, rng = 3000, np.random.default_rng(0)
    centres = 10 * rng.standard_normal((1000, 32))
    X = (centres[np.arange(n) % 1000] + 0.01 * rng.standard_normal((n, 32))).astype(np.float32)
    table = make_table(n=n, classes=1000, n_folds=3, X=X)
    for score in evaluate(table, classifier):
        assert (score.accuracy, score.error, len(score.classes), score.n_test) == (
            1.0,
            "",
            1000,
            1000,
        )


@pytest.mark.parametrize("classifier", ["svm", "elm", "sgd", "mlp"])
def test_two_processes_give_what_one_gives(make_table, classifier):
    table = make_table(n=30, folds=np.full(30, -1), protocol="none")
    one, two = (
        evaluate(table, classifier, n_jobs=jobs, folding=Folding(n_folds=3)) for jobs in (1, 2)
    )
    for a, b in zip(one, two, strict=True):
        assert (a.cell, a.params, a.y_pred, a.probabilities) == (
            b.cell,
            b.params,
            b.y_pred,
            b.probabilities,
        )


@pytest.fixture
def cli(tmp_path):
    def start(*arguments):
        paths = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
        environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "featkit_cli", *map(str, arguments)]
        return subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def lines(path):
    """Cells and numbers, without times."""
    rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
    return {
        tuple(map(str, (row["feature"], row["classifier"], row["fold"], row["seed"]))): {
            key: value for key, value in row.items() if not key.endswith("_seconds")
        }
        for row in rows
    }, len(rows)


@pytest.mark.slow
def test_killed_evaluation_goes_on_and_ends_as_if_undisturbed(cli, tmp_path):
    features = [f"mfcc_stats:n_mfcc={count}" for count in range(6, 16)]
    classifiers = ("knn", "svm", "elm", "logistic", "sgd")
    wanted = [part for feature in features for part in ("-f", feature)]
    done = cli("extract", "synthetic:60", *wanted, "--store", "s.zarr")
    assert done.wait(300) == 0, done.stderr.read()
    arguments = [
        "evaluate",
        "s.zarr",
        *wanted,
        *(p for c in classifiers for p in ("-c", c)),
        "--seeds",
        "3",
        "--out",
    ]
    whole = cli(*arguments, "whole.jsonl")
    _, progress = whole.communicate(timeout=300)
    assert whole.returncode == 0 and "100%" in progress
    expected, count = lines(tmp_path / "whole.jsonl")
    assert count == 10 * 5 * 3 * 5
    path, kept = tmp_path / "broken.jsonl", ""
    for most in (20, 200, 500):
        broken, until = cli(*arguments, "broken.jsonl"), time.monotonic() + 300
        while not (path.exists() and path.read_text().count("\n") > most):
            assert time.monotonic() < until and broken.poll() is None
            time.sleep(0.005)
        broken.send_signal(signal.SIGKILL)
        broken.communicate(timeout=60)
        before, earlier = path.read_text(), kept
        kept = before[: before.rfind("\n") + 1]
        assert most < kept.count("\n") < count and kept.startswith(earlier)
    again = cli(*arguments, "broken.jsonl", "--json")
    out, _ = again.communicate(timeout=300)
    assert again.returncode == 0 and json.loads(out)["computed"] == count - kept.count("\n")
    assert path.read_text().startswith(kept)
    found, number = lines(path)
    assert number == count and found == expected


def test_the_command_line_names_one_class_and_lost_folds(cli, write_wav, tmp_path):
    table = ["path,label,fold"]
    for number in range(6):
        write_wav(tmp_path / f"{number}.wav")
        table.append(f"{number}.wav,{'a' if number < 3 else 'b'},{1 if number < 3 else 2}")
    (tmp_path / "clips.csv").write_text("\n".join(table) + "\n")
    assert cli("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").wait(120) == 0
    done = cli(
        "evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn", "-c", "sgd", "--out", "r.jsonl"
    )
    _, said = done.communicate(timeout=120)
    assert (
        done.returncode == 1
        and "3 training clips are of one class, 'b'" in said
        and "Traceback" not in said
    )
