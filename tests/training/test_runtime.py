"""Random streams and devices."""

import pytest
import torch

from featkit.errors import MissingDependencyError, ParameterError
from featkit.training.runtime import check_device, stream, torch_seeded


def test_every_key_gives_another_stream() -> None:
    actual = {
        stream(seed, member, epoch)
        for seed in (-1, 0, 1)
        for member in range(5)
        for epoch in range(20)
    }
    assert len(actual) == 300 and all(0 <= seed < 2**63 for seed in actual)
    assert stream(3, 1, 2) == stream(3, 1, 2) != stream(3, 2, 1)


def test_torchs_own_generator_is_left_as_it_was() -> None:
    before = torch.get_rng_state()
    with torch_seeded(1):
        first = torch.rand(3)
    with torch_seeded(1):
        assert torch.equal(torch.rand(3), first)
    assert torch.equal(torch.get_rng_state(), before)


def test_devices_are_checked() -> None:
    check_device("cpu")
    with pytest.raises(ParameterError, match="'gpu' is not one of cpu, cuda"):
        check_device("gpu")
    if not torch.cuda.is_available():
        with pytest.raises(MissingDependencyError, match="leave device at cpu"):
            check_device("cuda")
