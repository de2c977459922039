"""The length rule of features over time, on one that counts its frames."""

from dataclasses import dataclass

import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import AudioError, ParameterError
from featkit.features import get_feature
from featkit.features._framed import Framed


@dataclass(frozen=True)
class Counter(Framed):
    """Frame t holds t and −t; silence is 99."""

    @property
    def width(self):
        return 2

    def __call__(self, signal):
        frames = np.arange(len(self.view(signal).samples), dtype=np.float32)
        return self.cut(np.stack([frames, -frames], axis=1))

    def frames_of(self, n_samples):
        return n_samples

    def silence(self, row):
        return 99.0


def frames(feature, n):
    return feature.expand(feature(Signal(np.zeros(n, dtype=np.float32), 100)))


def test_own_length():
    assert Counter().shape == Counter().stored_shape == (None, 2)
    assert frames(Counter(), 5).shape == (5, 2)


def test_cut_repeat_and_zero():
    repeat, zero = Counter(n_frames=4), Counter(n_frames=4, fill="zero")
    assert repeat.shape == (4, 2) and repeat.stored_shape == (None, 2)
    for feature in (repeat, zero):
        np.testing.assert_array_equal(frames(feature, 7)[:, 0], [0, 1, 2, 3])
    np.testing.assert_array_equal(frames(repeat, 3)[:, 1], [0, -1, -2, 0])
    np.testing.assert_array_equal(frames(zero, 3)[:, 1], [0, -1, -2, 99])


def test_crop_fixes_the_stored_shape_and_refuses_short_clips():
    crop = Counter(n_frames=4, fill="crop")
    assert crop.stored_shape == (4, 2) and frames(crop, 4).shape == (4, 2)
    with pytest.raises(AudioError, match="3 frames; fill=crop needs 4"):
        frames(crop, 3)


def test_seconds_fix_the_number_of_samples_before_analysis():
    feature = Counter(sr=100, seconds=0.06)
    assert feature.shape == feature.stored_shape == (6, 2)
    for n in (3, 6, 9):
        np.testing.assert_array_equal(frames(feature, n)[:, 0], [0, 1, 2, 3, 4, 5])
    both = Counter(sr=100, seconds=0.06, n_frames=4)
    assert both.shape == both.stored_shape == (4, 2)
    longer = Counter(sr=100, seconds=0.03, n_frames=4)
    assert longer.shape == (4, 2) and longer.stored_shape == (3, 2)
    np.testing.assert_array_equal(frames(longer, 9)[:, 0], [0, 1, 2, 0])


def test_the_view_is_resampled_normalised_padded_and_shared():
    signal = Signal(np.full(200, 0.25, dtype=np.float32), 100)
    view = Counter(sr=100, seconds=3.0, normalize="peak").view(signal)
    assert view.sr == 100 and view.samples.tolist() == [1.0] * 200 + [0.0] * 100
    assert Counter(sr=100, seconds=3.0, normalize="peak", n_frames=5).view(signal) is view
    assert len(Counter(sr=50, seconds=3.0).view(signal).samples) == 150
    assert Counter(sr=50).view(signal) is signal
    np.testing.assert_allclose(Counter(sr=100, normalize="rms").view(signal).samples, 0.1)


def test_level_does_not_reach_a_normalised_feature(clips):
    for how in ("peak", "rms"):
        feature = get_feature(f"logmel:normalize={how},top_db=none")
        quiet = Signal(clips["noise_1s"].samples * 0.1, 44100)
        np.testing.assert_allclose(feature(quiet), feature(clips["noise_1s"]), atol=2e-3)


def test_a_specification_names_later_fields_only_where_they_do_something():
    assert {"seconds", "normalize"}.isdisjoint(get_feature("cqt").spec["params"])
    changed = get_feature("cqt:seconds=10,normalize=rms").spec["params"]
    assert (changed["seconds"], changed["normalize"]) == (10.0, "rms")
    assert (
        get_feature("cqt").key == "cqt-89c048b3"
    )  # that of rows stored before there were these fields


@pytest.mark.parametrize(
    "change",
    [
        {"n_frames": 0},
        {"fill": "mirror"},
        {"sr": 0},
        {"seconds": 0.0},
        {"seconds": np.inf},
        {"normalize": "loud"},
    ],
)
def test_bad_fields_are_refused(change):
    with pytest.raises(ParameterError):
        Counter(**change)
