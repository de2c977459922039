"""Activations of never-trained convolutional nets, pooled [Pons2019]."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from featkit.audio import Samples, Signal
from featkit.errors import MissingDependencyError, ParameterError
from featkit.features._fullband import SR as FULL
from featkit.features._fullband import reference
from featkit.features.base import Array, Feature, registry
from featkit.features.logmel import Logmel
from featkit.nets.random import pools
from featkit.nets.random.zoo import ARCHS, Arch, Mode, build

if TYPE_CHECKING:
    from featkit.nets.random.base import RandomNet
    from featkit.nets.random.beyond_mean import BeyondMean

SR = 12_000
SAMPLES = 350_000

# What the maps of one batch may take on a GPU; the largest map of one clip decides how many clips
# that is.
MEMORY_BUDGET = 1.5e9
NETS_KEPT = 8


@registry.register
@dataclass(frozen=True)
class RandomCNN(Feature):
    """Mean of every feature map of a randomly weighted CNN, one vector per clip.

    Every clip is brought to 29 s at 12 kHz, longer ones cut and shorter ones repeated: 1376 frames
    of the log-mel spectrogram ``logmel:preset=elmarc``, or 350 000 samples for ``sample_level`` and
    the ``frame_level`` nets. The same seed gives the same vector on any device, to 1e-5 of its
    largest magnitude in float32; bfloat16 is within 2e-2 of it. Not for shape or timing of sounds:
    the means over time forget them, but for what the filters span. Source: [Pons2019]; the nets
    with batch statistics are those of [Choi2017].

    Parameters
    ----------
    arch : str
        A name of `featkit.nets.random.zoo.ARCHS`: ``vgg``, ``7x96``, ``7x86``, ``timbral``,
        ``temporal``, ``timbral_temporal``, ``time``, ``timbral_time``, ``sample_level``,
        ``frame_level`` or ``frame_level_many``.
    size : {"small", "large"}
        112–161 or 3584–3585 features, as the paper has them.
    seed : int
        Of the weights, ≥ 0.
    mode : {"paper", "as_coded"}
        ``as_coded`` repeats the averaging defect of [elmarc], which only the ``frame_level`` nets
        have.
    precision : {"float32", "bfloat16"}
        Of weights and maps; means are always summed in float32.
    batch_norm : {"none", "batch"}
        ``batch`` normalises by statistics of the clips computed together, all of one shard. **It
        leaks**: features depend on the neighbours, and files sorted by class tell their class. Only
        to study that effect, with ``arch=vgg``.
    filters : int or None
        Filters in place of the number that belongs to ``size``.
    pool : tuple of str
        Poolings of every map, each once. The paper has ``mean`` alone. The others: ``relu``, the
        mean of the positive part; ``std``; ``max``; ``ppv``, the fraction of values above a bias;
        ``mpv``, how far these are above it; ``mipv``, when; ``lspv``, the longest run of them
        [Tan2022]. Biases are random quantiles (0.6 to 0.98) of the maps of 12 s of noise; ``seed``
        fixes both, so they know no data.
    """

    units: ClassVar[str] = "mean activation"
    later: ClassVar[frozenset[str]] = frozenset({"pool"})

    arch: str = "vgg"
    size: Literal["small", "large"] = "small"
    seed: int = 0
    mode: Mode = "paper"
    precision: Literal["float32", "bfloat16"] = "float32"
    batch_norm: Literal["none", "batch"] = "none"
    filters: int | None = None
    pool: tuple[str, ...] = ("mean",)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ParameterError(
                f"random_cnn:seed={self.seed} is negative; seeds are whole numbers from 0"
            )
        if self.filters is not None and self.filters < 1:
            raise ParameterError(f"random_cnn:filters={self.filters} is not 1 or more, or none")
        if self.arch not in ARCHS:
            raise ParameterError(f"random_cnn:arch={self.arch!r} is not one of {', '.join(ARCHS)}")
        if self.width % self.kind.multiple:
            raise ParameterError(
                f"random_cnn:filters={self.filters} is not a multiple of {self.kind.multiple}, "
                f"which arch={self.arch} needs"
            )
        if self.mode == "as_coded" and not self.kind.as_coded:
            raise ParameterError(
                f"random_cnn:mode=as_coded makes no difference to arch={self.arch}; "
                f"it does to {_with('as_coded')}"
            )
        if self.batch_norm == "batch" and not self.kind.batch_norm:
            raise ParameterError(
                f"random_cnn:batch_norm=batch exists for arch={_with('batch_norm')}, "
                f"not for arch={self.arch}"
            )
        pools.check(self.pool, "random_cnn")
        if self.beyond_mean and (self.mode == "as_coded" or self.batched):
            raise ParameterError(
                "random_cnn:mode=as_coded and batch_norm=batch are defined for pool=mean only; "
                f"got pool={'+'.join(self.pool)}"
            )

    @property
    def beyond_mean(self) -> bool:
        """Whether maps are pooled in another way than by their mean."""
        return self.pool != ("mean",)

    @property
    def kind(self) -> Arch:
        """What the table of the random nets says about ``arch``."""
        return ARCHS[self.arch]

    @property
    def batched(self) -> bool:  # type: ignore[override]
        """True with batch statistics: the row of a clip then depends on its shard."""
        return self.batch_norm == "batch"

    @property
    def width(self) -> int:
        """Number of filters F."""
        return self.filters or (self.kind.small if self.size == "small" else self.kind.large)

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(features,): a multiple of the number of filters that depends on the architecture, for
        each pooling.
        """
        return (len(self.pool) * self.kind.features * self.width,)

    def __call__(self, signal: Signal) -> Array:
        """Return the vector of one clip, float32; with batch statistics, as a batch of one."""
        (result,) = self.compute([signal])
        if isinstance(result, Exception):
            raise result
        return result

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return the vector of each clip, or the error that its input raised.

        A CPU takes one clip after the other, which is as fast as batches and keeps a clip's bits
        free of its neighbours; a GPU takes batches. With batch statistics all ``signals`` are one
        batch.
        """
        inputs: list[Array | Exception] = []
        for signal in signals:
            try:
                inputs.append(self.heard(signal))
            except Exception as error:
                inputs.append(error)
        rows = iter(self.run([item for item in inputs if not isinstance(item, Exception)], device))
        return [item if isinstance(item, Exception) else next(rows) for item in inputs]

    def heard(self, signal: Signal) -> Array:
        """Return what the net is fed for one clip: (1376, 96) in dB, or (350 000, 1) samples."""
        if self.kind.hears == "waveform":
            return signal.memo(("random_cnn", "waveform"), lambda: waveform(signal))
        return signal.memo(("random_cnn", "logmel"), lambda: logmel(signal))

    def run(self, inputs: Sequence[Array], device: str = "cpu") -> list[Array]:
        """Return the vector of each of ``inputs``, which are what `heard` gives."""
        import torch

        if device not in ("cpu", "cuda"):
            raise ParameterError(f"random_cnn has no path for device={device!r}; it has: cpu, cuda")
        if device == "cuda" and not torch.cuda.is_available():
            raise MissingDependencyError("random_cnn: torch finds no CUDA GPU here; use device cpu")
        # TensorFloat-32 would round the factors of every product to 10 bits.
        exact = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
        net = _net(self, device)
        size = max(len(inputs), 1) if self.batched else self.batch_size(device)
        rows: list[Array] = []
        with torch.inference_mode(), exact if device == "cuda" else nullcontext():
            for first in range(0, len(inputs), size):
                batch = torch.from_numpy(np.stack(inputs[first : first + size])).to(device)
                rows += list(net(batch).cpu().numpy())
        return rows

    def batch_size(self, device: str) -> int:
        """Return how many clips go through the net together: 1 on a CPU, what ``MEMORY_BUDGET``
        allows on a GPU.
        """
        if device == "cpu":
            return 1
        one = self.kind.values * self.width * (4 if self.precision == "float32" else 2)
        return max(1, int(MEMORY_BUDGET // one))


def logmel(signal: Signal) -> Array:
    """Return the log-mel spectrogram that the nets see, (1376, 96) in dB."""
    feature = Logmel.build("logmel", {"preset": "elmarc"})
    return feature.expand(feature(signal))


def waveform(signal: Signal) -> Samples:
    """Return the first 350 000 samples at 12 kHz, repeated if there are fewer, (350 000, 1)."""
    padded: Samples = np.resize(signal.at(SR)[:SAMPLES], (SAMPLES, 1))
    return padded


def _with(trait: str) -> str:
    """Return the names of the architectures that have a trait."""
    return ", ".join(name for name, kind in ARCHS.items() if getattr(kind, trait))


@lru_cache(maxsize=NETS_KEPT)
def _net(feature: RandomCNN, device: str) -> "RandomNet | BeyondMean":
    import torch

    net = build(
        feature.arch, feature.width, feature.seed, mode=feature.mode, batch_norm=feature.batched
    )
    net.to(device=device, dtype=torch.float32 if feature.precision == "float32" else torch.bfloat16)
    if not feature.beyond_mean:
        return net
    from featkit.nets.random.beyond_mean import BeyondMean

    samples = np.concatenate([signal.samples for signal in reference(feature.seed)])
    noise = torch.from_numpy(feature.heard(Signal(samples, FULL))[None]).to(device)
    with torch.inference_mode():
        wide = BeyondMean(net, feature.pool, feature.seed, noise)
    wide.to(device)
    return wide
