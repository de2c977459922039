"""What features of one clip share."""

import numpy as np

from featkit.audio import Signal
from featkit.dsp.stft import Stft
from featkit.features import get_feature
from featkit.features._shared import shared_power


def test_power_is_computed_once_for_the_same_numbers():
    signal = Signal(np.ones(5000, dtype=np.float32), 8000)
    first = shared_power(signal, 8000, Stft(512, 512, 256))
    assert shared_power(signal, 8000, Stft(512, 512, 256)) is first
    assert shared_power(signal, 8000, Stft(512, 400, 256)) is not first
    assert shared_power(signal, 4000, Stft(512, 512, 256)) is not first


def test_rows_do_not_depend_on_what_else_was_computed(clips):
    names = [
        "mfcc",
        "gammatone",
        "logmel:preset=dcase",
        "logmel:sr=44100,pad_mode=reflect,power=1",
        "spectrogram:sr=44100",
    ]
    for signal in (clips["noise_1s"], clips["three_samples"]):
        together = Signal(signal.samples, signal.sr)
        for order in (names, names[::-1]):
            for name in order:
                alone = get_feature(name)(Signal(signal.samples, signal.sr))
                np.testing.assert_array_equal(get_feature(name)(together), alone)
