import dataclasses

import numpy as np
import pytest

from featkit.comparison.overview import compare
from featkit.errors import ParameterError
from featkit.results import append

SYSTEM_FIELDS = {
    "dataset",
    "feature",
    "classifier",
    "protocol",
    "mean",
    "std",
    "ci95",
    "n_runs",
    "rank",
}
TEST_FIELDS = {"a", "b", "test", "p", "p_adjusted"}


def test_systems_are_ranked_by_mean(scores, rights):
    comparison = compare(scores)
    order = sorted(rights, key=lambda name: -rights[name].mean())
    assert [row["classifier"] for row in comparison.systems] == order
    assert [row["rank"] for row in comparison.systems] == [1, 2, 3, 4]
    assert comparison.systems[0]["mean"] == pytest.approx(rights[order[0]].mean())
    assert all(row.keys() >= SYSTEM_FIELDS for row in comparison.systems)
    assert all(test.keys() >= TEST_FIELDS for test in comparison.tests)
    assert len(comparison.tests) == 2 * 3


def test_the_family_is_what_was_asked_for_and_adjusted_alone(scores):
    best, pairs = compare(scores), compare(scores, all_pairs=True)
    against = compare(scores, baseline="knn")
    assert [len(found.tests) for found in (best, pairs, against)] == [2 * 3, 2 * 6, 2 * 3]
    assert {test["a"] for test in best.tests} == {"mfcc + svm"}
    assert pairs.all_pairs and not best.all_pairs and pairs.to_dict()["all_pairs"] is True
    by_pair = {(test["a"], test["b"], test["test"]): test for test in pairs.tests}
    for test in best.tests:
        same = by_pair[test["a"], test["b"], test["test"]]
        assert same["p"] == test["p"] and same["p_adjusted"] >= test["p_adjusted"]
    smallest = min(test["p"] for test in best.tests if test["test"].startswith("McNemar"))
    assert min(test["p_adjusted"] for test in best.tests) == pytest.approx(3 * smallest)
    assert "baseline mfcc + knn" in against.family and "every pair" in pairs.family
    with pytest.raises(ParameterError, match="choose one"):
        compare(scores, baseline="knn", all_pairs=True)


def test_an_incomplete_system_is_not_a_reference(scores):
    cut = [score for score in scores if score.classifier != "svm" or score.fold != "5"]
    assert {test["a"] for test in compare(cut).tests} == {"mfcc + forest"}


def test_equal_systems_share_a_rank(make_scores):
    right = np.eye(4)
    scores = [
        score
        for name in "abc"
        for score in make_scores(right if name != "c" else np.zeros((4, 4)), classifier=name)
    ]
    assert [row["rank"] for row in compare(scores).systems] == [1, 1, 3]


def test_datasets_and_protocols_are_ranked_and_tested_apart(make_scores, rights):
    scores = []
    for dataset, protocol in (("x", "nested"), ("x", "paper"), ("y", "nested")):
        for name in ("knn", "svm"):
            scores += make_scores(rights[name], classifier=name, dataset=dataset, protocol=protocol)
    comparison = compare(scores)
    assert [(row["dataset"], row["protocol"], row["rank"]) for row in comparison.systems] == [
        ("x", "nested", 1),
        ("x", "nested", 2),
        ("x", "paper", 1),
        ("x", "paper", 2),
        ("y", "nested", 1),
        ("y", "nested", 2),
    ]
    assert len(comparison.tests) == 3 * 2
    assert any("x, paper: optimistic" in note for note in comparison.notes)


def test_failed_cells_are_listed_and_never_averaged(scores):
    broken = dataclasses.replace(
        scores[0], error="ValueError: no", accuracy=None, ids=(), y_true=(), y_pred=(), groups=()
    )
    comparison = compare([broken, *scores[1:]])
    (row,) = [row for row in comparison.systems if row["classifier"] == "knn"]
    assert row["rank"] is None and row["n_folds"] == 4 and row["n_failed"] == 1
    assert row["marks"] == ["incomplete: 4 of 5 folds"]
    assert comparison.systems[-1] is row
    assert (
        comparison.failures[0]["error"] == "ValueError: no"
        and comparison.failures[0]["fold"] == "1"
    )
    assert not any("knn" in test["a"] + test["b"] for test in comparison.tests)
    assert any(
        "not ranked, because folds are missing: mfcc + knn" in note for note in comparison.notes
    )


@pytest.mark.parametrize("name", ["mfcc + knn", "knn"])
def test_a_baseline_is_tested_against_all_others(scores, name):
    comparison = compare(scores, baseline=name)
    assert comparison.baseline == "mfcc + knn"
    assert {test["a"] for test in comparison.tests} == {"mfcc + knn"}
    assert {test["b"] for test in comparison.tests} == {
        "mfcc + svm",
        "mfcc + forest",
        "mfcc + linear",
    }


def test_a_seed_of_a_pooled_system_names_it(make_scores, rights, scores):
    pooled = [
        score
        for seed in (0, 1)
        for score in make_scores(rights["svm"], feature=f"cnn:seed={seed}", classifier="svm")
    ]
    assert compare(scores + pooled, baseline="cnn:seed=1").baseline == "cnn:seed=0-1 + svm"


def test_a_baseline_that_is_not_one_system_lists_them(scores):
    with pytest.raises(
        ParameterError, match=r"no system is called 'elm'; the systems: mfcc \+ forest; mfcc \+ knn"
    ):
        compare(scores, baseline="elm")
    with pytest.raises(ParameterError, match=r"4 systems are called 'mfcc'"):
        compare(scores, baseline="mfcc")
    with pytest.raises(ParameterError, match="no results to compare"):
        compare([])


def test_different_clips_are_reported(scores):
    cut = [
        dataclasses.replace(
            s, **{n: getattr(s, n)[:30] for n in ("ids", "groups", "y_true", "y_pred")}
        )
        if s.classifier == "knn"
        else s
        for s in scores
    ]
    assert any(
        "mfcc + knn" in note and "tested on different clips (50 differ)" in note
        for note in compare(cut).notes
    )


def test_folds_of_different_data_are_reported(scores):
    mixed = [
        dataclasses.replace(score, data=score.fold if score.classifier == "svm" else "same")
        for score in scores
    ]
    assert [note for note in compare(mixed).notes if "different states of the data" in note] == [
        "toy, nested: mfcc + svm was measured on different states of the data; evaluate it again"
    ]


def test_paths_of_results_are_read(scores, tmp_path):
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    append(first, scores[:10])
    append(second, scores[10:])
    whole = compare(scores).to_dict()
    assert compare([first, str(second)]).to_dict() == whole
    assert compare([first, *scores[10:]]).to_dict() == whole
    assert len(compare(str(first)).systems) == 2
    changed = dataclasses.replace(scores[0], data="other")
    append(second, [changed])
    with pytest.warns(UserWarning, match="1 results of .*a.jsonl.* are replaced"):
        compare([first, second])


def test_the_notebook_shows_the_difference_to_the_best(scores, rights):
    page = compare(scores)._repr_html_()
    order = sorted(rights, key=lambda name: -rights[name].mean())
    assert [page.index(f">{name}<") for name in order] == sorted(
        page.index(f">{name}<") for name in order
    )
    gap = rights[order[0]].mean() - rights["knn"].mean()
    assert f">−{100 * gap:.1f}<" in page
    assert "Difference" not in compare(scores, all_pairs=True)._repr_html_()


def test_two_datasets_of_one_name_are_refused(make_scores):
    correct = [[1, 0, 1], [1, 1, 0]]
    first = make_scores(correct)
    for changes in ({"ids": ("u", "v", "w")}, {"classes": ("a", "b", "c")}):
        other = make_scores(correct, feature="logmel")
        other = [dataclasses.replace(score, **changes) for score in other]
        with pytest.raises(ParameterError, match="there are results of different datasets"):
            compare([*first, *other])
    # The same cells again, on other data: the last ones do not replace the first in silence.
    again = [dataclasses.replace(score, ids=("u", "v", "w")) for score in first]
    with pytest.raises(ParameterError, match="shares no clip"):
        compare([*first, *again])
