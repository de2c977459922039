import math

import numpy as np
import pytest
from conftest import MFCC, fill
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import featkit
from featkit.errors import DatasetError, ParameterError
from featkit.evaluation import Folding, evaluate, prepare
from featkit.results import Scores, append, done, read
from featkit.store import Store

KNN = KNeighborsClassifier()


class Broken(KNeighborsClassifier):
    """Fails where the first training row is clip 0."""

    bad = None

    def fit(self, X, y):
        if np.array_equal(X[0], Broken.bad):
            raise RuntimeError("this fold is cursed")
        return super().fit(X, y)


def test_every_clip_is_predicted_once_and_scores_equal_a_plain_loop(make_table):
    table = make_table(n=60)
    scores = featkit.evaluate(table, KNN)
    assert sorted(name for score in scores for name in score.ids) == sorted(table.ids)
    for score in scores:
        test = table.folds == int(score.fold)
        model = KNeighborsClassifier().fit(table.X[~test], table.y[~test])
        assert score.y_pred == tuple(model.predict(table.X[test]))
        assert score.accuracy == model.score(table.X[test], table.y[test])
        assert np.array_equal(score.probabilities, model.predict_proba(table.X[test]))
        assert (score.n_train, score.n_test, score.error) == (48, 12, "")
        assert score.y_true == tuple(table.y[test])
        assert score.classes == ("class0", "class1", "class2")
        assert score.model_bytes >= 48 * table.X.shape[1] * 4
        assert score.cell == ("toy", "points", "KNeighborsClassifier()", "nested", score.fold, 0)


def test_scaling_happens_inside_the_fold(make_table):
    table = make_table(n=30)
    table.X[table.folds == 1] *= 1e3
    pipe = make_pipeline(StandardScaler(), KNeighborsClassifier())
    (score,) = (score for score in evaluate(table, pipe) if score.fold == "1")
    train = table.folds != 1
    assert score.y_pred == tuple(pipe.fit(table.X[train], table.y[train]).predict(table.X[~train]))


def test_processes_change_nothing(make_table):
    table = make_table(n=60)
    alone, together = (evaluate(table, LogisticRegression(), n_jobs=jobs) for jobs in (1, 2))
    assert [(score.cell, score.y_pred, score.probabilities) for score in alone] == [
        (score.cell, score.y_pred, score.probabilities) for score in together
    ]


def test_a_failing_cell_is_named_and_the_others_run(make_table):
    table = make_table(n=30)
    Broken.bad = table.X[table.folds != 2][0].copy()
    scores = evaluate(table, Broken())
    failed = [score for score in scores if score.error]
    assert len(scores) == 5 and [score.error for score in failed] == [
        "RuntimeError: this fold is cursed"
    ] * len(failed)
    assert {score.fold for score in failed} == {"2", "3", "4", "5"}
    assert all(score.accuracy is None and score.ids == () for score in failed)


def test_a_run_that_was_stopped_goes_on_where_it_was(make_table, tmp_path):
    table, path, seen = make_table(n=30), tmp_path / "r.jsonl", []

    def stop_at_third(score):
        append(path, [score])
        seen.append(score.fold)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(table, KNN, on_score=stop_at_third)
    cells = prepare(table, KNN).cells
    assert list(done(path)) == cells[:3]
    rest = evaluate(table, KNN, done=done(path), on_score=lambda score: append(path, [score]))
    assert [score.fold for score in rest] == ["4", "5"]
    assert {score.cell for score in read(path)} == set(cells)
    assert evaluate(table, KNN, done=done(path)) == []


def test_results_of_other_data_are_not_taken_for_done(make_table):
    table = make_table(n=30)
    known = {score.cell: score.data for score in evaluate(table, KNN)}
    table = make_table(n=30)
    assert evaluate(table, KNN, done=known) == []
    table = make_table(n=30)
    table.X[3, 0] += 1e-3
    assert len(evaluate(table, KNN, done=known)) == 5


def test_leaking_folds_are_refused_or_marked(make_table):
    table = make_table(n=30, groups=np.array(["one"] * 30))
    with pytest.raises(DatasetError, match="share their group"):
        evaluate(table, KNN)
    assert all(score.leaky for score in evaluate(table, KNN, folding=Folding(allow_leakage=True)))


def test_rows_that_are_not_finite_are_named(make_table):
    table = make_table(n=30)
    table.X[4, 2], table.X[7, 0] = np.nan, np.inf
    with pytest.raises(DatasetError, match="NaN or infinite values: clip4, clip7"):
        evaluate(table, KNN)


def test_ragged_rows_are_summarised_and_noted(make_table, rng):
    rows = [rng.standard_normal((3 + row % 4, 5)) for row in range(30)]
    scores = evaluate(make_table(n=30, X=rows, pooling="mean_std"), KNN)
    assert all([note.kind for note in score.notes] == ["pooled"] for score in scores)


def test_missing_clips_are_noted(make_table):
    (note,) = evaluate(make_table(n=30, n_missing=7), KNN)[0].notes
    assert note.kind == "missing" and note.text.startswith("7 clips")


def test_another_corpus_is_the_test_part(make_table):
    table, test = make_table(n=60), make_table(n=30, seed=5, dataset="other")
    (score,) = evaluate(table, KNN, test=test)
    model = KNeighborsClassifier().fit(table.X, table.y)
    assert score.y_pred == tuple(model.predict(test.X))
    assert (score.dataset, score.fold, score.n_train) == ("toy→other", "test", 60)


def test_a_class_absent_from_training_gets_probability_zero(make_table):
    table = make_table(n=30, folds=np.where(np.arange(30) % 3 == 2, 1, np.arange(30) % 2 + 1))
    score = evaluate(table, KNN)[0]
    assert {row[2] for row in score.probabilities} == {0.0}
    assert score.log_loss > 1 and math.isfinite(score.log_loss)


def test_warnings_of_a_fit_become_notes(make_table):
    (score, *_) = evaluate(make_table(n=30), LogisticRegression(max_iter=1))
    (note,) = score.notes
    assert note.kind == "warning" and note.text.startswith("ConvergenceWarning: ")


def test_bad_requests_are_refused_before_anything_runs(make_table):
    with pytest.raises(ParameterError, match="'honest' is not one of nested, paper"):
        evaluate(make_table(), KNN, protocol="honest")
    with pytest.raises(ParameterError, match="unknown classifier 'nonesuch'"):
        evaluate(make_table(), "nonesuch")
    with pytest.raises(ParameterError, match="neither text nor"):
        evaluate(make_table(), 42)


def test_a_neighbour_count_beyond_the_rows_is_a_note(make_table):
    for score in evaluate(make_table(n=30), "knn:n_neighbors=1000"):
        assert any(
            note.kind == "warning" and "all of them vote" in note.text for note in score.notes
        )


def test_a_store_is_evaluated_feature_by_feature_and_classifier_by_classifier(
    audio_folder, tmp_path
):
    fill(audio_folder(12), tmp_path / "s.zarr")
    store, two = Store(tmp_path / "s.zarr"), Folding(n_folds=2)
    scores = evaluate(store, classifiers=["knn", KNN], folding=two)
    assert isinstance(scores, Scores)
    names = [(score.feature, score.classifier, score.fold) for score in scores]
    assert names == [
        (feature, classifier, fold)
        for feature in store.features
        for classifier in ("knn", "KNeighborsClassifier()")
        for fold in ("1of2", "2of2")
    ]
    one = evaluate(store, "knn", features=MFCC, folding=two)
    same = evaluate(store.table(MFCC), "knn", folding=two)
    assert [(s.cell, s.y_pred) for s in one] == [(s.cell, s.y_pred) for s in same]
    assert {
        score.fold
        for score in evaluate(
            store, "knn", features=[MFCC], test=store, folding=Folding(allow_leakage=True)
        )
    } == {"test"}


def test_what_does_not_go_together_is_refused_before_work(make_table, audio_folder, tmp_path):
    fill(audio_folder(4), tmp_path / "s.zarr", features=(MFCC,))
    store, table = Store(tmp_path / "s.zarr"), make_table()
    called = []
    for data, options in (
        (table, {}),
        (table, {"classifier": "knn", "classifiers": ["knn"]}),
        (table, {"classifiers": "knn"}),
        (table, {"classifiers": []}),
        (table, {"classifiers": ["knn", "nonesuch"]}),
        (table, {"classifier": "knn", "features": ["points"]}),
        (table, {"classifier": "knn", "test": store}),
        (store, {"classifier": "knn", "test": table}),
        (store, {"classifier": "knn", "features": [MFCC, "cqt"]}),
        (store, {"classifier": "knn", "features": []}),
    ):
        with pytest.raises(ParameterError):
            evaluate(data, on_score=called.append, **options)
    assert called == []
