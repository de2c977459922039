"""Random filters that see timbre, one layer of them over the log-mel spectrogram [Pons2019]."""

from featkit.nets.random.base import Parallel
from featkit.nets.random.conv import RandomConv, Window

# Kernel (time × mels) and multiple of the number of filters.
SHAPES = ((7, 86, 1), (3, 86, 2), (1, 86, 4), (7, 38, 1), (3, 38, 2), (1, 38, 4))


def vertical(mels: int, filters: int, seed: int) -> Parallel:
    """Return one 7 × ``mels`` convolution, ReLU and the maximum over pitch: ``filters`` features.

    96 mels span the whole input: 1376 × 96 → 1370 × 1. 86 fit at 11 pitches: 1370 × 11 → 1370 × 1.
    """
    return Parallel(
        [RandomConv(f"7x{mels}/conv", (1, filters), Window((7, mels), pool=(1, 0)), seed)]
    )


def timbral(filters: int, seed: int) -> Parallel:
    """Return the timbral net: six shapes of filter side by side, zeros around in time only, and the
    maximum over pitch.

    14 · ``filters`` features; all 1376 frames stay.
    """
    return Parallel(
        [
            RandomConv(
                f"timbral/{frames}x{mels}",
                (1, multiple * filters),
                Window((frames, mels), pool=(1, 0), same=True),
                seed,
            )
            for frames, mels, multiple in SHAPES
        ]
    )
