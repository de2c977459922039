"""Features of waveforms as they are and augmented."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features.base import Feature
from featkit.training import augmentation
from featkit.training.augmentation import Augmented, augment, compute, shift_and_stretch
from featkit.training.data import Part
from featkit.training.rows import Rows

SR = 22_050


class Level(Feature):
    """Power in four parts of a clip: fixed shape whatever the length."""

    @property
    def shape(self) -> tuple[int | None, ...]:
        return (4,)

    def __call__(self, signal: Signal) -> NDArray[np.float32]:
        return np.array(
            [np.mean(part**2) for part in np.array_split(signal.samples, 4)], dtype=np.float32
        )


class Raw(Feature):
    """The samples themselves."""

    def __call__(self, signal: Signal) -> NDArray[np.float32]:
        return signal.samples


def tone(frequency: float = 440.0, seconds: float = 1.0) -> NDArray[np.float32]:
    return np.sin(2 * np.pi * frequency * np.arange(int(SR * seconds)) / SR).astype(np.float32)


def peak(samples: NDArray[np.float32]) -> float:
    """Frequency of the largest line, to within a hertz."""
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), n=SR))
    return float(np.argmax(spectrum))


@pytest.mark.parametrize("semitones", [-2, -1, 0, 1, 2])
def test_a_tone_moves_by_semitones_and_keeps_its_length(semitones: int) -> None:
    shifted = shift_and_stretch(tone(), SR, semitones, 1.0)
    assert len(shifted) == SR
    assert peak(shifted) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.01)


@pytest.mark.parametrize("rate", [0.9, 1.0, 1.2])
def test_a_stretch_changes_the_length_and_not_the_pitch(rate: float) -> None:
    stretched = shift_and_stretch(tone(), SR, 0, rate)
    assert len(stretched) == pytest.approx(SR / rate, rel=0.02)
    assert peak(stretched) == pytest.approx(440, rel=0.01)


def test_draws_cover_the_ranges_and_depend_on_the_generator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[tuple[int, float]] = []
    monkeypatch.setattr(
        "featkit.training.augmentation.shift_and_stretch",
        lambda x, sr, n, rate: drawn.append((n, rate)),
    )
    rng = np.random.default_rng(0)
    for _ in range(300):
        augment(tone(), SR, rng)
    assert {n for n, _ in drawn} == {-2, -1, 0, 1, 2}
    assert (
        0.9 <= min(rate for _, rate in drawn) < 0.92
        and 1.18 < max(rate for _, rate in drawn) <= 1.2
    )


def test_very_short_clips_come_back_as_they_are() -> None:
    assert np.array_equal(shift_and_stretch(tone()[:2047], SR, 2, 1.1), tone()[:2047])
    with pytest.raises(ParameterError, match="rate=0"):
        shift_and_stretch(tone(), SR, 0, 0)


@pytest.fixture
def doubled() -> Augmented:
    waves = [tone(300, 0.3), tone(900, 0.4)]
    return Augmented(np.stack(compute(waves, SR, Level())), waves, SR, Level(), seed=1)


def test_the_first_half_is_clean_and_the_second_new_every_epoch(doubled: Augmented) -> None:
    assert doubled.shape == (4, 4)
    first, second = doubled.at_epoch(0), doubled.at_epoch(1)
    for row in (0, 1):
        assert np.array_equal(first[row], doubled.clean[row]) and np.array_equal(
            second[row], doubled.clean[row]
        )
    for row in (2, 3):
        assert np.array_equal(first[row], doubled.at_epoch(0)[row])
        assert not np.array_equal(first[row], second[row]) and not np.array_equal(
            first[row], doubled.clean[row - 2]
        )


def test_a_feature_of_changing_shape_is_refused() -> None:
    waves = [tone(300, 0.3)]
    rows: Any = Augmented(np.stack(waves), waves, SR, Raw(), seed=1)
    with pytest.raises(ParameterError, match="fixed shape"):
        rows[1]


def test_rows_other_than_waveforms_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"row 1 of shape \(2, 2\)"):
        compute([tone(), np.zeros((2, 2), np.float32)], SR, Level())


def test_a_front_end_needs_the_rate_and_augmentation_a_front_end() -> None:
    with pytest.raises(ParameterError, match="sr=44100"):
        augmentation.front_end(np.zeros((2, 100)), "multires_logmel", 0)
    part = Part(Rows(np.zeros((2, 3, 4))), np.array([0, 1]))
    with pytest.raises(ParameterError, match="front=FEATURE"):
        augmentation.augmented(np.zeros((2, 3)), part, "", 0, 0)
    assert augmentation.front_end("as it is", "", 0) == "as it is"
