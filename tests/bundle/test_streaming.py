"""Predictions of a stream of samples."""

import io
from typing import get_args

import numpy as np
import pytest

from featkit.bundle import Prediction
from featkit.bundle.streaming import Encoding, listen
from featkit.errors import ParameterError

SR = 100


class Echo:
    """In the place of a bundle: keeps what it hears."""

    def __init__(self):
        self.heard = []

    def predict_samples(self, samples, sr, start=0.0, path="", *, pool):
        assert not pool  # A stream has windows of its own.
        self.heard.append(samples)
        return Prediction(path, "dog", {}, start, start + len(samples) / sr)


def hear(samples, encoding="s16", channels=1, **options):
    kinds = {"s16": ("<i2", 2**15), "s32": ("<i4", 2**31), "f32": ("<f4", 1)}
    dtype, scale = kinds[encoding]
    echo, data = Echo(), io.BytesIO((np.asarray(samples) * scale).astype(dtype).tobytes())
    made = list(listen(echo, data.read, sr=SR, encoding=encoding, channels=channels, **options))
    return echo.heard, made


def ramp(count):
    return np.arange(count) / 1024


def test_windows_overlap_by_what_the_hop_leaves():
    heard, made = hear(ramp(350), window=1.0, hop=0.5)
    assert [(one.start, one.end) for one in made] == [
        (0, 1),
        (0.5, 1.5),
        (1, 2),
        (1.5, 2.5),
        (2, 3),
        (2.5, 3.5),
    ]
    for part, start in zip(heard, range(0, 300, 50), strict=True):
        assert np.array_equal(part, ramp(350)[start : start + 100].astype(np.float32))


def test_what_is_less_than_a_hop_is_left_and_a_short_stream_is_one_window():
    assert [one.end for one in hear(ramp(299), window=1.0)[1]] == [1, 2]
    assert [one.end for one in hear(ramp(30), window=1.0)[1]] == [0.3]
    assert hear([], window=1.0)[1] == []


def test_a_prediction_comes_before_more_is_read():
    reads = []

    def read(count):
        reads.append(count)
        return bytes(count)

    stream = listen(Echo(), read, sr=SR, window=1.0, hop=0.25)
    next(stream)
    assert reads == [200]
    next(stream)
    assert reads == [200, 50]


@pytest.mark.parametrize("encoding", get_args(Encoding))
def test_encodings_and_channels_are_averaged_to_full_scale(encoding):
    stereo = np.tile([0.5, -0.25], 100)
    (heard,), _ = hear(stereo, encoding, channels=2, window=1.0)
    np.testing.assert_allclose(heard, np.full(100, 0.125), atol=2**-15)


@pytest.mark.parametrize(
    "options",
    [
        {"window": 0.0},
        {"window": 1.0, "hop": 0.0},
        {"window": 1.0, "hop": 2.0},
        {"window": 1.0, "channels": 0},
    ],
)
def test_numbers_out_of_range_are_refused_at_once(options):
    with pytest.raises(ParameterError):
        listen(Echo(), io.BytesIO().read, sr=SR, **options)
    with pytest.raises(ParameterError, match="u8"):
        listen(Echo(), io.BytesIO().read, sr=SR, window=1.0, encoding="u8")
