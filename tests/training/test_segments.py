"""Segments, the random delay, windows, and votes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from featkit.errors import ParameterError
from featkit.training import segments

FIVE_SECONDS = 110_250


@pytest.fixture
def noise() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=FIVE_SECONDS).astype(np.float32)


def test_a_five_second_clip_has_three_half_overlapping_segments(noise: NDArray[np.float32]) -> None:
    actual = segments.cut(noise, normalize="none")
    assert actual.shape == (3, 51_200)
    for number, segment in enumerate(actual):
        assert np.array_equal(segment, noise[25_600 * number : 25_600 * number + 51_200])


def test_a_segment_has_101_frames() -> None:
    assert 1 + segments.LENGTH // segments.HOP == segments.FRAMES == 101


def test_the_short_variant_has_nine_segments_of_20480_samples(noise: NDArray[np.float32]) -> None:
    actual = segments.cut(noise, normalize="none", frames=41)
    assert actual.shape == (9, 20_480)
    for number, segment in enumerate(actual):
        assert np.array_equal(segment, noise[10_240 * number : 10_240 * number + 20_480])
    with pytest.raises(ParameterError, match="frames=2"):
        segments.cut(noise, frames=2)


def test_silence_begins_at_72_decibels_below_one(noise: NDArray[np.float32]) -> None:
    one, level = noise[:51_200], segments.mean_db(noise[:51_200])
    for aim, count in ((-71.5, 1), (-72.5, 0)):
        quiet = one * 10 ** ((aim - level) / 20)
        both = np.concatenate([one, quiet])
        assert segments.mean_db(quiet) == pytest.approx(aim, abs=0.01)
        kept = segments.cut(both, normalize="none")
        assert (kept[-1] == quiet).all() == bool(count)


def test_a_delay_gives_zeros_first_and_up_to_four_segments(noise: NDArray[np.float32]) -> None:
    rng, counts, delays = np.random.default_rng(1), set(), []
    for _ in range(40):
        later = segments.delayed(noise, rng)
        delay = len(later) - len(noise)
        assert not later[:delay].any() and np.array_equal(later[delay:], noise)
        delays.append(delay)
        counts.add((len(later) - 51_200) // 25_600 + 1)
    assert 0 <= min(delays) < 2_000 and 20_000 < max(delays) <= 22_049
    assert counts == {3, 4}
    assert len(segments.cut(np.concatenate([np.zeros(22_049, np.float32), noise]))) == 4


def test_silent_segments_are_dropped(noise: NDArray[np.float32]) -> None:
    clip = noise.copy()
    clip[25_600:] = 0
    assert len(segments.cut(clip)) == 1
    assert np.array_equal(segments.cut(clip, normalize="none")[0], clip[:51_200])


def test_an_all_zero_clip_keeps_one_segment() -> None:
    assert segments.mean_db(np.zeros(51_200, np.float32)) == pytest.approx(-100)
    actual = segments.cut(np.zeros(FIVE_SECONDS, np.float32))
    assert actual.shape == (1, 51_200) and not actual.any()


def test_the_threshold_is_a_level_in_decibels(noise: NDArray[np.float32]) -> None:
    level = segments.mean_db(noise[:51_200])
    assert segments.mean_db(noise[:51_200] / 10) == pytest.approx(level - 20, abs=1e-3)
    assert len(segments.cut(noise, silence_db=level + 1, normalize="none")) == 1


def test_amplitudes_are_of_the_clip_or_of_each_segment(noise: NDArray[np.float32]) -> None:
    noise[:51_200] *= 0.1
    per_clip, per_segment = segments.cut(noise), segments.cut(noise, normalize="segment")
    assert np.allclose(per_clip[1], noise[25_600:76_800] / np.abs(noise).max())
    assert np.allclose(np.abs(per_segment).max(axis=1), 1)


def test_a_short_clip_is_padded_with_zeros(noise: NDArray[np.float32]) -> None:
    actual = segments.cut(noise[:1000], normalize="none")
    assert (
        actual.shape == (1, 51_200)
        and np.array_equal(actual[0, :1000], noise[:1000])
        and not actual[0, 1000:].any()
    )


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ParameterError, match="0 samples"):
        segments.cut(np.zeros(0, np.float32))
    with pytest.raises(ParameterError, match="clip, segment, none"):
        segments.cut(np.ones(9, np.float32), normalize="file")


def test_probabilities_are_averaged_per_clip() -> None:
    actual = segments.mean_probability([[1.0, 0.0], [0.5, 0.5], [0.2, 0.8]], [0, 0, 1], 2)
    assert np.allclose(actual, [[0.75, 0.25], [0.2, 0.8]])


def test_a_majority_wins_over_a_higher_mean() -> None:
    votes = [[0.51, 0.49], [0.51, 0.49], [0.0, 1.0]]
    assert segments.majority(votes, [0, 0, 0], 1).tolist() == [0]
    assert segments.mean_probability(votes, [0, 0, 0], 1).argmax() == 1


def test_a_tie_goes_to_the_highest_mean_probability() -> None:
    votes = [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]]
    assert segments.majority(votes, [0, 0, 0], 1).tolist() == [2]
    assert segments.majority(votes[::-1], [0, 0, 0], 1).tolist() == [2]


def test_a_class_without_votes_never_wins_a_tie() -> None:
    votes = [[0.5, 0.01, 0.49], [0.01, 0.5, 0.49]]
    assert segments.majority(votes, [0, 0], 1)[0] in (0, 1)


@pytest.mark.parametrize("seed", range(5))
def test_segments_may_come_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shares, clips = rng.dirichlet(np.ones(4), size=30), np.repeat(np.arange(10), 3)
    order = rng.permutation(30)
    assert (
        segments.majority(shares, clips, 10) == segments.majority(shares[order], clips[order], 10)
    ).all()
    assert np.allclose(segments.mean_probability(shares, clips, 10).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("clips", "n", "words"),
    [([0, 0], 2, "number 1"), ([0, 5], 2, "0 … 1"), ([0], 1, "do not belong together")],
)
def test_clips_without_segments_are_an_error(clips: list[int], n: int, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        segments.majority([[1.0, 0.0], [0.0, 1.0]], clips, n)


@pytest.mark.parametrize(
    ("frames", "length", "hop", "count"),
    [
        (862, 172, 172, 5),  # 10 s of maps in 2-s windows
        (862, 172, 86, 9),
        (862, 862, 862, 1),
        (441_000, 88_200, 88_200, 5),  # the same of a waveform at 44,100 Hz
        (441_000, 88_200, 44_100, 9),
        (100, 172, 86, 1),
    ],
)
def test_a_clip_has_that_many_windows(frames, length, hop, count):
    assert len(segments.starts(frames, length, hop)) == count
    assert segments.windows(np.zeros(frames, np.float32), length, hop).shape == (count, length)


@pytest.mark.parametrize("shape", [(70,), (70, 3), (2, 3, 70)])
def test_windows_are_cut_in_time(shape):
    row = np.arange(np.prod(shape)).reshape(shape)
    third = segments.windows(row, 20, 15)[2]
    assert np.array_equal(third, row[..., 30:50] if len(shape) == 3 else row[30:50])


def test_short_rows_are_repeated():
    assert segments.windows(np.array([1, 2, 3]), 7, 7).tolist() == [[1, 2, 3, 1, 2, 3, 1]]


@pytest.mark.parametrize("wrong", [(0, 2, 2), (5, 0, 2), (5, 2, 0)])
def test_empty_rows_and_windows_are_refused(wrong):
    with pytest.raises(ParameterError):
        segments.starts(*wrong)
