import numpy as np
import pytest

from featkit.classifiers._search.engine import Engine, Outcome


class Prior(Engine):
    """Candidate ``rank`` predicts the class that is ``rank``-th in frequency among the training
    rows; records what it saw.
    """

    def __init__(self, codes, scored=True):
        super().__init__(codes, [{"rank": 0}, {"rank": 1}], scored)
        self.asked = []

    def ask(self, train, held_out, outcomes):
        self.asked.append(train.tolist())
        counts = np.bincount(self.codes[train], minlength=self.n_classes)
        for outcome in outcomes:
            outcome.codes[:] = np.argsort(-counts, kind="stable")[:2, None]
            if self.scored:
                outcome.scores[:] = counts


def test_every_row_is_answered_by_models_without_its_fold():
    codes = np.array([0, 0, 0, 1, 1, 2])
    folds = np.array([0, 0, 0, 1, 1, -1])
    engine = Prior(codes)
    outcome = engine.cross_predict(folds)
    assert engine.asked == [[3, 4, 5], [0, 1, 2, 5]]
    assert outcome.codes.tolist() == [[1, 1, 1, 0, 0, -1], [2, 2, 2, 2, 2, -1]]
    assert outcome.scores[0, 0].tolist() == [0, 2, 1]
    assert (outcome.scores[:, 5] == -np.inf).all()


def test_nested_answers_come_from_models_that_saw_neither_fold():
    rng = np.random.default_rng(0)
    codes, folds = rng.integers(0, 3, size=40), np.arange(40) % 4
    engine = Prior(codes)
    without = engine.nested_predict(folds)
    assert len(engine.asked) == 6
    for k in range(4):
        assert (without[k].codes[:, folds == k] == -1).all()
        for j in set(range(4)) - {k}:
            train = np.flatnonzero((folds != j) & (folds != k))
            (expected,) = Prior(codes).held_out(train, [np.flatnonzero(folds == j)])
            assert np.array_equal(without[k].codes[:, folds == j], expected.codes)
            assert np.array_equal(without[k].scores[:, folds == j], expected.scores)


@pytest.mark.parametrize("scored", [True, False])
def test_a_single_class_is_the_answer_and_nothing_is_fitted(scored):
    engine = Prior(np.array([0, 1, 2, 2]), scored)
    (outcome,) = engine.held_out(np.array([2, 3]), [np.array([0, 1])])
    assert engine.asked == []
    assert (outcome.codes == 2).all()
    assert outcome.scores.shape == (2, 2, 3 if scored else 0)
    assert (outcome.scores.argmax(axis=2) == 2).all() if scored else True


def test_take_renames_classes():
    outcome = Outcome(np.array([[3, 1, 3]]), np.arange(12, dtype=np.float32).reshape(1, 3, 4))
    part = outcome.take(np.array([0, 1]), np.array([1, 3]))
    assert part.codes.tolist() == [[1, 0]]
    assert part.scores.tolist() == [[[1.0, 3.0], [5.0, 7.0]]]
