"""Windows are never torn apart, and every score knows its clips."""

import numpy as np
import pytest

from featkit import Folding
from featkit.audio.windows import Windows
from featkit.errors import DatasetError, ParameterError
from featkit.evaluation import evaluate
from featkit.results import pooled


@pytest.fixture
def windowed(make_table):
    """Three windows of each of 30 clips, in five folds; ``columns`` replace what it has."""

    def make(**columns):
        clips = [f"clip{row // 3}" for row in range(90)]
        labels = [f"class{row // 3 % 3}" for row in range(90)]
        points = np.random.default_rng(0).standard_normal((90, 4)).astype(np.float32)
        points[:, 0] += [3.0 * int(label[-1]) for label in labels]
        defaults = {
            "X": points,
            "y": np.array(labels),
            "folds": np.arange(90) // 9 % 5 + 1,
            "groups": np.array(clips),
            "ids": np.array([f"{clip}@{row % 3}-{row % 3 + 1}" for row, clip in enumerate(clips)]),
            "windows": Windows(1.0, 1.0),
        }
        return make_table(n=90, **{**defaults, **columns})

    return make


def test_a_score_has_the_windows_and_gives_the_clips(windowed):
    scores = evaluate(windowed(), "knn")
    assert len(scores) == 5
    for score in scores:
        assert (score.window, score.hop) == (1.0, 1.0)
        assert (score.n_test, score.n_train, score.n_train_clips) == (18, 72, 24)
        clips = pooled(score)
        assert (clips.n_test, clips.n_train) == (6, 24)
        rows = np.array(score.probabilities).reshape(6, 3, 3).mean(axis=1)
        by_clip = dict(zip([name.partition("@")[0] for name in score.ids[::3]], rows, strict=True))
        expected = np.array([by_clip[name] for name in clips.ids])
        assert np.allclose(clips.probabilities, expected, atol=1e-12)
    assert scores.pooled().means().popitem()[1][0] > scores.means().popitem()[1][0]


def test_drawn_folds_keep_clips_whole(windowed):
    table = windowed(protocol="none", folds=np.full(90, -1))
    for split in Folding().plan(table).splits:
        assert not set(table.clips[split.test]) & set(table.clips[split.train])


def test_folds_that_tear_a_clip_apart_leak(windowed):
    table = windowed(folds=np.arange(90) % 5 + 1)
    with pytest.raises(DatasetError, match="share their group"):
        evaluate(table, "knn")
    # Groups may lie; windows of one file are of one recording.
    lying = windowed(
        folds=np.arange(90) % 5 + 1,
        groups=np.array([f"g{row}" for row in range(90)]),
        recordings=np.array([f"clip{row // 3}.wav" for row in range(90)]),
    )
    with pytest.raises(DatasetError, match="same recording"):
        evaluate(lying, "knn")


def test_corpora_that_are_cut_differently_are_not_joined(windowed):
    with pytest.raises(ParameterError, match="cut differently"):
        evaluate(windowed(), "knn", test=windowed(dataset="other", windows=None))
    (score,) = evaluate(windowed(), "knn", test=windowed(dataset="other"))
    assert pooled(score).n_test == 30
