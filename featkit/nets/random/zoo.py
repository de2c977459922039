"""The random front-ends: one table of their names, makers, sizes and input.

Reading the table loads no torch; making a net does.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from featkit.errors import ParameterError

if TYPE_CHECKING:
    from featkit.nets.random.base import RandomNet

Mode = Literal["paper", "as_coded"]
Maker = Callable[[int, int, Mode], "RandomNet"]


class Arch(NamedTuple):
    """One architecture.

    Attributes
    ----------
    make : callable
        From the number of filters, the seed and the mode to the net.
    small, large : int
        Filters of the two sizes of [Pons2019].
    features : int
        Features for each filter.
    values : int
        Values of the largest map for each filter, which memory is planned by.
    hears : {"logmel", "waveform"}
        Its input: 1376 × 96 decibels, or 350 000 samples.
    multiple : int
        What the number of filters must be a multiple of.
    as_coded : bool
        Whether the mode ``as_coded`` differs.
    batch_norm : bool
        Whether there is a variant with batch statistics.
    """

    make: Maker
    small: int
    large: int
    features: int
    values: int
    hears: Literal["logmel", "waveform"] = "logmel"
    multiple: int = 1
    as_coded: bool = False
    batch_norm: bool = False


def _vgg(filters: int, seed: int, mode: Mode) -> "RandomNet":
    from featkit.nets.random.vgg import RandomVGG

    return RandomVGG(filters, seed)


def _vertical(mels: int) -> Maker:
    def make(filters: int, seed: int, mode: Mode) -> "RandomNet":
        from featkit.nets.random.timbral import vertical

        return vertical(mels, filters, seed)

    return make


def _timbral(filters: int, seed: int, mode: Mode) -> "RandomNet":
    from featkit.nets.random.timbral import timbral

    return timbral(filters, seed)


def _temporal(kind: Literal["temporal", "time"]) -> Maker:
    def make(filters: int, seed: int, mode: Mode) -> "RandomNet":
        from featkit.nets.random.temporal import temporal

        return temporal(kind, filters, seed)

    return make


def _joined(*makers: Maker) -> Maker:
    def make(filters: int, seed: int, mode: Mode) -> "RandomNet":
        from featkit.nets.random.base import Joined

        return Joined([maker(filters, seed, mode) for maker in makers])

    return make


def _sample_level(filters: int, seed: int, mode: Mode) -> "RandomNet":
    from featkit.nets.random.sample_level import RandomSampleLevel

    return RandomSampleLevel(filters, seed)


def _frame_level(filters: int, seed: int, mode: Mode) -> "RandomNet":
    from featkit.nets.random.frame_level import frame_level

    return frame_level(filters, seed, as_coded=mode == "as_coded")


def _frame_level_many(filters: int, seed: int, mode: Mode) -> "RandomNet":
    from featkit.nets.random.frame_level import frame_level_many

    return frame_level_many(filters, seed, as_coded=mode == "as_coded")


FRAMES = 1376
ARCHS: dict[str, Arch] = {
    "vgg": Arch(_vgg, 32, 717, 5, FRAMES * 96, batch_norm=True),
    "7x96": Arch(_vertical(96), 160, 3585, 1, 1370),
    "7x86": Arch(_vertical(86), 160, 3585, 1, 1370 * 11),
    "timbral": Arch(_timbral, 8, 256, 14, FRAMES * 59 * 4),
    "temporal": Arch(_temporal("temporal"), 8, 256, 14, FRAMES * 8, multiple=4),
    "time": Arch(_temporal("time"), 8, 256, 14, FRAMES * 8, multiple=4),
    "timbral_temporal": Arch(
        _joined(_timbral, _temporal("temporal")), 4, 128, 28, FRAMES * 59 * 4, multiple=4
    ),
    "timbral_time": Arch(
        _joined(_timbral, _temporal("time")), 4, 128, 28, FRAMES * 59 * 4, multiple=4
    ),
    "sample_level": Arch(_sample_level, 23, 512, 7, 116_666, "waveform"),
    "frame_level": Arch(_frame_level, 40, 896, 4, 10_922, "waveform", as_coded=True),
    "frame_level_many": Arch(_frame_level_many, 20, 448, 8, 10_938 * 5, "waveform", as_coded=True),
}


def build(
    arch: str, filters: int, seed: int, *, mode: Mode = "paper", batch_norm: bool = False
) -> "RandomNet":
    """Return the net ``arch`` in float32 on the CPU, its weights fixed by ``seed``.

    Raises
    ------
    ParameterError
        For an unknown ``arch``, or ``batch_norm`` where there is no such variant.
    """
    if arch not in ARCHS:
        raise ParameterError(f"arch={arch!r} is not one of {', '.join(ARCHS)}")
    if not batch_norm:
        return ARCHS[arch].make(filters, seed, mode)
    if not ARCHS[arch].batch_norm:
        raise ParameterError(f"batch statistics exist for arch=vgg, not for arch={arch}")
    from featkit.nets.random.vgg import RandomVGG

    return RandomVGG(filters, seed, batch_norm=True)
