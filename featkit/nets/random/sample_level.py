"""Random filters of three samples, stacked [Pons2019]."""

from collections.abc import Iterator

from torch import Tensor, nn

from featkit.nets.random.base import RandomNet
from featkit.nets.random.conv import RandomConv, Window

DEPTH = 6


class RandomSampleLevel(RandomNet):
    """Convolution of 3 samples with stride 3, then six times convolution of 3, max-pooling by 3;
    ReLU everywhere.

    350 000 samples become 116 666, 38 888, 12 962, 4 320, 1 440, 480, 160 steps; the seven maps
    give 7 · ``filters`` features.
    """

    def __init__(self, filters: int, seed: int) -> None:
        super().__init__()
        first = RandomConv("sample_level/0", (1, filters), Window((3, 1), block=3), seed)
        rest = (
            RandomConv(
                f"sample_level/{number}",
                (filters, filters),
                Window((3, 1), pool=(3, 1), same=True),
                seed,
            )
            for number in range(1, DEPTH + 1)
        )
        self.layers = nn.ModuleList([first, *rest])

    def maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the seven maps of ``x`` (batch, samples, 1, 1)."""
        for layer in self.layers:
            x = layer(x)
            yield x
