"""The length rule of features over time, on one that counts its frames."""

from dataclasses import dataclass

import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import AudioError, ParameterError
from featkit.features._framed import Framed


@dataclass(frozen=True)
class Counter(Framed):
    """Frame t holds t and −t; silence is 99."""

    @property
    def width(self):
        return 2

    def __call__(self, signal):
        frames = np.arange(len(signal.samples), dtype=np.float32)
        return self.cut(np.stack([frames, -frames], axis=1))

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


@pytest.mark.parametrize("change", [{"n_frames": 0}, {"fill": "mirror"}, {"sr": 0}])
def test_bad_fields_are_refused(change):
    with pytest.raises(ParameterError):
        Counter(**change)
