import numpy as np
import pytest

from featkit.classifiers._search.calibration import bounded, inverse_temperature, probabilities


def test_bounded_scores_keep_their_order_and_do_not_exceed_one():
    np.testing.assert_allclose(bounded(np.array([[3.0 / 4.0, 0.0]])), [[0.6, 0.0]], rtol=1e-12)
    scores = np.array([[1e6, 2e6, -3e6, -np.inf], [0.1, 0.2, 0.0, -0.1]])
    assert (np.argsort(bounded(scores)) == np.argsort(scores)).all()
    np.testing.assert_allclose(bounded(scores)[0, :3], [1 / 3, 2 / 3, -1.0], rtol=1e-12)
    assert bounded(scores)[0, 3] == -np.inf


def test_probabilities_are_a_softmax_of_bounded_scores():
    """Scores (0, 3/4) are bounded to (0, 3/5); with β = (5/3)·ln 3 the odds are 1 : 3."""
    np.testing.assert_allclose(
        probabilities(np.array([[0.0, 0.75]]), np.log(3.0) * 5.0 / 3.0), [[0.25, 0.75]], rtol=1e-12
    )


def test_recovers_the_fraction_of_correct_answers():
    """Scores ±3/4 that are correct in 75 % of many rows call for softmax(β·(0.6, −0.6)) = (0.75,
    0.25), so β = ln 3 / 1.2.
    """
    n = 40_000
    codes = np.arange(n) % 2
    said = np.where(np.arange(n) % 8 < 6, codes, 1 - codes)
    scores = np.where(said[:, None] == [0, 1], 0.75, -0.75)
    assert inverse_temperature(scores, codes) == pytest.approx(np.log(3.0) / 1.2, rel=1e-3)


def test_one_odd_row_does_not_decide(rng):
    codes = rng.integers(0, 5, size=300)
    scores = 0.3 * rng.normal(size=(300, 5)) + 1.0 * (codes[:, None] == np.arange(5))
    odd = np.vstack([scores, 1e6 * np.eye(5)[:1]])
    assert inverse_temperature(odd, np.append(codes, 1)) == pytest.approx(
        inverse_temperature(scores, codes), rel=0.25
    )


def test_separable_scores_give_a_finite_factor(rng):
    codes = np.arange(30) % 3
    scores = 1.0 * (codes[:, None] == np.arange(3))
    top = probabilities(scores, inverse_temperature(scores, codes)).max()
    assert 0.9 < top < 1.0  # one row of unknown class among 31: 1 − top is about (2/3)/31
    assert 1.0 - top == pytest.approx(2.0 / 3.0 / 31.0, rel=0.02)


def test_rows_of_unknown_classes_are_left_out(rng):
    codes = np.arange(60) % 3
    scores = rng.normal(size=(60, 3)) + 2.0 * (codes[:, None] == np.arange(3))
    expected = inverse_temperature(scores, codes)
    more = np.vstack([scores, [[5.0, 1.0, -np.inf]]])
    assert inverse_temperature(more, np.append(codes, 2)) == pytest.approx(expected, rel=1e-9)
    assert inverse_temperature(np.full((2, 2), -np.inf), np.array([0, 1])) == 1.0
