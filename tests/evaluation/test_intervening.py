"""A system that lives from an artefact falls to chance when the artefact is taken away."""

import csv

import numpy as np
import pytest

from featkit import audio
from featkit.errors import ParameterError
from featkit.evaluation import evaluate, prepare
from featkit.extraction import extract
from featkit.extraction.intervened import intervened_tables
from featkit.results import Scores
from featkit.store import Store

SR = 8000


def corpus(folder, difference):
    """24 clips of noise at any level; those of class ``b`` are changed by ``difference``."""
    rng, lines = np.random.default_rng(0), [("path", "label", "fold")]
    for number in range(24):
        samples = rng.standard_normal(2 * SR)
        if number % 2:
            samples = difference(samples, rng)
        level = 10 ** rng.uniform(-2, -1)
        audio.write(folder / f"{number}.wav", (level * samples).astype(np.float32), SR)
        lines.append((f"{number}.wav", "ab"[number % 2], number // 2 % 3))
    with (folder / "set.csv").open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    extract(str(folder / "set.csv"), ["mfcc_stats:sr=8000"], folder / "s.zarr")
    return Store(folder / "s.zarr")


def hum(samples, rng):
    return samples + 3 * np.sin(2 * np.pi * 15 * np.arange(len(samples)) / SR + rng.uniform(0, 6))


def bright(samples, rng):
    return np.diff(samples, 2, prepend=[0.0, 0.0])


def accuracies(store, changes):
    table = store.table("mfcc_stats:sr=8000")
    changed = intervened_tables(store, "mfcc_stats:sr=8000", changes)
    scores = evaluate(table, "knn", interventions=changed)
    assert not any(score.error for score in scores)
    return {name[4:]: mean for name, (mean, _) in scores.means().items()}


def test_a_hum_is_seen_and_a_difference_in_sound_stays(tmp_path):
    (tmp_path / "hum").mkdir()
    (tmp_path / "bright").mkdir()
    false = accuracies(corpus(tmp_path / "hum", hum), ["highpass=20", "reverse"])
    assert false[()] == false["reverse",] == 1.0
    # Chance; the fraction of 24 coins that fall alike has a standard deviation of 0.1.
    assert false["highpass=20",] == pytest.approx(0.5, abs=0.2)
    true = accuracies(corpus(tmp_path / "bright", bright), ["highpass=20"])
    assert true == {(): 1.0, ("highpass=20",): 1.0}


@pytest.fixture
def tables(make_table):
    """A table, and one of the same clips in another order in which all classes look like the
    first.
    """
    table = make_table(n=30, spread=0.1)
    order = np.random.default_rng(1).permutation(30)
    X = np.repeat(table.X[:1], 30, axis=0)
    return table, make_table(n=30, X=X, ids=table.ids[order], y=table.y[order])


@pytest.mark.parametrize("classifier", ["knn", "svm"])
def test_each_model_is_tested_twice_and_the_first_score_is_as_without(tables, classifier):
    table, changed = tables
    scores = evaluate(table, classifier, interventions={"reverse": changed})
    assert [(score.fold, score.intervention) for score in scores] == [
        (fold, text) for fold in "12345" for text in ("", "reverse")
    ]
    plain = evaluate(table, classifier)
    assert [score.y_pred for score in scores[::2]] == [score.y_pred for score in plain]
    assert all(score.accuracy == 1.0 for score in plain)
    for score in scores[1::2]:
        assert set(score.y_pred) == {"class0"} and score.accuracy == pytest.approx(1 / 3)
        assert (score.n_test, len(score.ids)) == (6, 6)


def test_clips_without_a_row_are_left_out_and_noted(tables):
    table, changed = tables
    keep = np.flatnonzero(changed.ids != table.ids[0])
    run = prepare(table, "knn", interventions={"reverse": changed.select(keep)})
    first = run.parts(run.plan.splits[0])[1].blank
    assert first.n_test == 5 and [note.kind for note in first.notes] == ["missing"]
    scores = evaluate(table, "knn", interventions={"reverse": changed.select(keep)})
    assert table.ids[0] not in scores[1].ids and len(scores[1].ids) == 5


def test_a_fold_without_any_row_fails_alone(tables):
    table, changed = tables
    some = changed.select(np.flatnonzero(np.isin(changed.ids, table.ids[table.folds != 1])))
    scores = evaluate(table, "knn", interventions={"reverse": some})
    assert [bool(score.error) for score in scores] == [False, True] + [False] * 8


def test_what_is_there_is_not_run_again(tables):
    table, changed = tables
    scores = evaluate(table, "knn", interventions={"reverse": changed})
    done = {score.cell: score.data for score in scores}
    assert evaluate(table, "knn", interventions={"reverse": changed}, done=done) == Scores()
    del done[scores[3].cell]
    again = evaluate(table, "knn", interventions={"reverse": changed}, done=done)
    assert [score.cell for score in again] == [score.cell for score in scores[2:4]]
    assert scores[0].data != scores[1].data


def test_rows_of_other_clips_and_the_paper_protocol_are_refused(tables, make_table):
    table, changed = tables
    other = make_table(n=30, ids=np.array([f"x{row}" for row in range(30)]))
    for options in (
        {"interventions": {"reverse": other}},
        {"interventions": {"reverse": changed}, "protocol": "paper"},
    ):
        with pytest.raises(ParameterError):
            prepare(table, "knn", **options)
