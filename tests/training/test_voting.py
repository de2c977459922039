"""Voting of segments, M7."""

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.training import voting


def test_probabilities_are_averaged_per_clip() -> None:
    found = voting.mean_probability([[1.0, 0.0], [0.5, 0.5], [0.2, 0.8]], [0, 0, 1], 2)
    assert np.allclose(found, [[0.75, 0.25], [0.2, 0.8]])


def test_a_majority_wins_over_a_higher_mean() -> None:
    segments = [[0.51, 0.49], [0.51, 0.49], [0.0, 1.0]]
    assert voting.majority(segments, [0, 0, 0], 1).tolist() == [0]
    assert voting.mean_probability(segments, [0, 0, 0], 1).argmax() == 1


def test_a_tie_goes_to_the_highest_mean_probability() -> None:
    segments = [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]]
    assert voting.majority(segments, [0, 0, 0], 1).tolist() == [2]
    assert voting.majority(segments[::-1], [0, 0, 0], 1).tolist() == [2]


def test_a_class_without_votes_never_wins_a_tie() -> None:
    segments = [[0.5, 0.01, 0.49], [0.01, 0.5, 0.49]]
    assert voting.majority(segments, [0, 0], 1)[0] in (0, 1)


@pytest.mark.parametrize("seed", range(5))
def test_segments_may_come_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shares, clips = rng.dirichlet(np.ones(4), size=30), np.repeat(np.arange(10), 3)
    order = rng.permutation(30)
    assert (
        voting.majority(shares, clips, 10) == voting.majority(shares[order], clips[order], 10)
    ).all()
    assert np.allclose(voting.mean_probability(shares, clips, 10).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("clips", "n", "words"),
    [([0, 0], 2, "number 1"), ([0, 5], 2, "0 … 1"), ([0], 1, "do not belong together")],
)
def test_clips_without_segments_are_an_error(clips: list[int], n: int, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        voting.majority([[1.0, 0.0], [0.0, 1.0]], clips, n)
