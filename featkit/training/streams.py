"""Seeds of independent random streams, so that any epoch can be repeated without the ones before
it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


def stream(seed: int, *keys: int) -> int:
    """Return a 63-bit seed that depends on ``seed`` and every key, such as member, purpose and
    epoch.
    """
    high, low = (
        np.random.SeedSequence([abs(seed), int(seed < 0), *keys])
        .generate_state(2, np.uint32)
        .tolist()
    )
    return int((high >> 1) << 32 | low)


@contextmanager
def torch_seeded(seed: int, device: str = "cpu") -> Iterator[None]:
    """Run the block with torch's generators at ``seed`` and put their states back afterwards."""
    import torch

    devices = [torch.device(device)] if device.startswith("cuda") else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield
