"""Running an experiment: what is planned and checked, computed once, fused, and resumed after a
kill.
"""

import dataclasses
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import zarr
from conftest import cli

from featkit.errors import DatasetError, ParameterError, StoreError
from featkit.evaluation import Folding, evaluate
from featkit.experiment import Experiment, Fusion, Systems, check, run
from featkit.extraction import extract
from featkit.results import fuse, read
from featkit.store import Store

SMALL = "logmel:sr=8000,n_fft=256,n_mels=20"
KNN = "knn:n_neighbors=1+3"


THREE = Folding("drawn", n_folds=3)


@pytest.fixture
def make(audio_folder, tmp_path):
    """A function that makes an experiment on a small folder of tones; keywords replace its fields,
    or those of its systems.
    """

    def made(**changes):
        own = {field.name for field in dataclasses.fields(Systems)} - {"dataset"}
        block = {"features": (SMALL,), "classifiers": (KNN,), "folding": THREE}
        block |= {key: changes.pop(key) for key in list(changes) if key in own}
        out = tmp_path / "out"
        given = {
            "dataset": (str(audio_folder(12)),),
            "store": f"{out}/s.zarr",
            "results": f"{out}/r.jsonl",
        }
        return Experiment(**({"systems": (Systems(**block),)} | given | changes))

    return made


def without_seconds(path):
    return {
        score.cell: dataclasses.replace(score, fit_seconds=0.0, predict_seconds=0.0)
        for score in read(path)
    }


def test_an_experiment_is_extract_evaluate_and_compare(make, tmp_path):
    actual = run(
        check(make(report=str(tmp_path / "out" / "page.html"))), command="featkit run c.yaml"
    )
    extract(str(tmp_path / "set"), [SMALL], tmp_path / "own.zarr")
    own = evaluate(Store(tmp_path / "own.zarr")[SMALL].table(), KNN, folding=THREE)
    assert [(score.cell, score.y_pred, score.data) for score in actual.computed] == [
        (s.cell, s.y_pred, s.data) for s in own
    ]
    (system,) = actual.comparison.systems
    assert system["mean"] == pytest.approx(np.mean([score.accuracy for score in own]), abs=1e-12)
    assert (actual.failures, actual.problems) == (0, ())
    page, tables = (Path(place).read_text(encoding="utf-8") for place in actual.written)
    assert "featkit run c.yaml" in page and actual.comparison.to_markdown() == tables


def test_a_second_run_computes_nothing(make):
    fusion = Fusion(name="all", rule="vote")
    experiment = make(features=(SMALL, "mfcc_stats"), fuse=(fusion,))
    first = run(check(experiment))
    assert (len(first.computed), len(first.fused)) == (2 * 3, 3)
    before = Path(experiment.results).read_bytes()
    second = run(check(experiment))
    assert (second.computed, second.fused, second.failures) == ((), (), 0)
    assert [
        counts.computed for report in second.extracted for counts in report.features.values()
    ] == [0, 0]
    assert Path(experiment.results).read_bytes() == before
    assert second.comparison.systems == first.comparison.systems


def test_more_systems_are_added_to_what_is_there(make):
    run(check(make()))
    actual = run(check(make(classifiers=(KNN, "elm:n_hidden=20"), seeds=2)))
    # 2 classifiers x 2 seeds x 3 folds, of which one classifier with seed 0 was there
    assert len(actual.plan.cells) == 12 and len(actual.computed) == 9


def test_the_cells_are_the_product_and_known_before_any_work(make):
    plan = check(
        make(
            features=("random_cnn:seed=0-1", "mfcc_stats"),
            classifiers=(KNN, "elm:seed=5"),
            seeds=3,
            protocol=("nested", "paper"),
            folding=Folding("drawn", 3, only_folds=("1of3", "3of3")),
        )
    )
    # 3 features x (3 seeds + 1 that is given) x 2 protocols x 2 folds
    assert len(plan.cells) == 3 * (3 + 1) * 2 * 2
    assert {cell[1] for cell in plan.cells} == {"random_cnn", "random_cnn:seed=1", "mfcc_stats"}
    assert not (Path(plan.experiment.results).parent).exists()


def test_what_is_planned_says_what_is_there(make):
    experiment = make()
    empty = check(experiment).to_dict()
    assert (empty["cells"], empty["done"]) == (3, 0)
    run(check(make(folding=Folding("drawn", 3, only_folds=("2of3",)))))
    actual = check(experiment).to_dict()
    assert (actual["cells"], actual["done"]) == (3, 1)
    (features,) = (corpus["features"] for corpus in actual["datasets"].values())
    assert list(features.values()) == [{"done": 12, "clips": 12}]


def test_two_datasets_have_a_store_each_and_one_may_test_the_other(make, audio_folder, tmp_path):
    other = str(audio_folder(6, "other"))
    experiment = make(store=f"{tmp_path}/stores/{{dataset}}.zarr")
    across = dataclasses.replace(
        experiment.systems[0], test=other, folding=Folding(allow_leakage=True)
    )
    actual = run(check(dataclasses.replace(experiment, systems=(*experiment.systems, across))))
    assert sorted(
        path.name for path in (tmp_path / "stores").iterdir() if path.suffix == ".zarr"
    ) == ["other.zarr", "set.zarr"]
    score = actual.computed[-1]
    assert (score.dataset, score.fold, score.n_train, score.n_test) == ("set→other", "test", 12, 6)
    # Both folders hold the same sounds.
    assert score.leaky and "6 test clips are from the same recording" in score.notes[0].text
    assert [score.dataset for score in actual.computed[:-1]] == ["set"] * 3


def test_joined_features_need_their_parts_only(make):
    actual = run(check(make(features=(f"{SMALL}+mfcc_stats", "mfcc_stats"))))
    names = [counts.name for report in actual.extracted for counts in report.features.values()]
    assert names == [SMALL, "mfcc_stats"] and actual.plan.to_dict()["done"] == 6
    assert [score.feature for score in actual.computed] == [f"{SMALL}+mfcc_stats"] * 3 + [
        "mfcc_stats"
    ] * 3


def test_a_fusion_is_that_of_the_stored_predictions(make):
    members = (f"{SMALL} + {KNN}", f"mfcc_stats + {KNN}")
    experiment = make(
        features=(SMALL, "mfcc_stats"),
        classifiers=(KNN, "elm:n_hidden=20"),
        seeds=2,
        fuse=(Fusion(name="pair", members=members),),
    )
    actual = run(check(experiment))
    stored = read(experiment.results)
    expected = fuse(
        [score for score in stored if score.classifier == KNN and score.feature != "pair"]
    )
    assert [(s.fold, s.seed, s.y_pred, s.probabilities) for s in actual.fused] == [
        (s.fold, s.seed, s.y_pred, s.probabilities) for s in expected
    ]
    assert len(expected) == 2 * 3 and {score.feature for score in actual.fused} == {"pair"}
    assert "pair" in {system["feature"] for system in actual.comparison.systems}


def test_where_a_classifier_runs_is_no_part_of_its_name(make):
    members = (f"{SMALL} + {KNN},n_jobs=2", f"mfcc_stats + {KNN}")
    experiment = make(
        features=(SMALL, "mfcc_stats"),
        classifiers=(f"{KNN},n_jobs=1",),
        fuse=(Fusion(name="pair", members=members),),
        baseline=f"mfcc_stats + {KNN},n_jobs=3",
    )
    found = run(check(experiment))
    assert {score.classifier for score in found.computed} == {KNN}
    assert (len(found.fused), found.problems) == (3, ())
    assert {test["a"] for test in found.comparison.tests} == {f"mfcc_stats + {KNN}"}


def test_a_fusion_without_one_of_its_members_is_a_problem(make):
    experiment = make(classifiers=(KNN, "elm:n_hidden=0"), fuse=(Fusion(name="both"),))
    actual = run(check(experiment))
    assert len(actual.failed) == 3 and actual.fused == ()
    assert len(actual.problems) == 1 and actual.problems[0].startswith("fuse 'both': ")


def test_the_report_keeps_a_dot_in_its_name(make):
    assert [path.name for path in make(report="/r/v1.0.html").pages] == ["v1.0.html", "v1.0.md"]
    assert (
        make(report="/r/v1.0.md").pages
        == make(report="/r/v1.0").pages
        == make(report="/r/v1.0.html").pages
    )
    assert make().pages == ()


def test_across_seeds_all_members_become_one(make):
    fusion = Fusion(name="of seeds", across_seeds=True)
    actual = run(check(make(classifiers=("elm:n_hidden=20",), seeds=3, fuse=(fusion,))))
    assert [score.fold for score in actual.fused] == ["1of3", "2of3", "3of3"]
    assert all(len(score.params["members"]) == 3 for score in actual.fused)


def test_a_recording_that_cannot_be_read_fails_alone(make):
    experiment = make()
    broken = Path(experiment.dataset[0]) / "low" / "00.wav"
    broken.write_bytes(b"no sound")
    actual = run(check(experiment))
    assert len(actual.computed) == 3 and not actual.failed
    assert [failure.path for report in actual.extracted for failure in report.failures] == [
        str(broken)
    ]
    assert actual.failures == 1 and all(
        score.notes[0].kind == "missing" for score in actual.computed
    )


def test_a_table_that_leaks_is_a_problem_and_the_others_run(make, write_wav, tmp_path):
    rows = [f"{label}{fold}.wav,{label},{fold}" for fold in (1, 2, 3) for label in "ab"]
    for row in rows:
        write_wav(tmp_path / row.partition(",")[0])
    (tmp_path / "a2.wav").write_bytes((tmp_path / "a1.wav").read_bytes())
    (tmp_path / "twice.csv").write_text("path,label,fold\n" + "\n".join(rows), encoding="utf-8")
    experiment = make(
        store=f"{tmp_path}/{{dataset}}.zarr", folding=Folding(n_folds=3), features=("mfcc_stats",)
    )
    actual = run(
        check(
            dataclasses.replace(
                experiment, dataset=(str(tmp_path / "twice.csv"), *experiment.dataset)
            )
        )
    )
    assert (
        len(actual.problems) == 1
        and "from the same recording" in actual.problems[0]
        and actual.failures == 1
    )
    assert [score.dataset for score in actual.computed] == ["set"] * 3


def test_a_trial_uses_its_first_clips_only(make):
    experiment = make()
    run(check(experiment))
    trial = run(check(dataclasses.replace(experiment, limit=8)))
    assert sum(score.n_test for score in trial.computed) == 8
    assert not any(note.kind == "missing" for score in trial.computed for note in score.notes)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"dataset": ("/nowhere/at/all",)}, DatasetError, "no file or folder '/nowhere/at/all'"),
        (
            {"folding": Folding("drawn", 3, only_folds=("4of3",))},
            ParameterError,
            "no fold is called 4of3; there are: 1of3, 2of3, 3of3",
        ),
        ({"folding": Folding("groups")}, ParameterError, "no groups to leave out"),
        ({"classifiers": ("knn:k=1",)}, ParameterError, "knn has no parameter 'k'"),
        ({"baseline": "svm"}, ParameterError, "no system is called 'svm'"),
        (
            {"fuse": (Fusion(name="f", members=("mfcc + svm",)),)},
            ParameterError,
            "'mfcc . svm' is not among the systems: logmel",
        ),
        (
            {"fuse": (Fusion(name="f", members=("mfcc",)),)},
            ParameterError,
            "'mfcc' is not 'FEATURE . CLASSIFIER'",
        ),
        ({"fuse": (Fusion(name="f"),)}, ParameterError, "two members or more"),
        (
            {"classifiers": (KNN, "elm:seed=3"), "fuse": (Fusion(name="f"),)},
            ParameterError,
            "classifier seed has all members",
        ),
        (
            {"features": (SMALL, "mfcc_stats"), "fuse": (Fusion(name="mfcc_stats"),)},
            ParameterError,
            "a feature has this name",
        ),
        (
            {"test": "synthetic:20"},
            ParameterError,
            r"a store holds one dataset and there are 2 \(set, synthetic\)",
        ),
        ({"results": "/dev/null/r.jsonl"}, ParameterError, "'/dev/null' is not a writable folder"),
        ({"report": "/dev/null/page"}, ParameterError, "page.html' cannot be written"),
        ({"store": "/dev/null/s.zarr"}, StoreError, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_reported_before_any_work(
    make, tmp_path, monkeypatch, changes, error, message
):
    monkeypatch.setenv("FEATKIT_CACHE", str(tmp_path / "cache"))
    experiment = make(**changes)
    with pytest.raises(error, match=message):
        check(experiment)
    assert not (tmp_path / "out").exists()


def test_two_datasets_of_one_name_are_refused(make, audio_folder, tmp_path):
    twin = tmp_path / "more"
    audio_folder(4, "more/set")
    experiment = make(
        dataset=(str(tmp_path / "set"), str(twin / "set")), store=f"{tmp_path}/{{dataset}}.zarr"
    )
    audio_folder(12)
    with pytest.raises(ParameterError, match="are both called 'set'"):
        check(experiment)


def test_results_that_are_not_results_are_refused_before_any_work(make, tmp_path):
    experiment = make()
    (tmp_path / "out").mkdir()
    Path(experiment.results).write_text('{"a": 1}\n{"b": 2}\n', encoding="utf-8")
    with pytest.raises(ParameterError, match="line 1: not a result of featkit"):
        check(experiment)
    assert not Path(experiment.store).exists()


@pytest.mark.parametrize("after", [1, 4, 5])
def test_a_run_that_was_stopped_gives_what_an_undisturbed_one_gives(make, tmp_path, after):
    experiment = make(classifiers=("svm", "elm:n_hidden=20+40"), fuse=(Fusion(name="both"),))
    undisturbed = dataclasses.replace(
        experiment, results=str(tmp_path / "whole.jsonl"), store=str(tmp_path / "whole.zarr")
    )
    run(check(undisturbed))
    left = [after]

    def progress(title, cells, expected):
        def step(score):
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt

        return step

    with pytest.raises(KeyboardInterrupt):
        run(check(experiment), progress=progress)
    assert len(read(experiment.results)) == after
    actual = run(check(experiment))
    assert len(actual.computed) == 6 - after
    assert without_seconds(experiment.results) == without_seconds(undisturbed.results)


CONFIG = """\
dataset: synthetic:60
store: s.zarr
results: r.jsonl
report: page.html
jobs: 1
systems:
  - features: [mfcc_stats, "random_cnn:arch=7x96,seed=0-1"]
    classifiers: [svm, "elm:n_hidden=20+40", "random_forest:n_estimators=20"]
fuse: {name: all by vote, rule: vote}
"""


def start(folder, cache):
    """Start the experiment of a folder, with one thread."""
    return cli(folder, "run", "c.yaml", FEATKIT_CACHE=str(cache), OMP_NUM_THREADS="1")


def standing(folder):
    """How many files the store has, and how many lines the results."""
    results = folder / "r.jsonl"
    # Folders come and go under the writer's hands: os.walk leaves out what is gone when it gets
    # there, rglob fails.
    files = sum(len(names) for _, _, names in os.walk(folder / "s.zarr"))
    return files, results.read_bytes().count(b"\n") if results.exists() else 0


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_the_results_are_the_same(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
        (folder / "c.yaml").write_text(CONFIG, encoding="utf-8")
    # 3 features of 60 clips; 3 features x 3 classifiers x 5 folds; 5 folds fused
    undisturbed = start(whole, tmp_path / "cache")
    assert "180 rows extracted, 45 cells computed, 5 fused" in undisturbed.communicate()[0]
    lines = []
    every = standing(whole)[0]
    extracting = ((1, 0), (every // 3, 0), (2 * every // 3, 0))
    for files, cells in (*extracting, (0, 1), (0, 12), (0, 31), (0, 45), (0, 47)):
        process = start(killed, tmp_path / "cache")
        while process.poll() is None and (
            standing(killed)[0] < files or standing(killed)[1] < cells
        ):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        lines.append(standing(killed)[1])
    assert lines == sorted(lines) and lines[0] == 0 and any(0 < count < 45 for count in lines), (
        lines
    )
    last = start(killed, tmp_path / "cache")
    last.communicate()
    assert last.returncode == 0
    assert without_seconds(killed / "r.jsonl") == without_seconds(whole / "r.jsonl")
    first, second = (
        dict(zarr.open_group(str(folder / "s.zarr"), mode="r").arrays())
        for folder in (whole, killed)
    )
    assert first.keys() == second.keys()
    for name in first.keys() - {"mtime"}:
        np.testing.assert_array_equal(first[name][:], second[name][:], err_msg=name)
    again = start(killed, tmp_path / "cache")
    assert "0 rows extracted, 0 cells computed, 0 fused" in again.communicate()[0]


@pytest.mark.parametrize("players", [True, False])
def test_the_page_pictures_the_clips_that_were_wrong(make, tmp_path, players):
    experiment = make(report=str(tmp_path / "page.html"), audio=players)
    for name in ("01.wav", "03.wav"):
        (tmp_path / "set" / "high" / name).rename(tmp_path / "set" / "low" / name)
    page = Path(run(check(experiment)).written[0]).read_text(encoding="utf-8")
    assert 'class="specimens"' in page
    assert ("<audio" in page) == players


def test_the_family_of_tests_is_chosen(make):
    three = ("knn:n_neighbors=1", "knn:n_neighbors=3", "logistic")
    best = run(check(make(classifiers=three))).comparison
    pairs = run(check(make(classifiers=three, all_pairs=True))).comparison
    assert len({(test["a"], test["b"]) for test in best.tests}) == 2
    assert len({(test["a"], test["b"]) for test in pairs.tests}) == 3
    with pytest.raises(ParameterError, match="all_pairs"):
        make(classifiers=three, baseline="logistic", all_pairs=True)
