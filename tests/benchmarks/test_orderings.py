"""The table of the paper's orderings, on scores whose differences are known."""

import importlib.util
from pathlib import Path

import pytest
from scipy.stats import ttest_ind

from featkit.results import append

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def orderings():
    spec = importlib.util.spec_from_file_location(
        "benchmark_orderings", ROOT / "benchmarks" / "orderings.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(right):
    """Two folds of twenty clips, of which ``right`` in all are right."""
    return [
        [clip < right - right // 2 for clip in range(20)],
        [clip < right // 2 for clip in range(20)],
    ]


def test_differences_and_p_are_those_of_the_seeds(orderings, make_scores, tmp_path):
    counts = {"7x86": (30, 31, 33), "7x96": (24, 25, 27)}
    made = [
        score
        for arch, seeds in counts.items()
        for seed, right in enumerate(seeds)
        for score in make_scores(
            _rows(right), feature=f"random_cnn:arch={arch},seed={seed}", classifier="svm"
        )
    ]
    made += make_scores(_rows(26), feature="random_cnn:arch=7x86,size=large", classifier="svm")
    made += make_scores(_rows(28), feature="random_cnn:arch=7x96,size=large", classifier="svm")
    append(tmp_path / "r.jsonl", made)
    (line,) = [
        line for line in orderings.table(tmp_path / "r.jsonl") if line.startswith("| 7x86 > 7x96")
    ]
    _, _, _, small_svm, small_elm, large_svm, large_elm, _ = (
        cell.strip() for cell in line.split("|")
    )
    p = ttest_ind(
        [value / 40 for value in counts["7x86"]], [value / 40 for value in counts["7x96"]]
    ).pvalue
    assert small_svm == f"**+15.0, p = {p:.3f}**"
    assert large_svm == "-5.0"
    assert (small_elm, large_elm) == ("–", "–")


def test_the_committed_study_has_every_cell(orderings):
    runs = orderings.accuracies(ROOT / "benchmarks" / "papers" / "random_cnn_small.jsonl")
    small = {key: values for key, values in runs.items() if key[1] == "small"}
    large = {key: values for key, values in runs.items() if key[1] == "large"}
    assert len(small) == len(large) == 22  # eleven architectures, two classifiers
    assert {len(values) for values in small.values()} == {3}
    assert {len(values) for values in large.values()} == {1}
