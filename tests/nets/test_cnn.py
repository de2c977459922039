"""Small convolutional nets."""

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets.adapters import parameters
from featkit.nets.cnn import AudioCNN
from featkit.nets.crnn import AudioCRNN


def test_cnn_parameters_follow_from_its_sizes() -> None:
    convolutions = (1 * 9 + 1) * 16 + (16 * 9 + 1) * 32 + (32 * 9 + 1) * 64
    dense = (64 * 16 * 16 + 1) * 128 + (128 + 1) * 4
    assert parameters(AudioCNN((128, 128), 4)) == convolutions + dense


@pytest.mark.parametrize("net", [AudioCNN, AudioCRNN])
def test_images_that_vanish_are_refused(net: type[torch.nn.Module]) -> None:
    with pytest.raises(ParameterError, match="at least 8×8"):
        net((7, 40), 3)
