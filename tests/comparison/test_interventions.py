"""What an intervention costs is taken from the same models on the same clips."""

import numpy as np
import pytest

from featkit.comparison.interventions import interventions
from featkit.comparison.overview import compare
from featkit.errors import ParameterError

BEFORE = np.array([[1, 1, 1, 1], [1, 1, 1, 0]])
AFTER = np.array([[1, 0, 0, 0], [1, 1, 0, 0]])


@pytest.fixture
def scores(make_scores):
    return make_scores(BEFORE) + make_scores(AFTER, intervention="lowpass=4000")


def test_the_difference_and_its_interval(scores):
    (row,) = interventions(scores)
    assert (row["intervention"], row["feature"], row["dataset"]) == ("lowpass=4000", "mfcc", "toy")
    assert (row["untouched"], row["mean"]) == (0.875, 0.375)
    assert row["difference"] == -0.5
    low, high = row["ci95"]
    # Of 8 clips 4 fall: 4 or fewer of 8 draws at 1/2 leave 2.5 % below 1 and above 7.
    assert (low, high) == (-0.875, -0.125)


def test_systems_are_ranked_by_untouched_recordings_only(scores, make_scores):
    comparison = compare(scores + make_scores(AFTER, classifier="other"))
    assert [row["mean"] for row in comparison.systems] == [0.875, 0.375]
    assert len(comparison.interventions) == 1
    assert comparison.to_dict()["interventions"][0]["difference"] == -0.5
    for text in (str(comparison), comparison.to_markdown(), comparison.to_latex()):
        assert "lowpass=4000" in text and "50.0" in text
    assert 'id="interventions"' in comparison.to_html()


def test_seeds_are_pooled_and_scores_without_their_counterpart_left_out(make_scores):
    measured = []
    for seed, after in ((0, AFTER), (1, BEFORE)):
        measured += make_scores(BEFORE, seed=seed)
        measured += make_scores(after, seed=seed, intervention="reverse")
    measured += make_scores(AFTER, seed=2, intervention="reverse")
    (row,) = interventions(measured)
    assert (row["untouched"], row["mean"]) == (0.875, 0.625)


def test_no_predictions_no_interval(make_scores):
    bare = {"ids": (), "groups": (), "y_true": (), "y_pred": (), "classes": ()}
    scores = make_scores(BEFORE, **bare) + make_scores(AFTER, intervention="reverse", **bare)
    (row,) = interventions(scores)
    assert (row["difference"], row["ci95"]) == (-0.5, None)


def test_changed_recordings_alone_are_no_comparison(make_scores):
    with pytest.raises(ParameterError):
        compare(make_scores(AFTER, intervention="reverse"))
