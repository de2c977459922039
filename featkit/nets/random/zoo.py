"""Names of the random front-ends and how each is made."""

from collections.abc import Callable

from featkit.errors import ParameterError
from featkit.nets.random.base import Joined, RandomNet
from featkit.nets.random.frame_level import Mode, frame_level, frame_level_many
from featkit.nets.random.sample_level import RandomSampleLevel
from featkit.nets.random.temporal import temporal
from featkit.nets.random.timbral import timbral, vertical
from featkit.nets.random.vgg import RandomVGG

_MAKERS: dict[str, Callable[[int, int, Mode], RandomNet]] = {
    "vgg": lambda filters, seed, mode: RandomVGG(filters, seed),
    "7x96": lambda filters, seed, mode: vertical(96, filters, seed),
    "7x86": lambda filters, seed, mode: vertical(86, filters, seed),
    "timbral": lambda filters, seed, mode: timbral(filters, seed),
    "temporal": lambda filters, seed, mode: temporal("temporal", filters, seed),
    "time": lambda filters, seed, mode: temporal("time", filters, seed),
    "timbral_temporal": lambda filters, seed, mode: Joined(
        [timbral(filters, seed), temporal("temporal", filters, seed)]
    ),
    "timbral_time": lambda filters, seed, mode: Joined(
        [timbral(filters, seed), temporal("time", filters, seed)]
    ),
    "sample_level": lambda filters, seed, mode: RandomSampleLevel(filters, seed),
    "frame_level": frame_level,
    "frame_level_many": frame_level_many,
}


def build(
    arch: str, filters: int, seed: int, *, mode: Mode = "paper", batch_norm: bool = False
) -> RandomNet:
    """Return the net ``arch`` in float32 on the CPU, its weights fixed by ``seed``.

    Raises
    ------
    ParameterError
        For an unknown ``arch``, or ``batch_norm`` with another than ``vgg``.
    """
    if arch not in _MAKERS:
        raise ParameterError(f"arch={arch!r} is not one of {', '.join(_MAKERS)}")
    if batch_norm and arch != "vgg":
        raise ParameterError(f"batch statistics exist for arch=vgg, not for arch={arch}")
    return (
        RandomVGG(filters, seed, batch_norm=True)
        if batch_norm
        else _MAKERS[arch](filters, seed, mode)
    )
