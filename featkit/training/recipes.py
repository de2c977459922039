"""Recipes: every hyper-parameter of a training run in one frozen dataclass, and the papers' recipes
by name.

>>> get_recipe("finetune", epochs=3).epochs
3
>>> [get_recipe("scratch").rate(epoch) for epoch in (299, 300, 350)]
[0.0001, 1e-05, 1e-06]
"""

import dataclasses
import math
import typing
from dataclasses import dataclass
from typing import Literal

from featkit.errors import ParameterError
from featkit.naming import spec
from featkit.nets import catalog


@dataclass(frozen=True)
class Recipe:
    """How a net is trained.

    Attributes
    ----------
    optimizer : {"adam", "amsgrad", "adamw", "sgd"}
        ``adam`` adds the weight decay to the gradient (L2), ``amsgrad`` is the same with second
        moments that never fall, ``adamw`` decouples the decay, ``sgd`` is Nesterov's.
    lr, weight_decay, momentum
        Learning rate at the start, weight decay, momentum of ``sgd``.
    batch_size, epochs, iterations : int
        Rows per step; passes over the rows; steps in all (0: as many as the epochs have; else
        ``epochs`` does not count).
    step, milestones, gamma, unit
        The rate is multiplied by ``gamma`` after every ``step`` units (0: never) and at each
        milestone; a unit is an ``epoch`` or an ``iteration``.
    mixup : float
        α of the Beta distribution of mixup [Zhang2018]; 0: none.
    scale : {"none", "channel", "bin", "range"}
        Scaling with statistics of the training rows: none; to mean 0 and deviation 1 per channel,
        or per channel and frequency bin; or ``range``: per channel to [−1, 1] by the extremes.
    valid : float
        Fraction of the training rows that is held out as an inner validation part; 0: none. With it
        the weights of its best epoch are kept, without it those of the last epoch.
    patience : int
        Stop after this many epochs without a better loss on the validation part; 0: never.
    precision : {"float32", "bfloat16"}
        Of convolutions and products (autocast); weights stay float32.
    channels_last, compile : bool
        Memory format of images; whether torch compiles the net.
    """

    optimizer: Literal["adam", "amsgrad", "adamw", "sgd"] = "adam"
    lr: float = 1e-3
    weight_decay: float = 0.0
    momentum: float = 0.9
    batch_size: int = 32
    epochs: int = 30
    iterations: int = 0
    step: int = 0
    milestones: tuple[int, ...] = ()
    gamma: float = 0.1
    unit: Literal["epoch", "iteration"] = "epoch"
    mixup: float = 0.0
    scale: Literal["none", "channel", "bin", "range"] = "none"
    valid: float = 0.0
    patience: int = 0
    precision: Literal["float32", "bfloat16"] = "float32"
    channels_last: bool = True
    compile: bool = False

    def __post_init__(self) -> None:
        for name in ("lr", "batch_size", "epochs", "gamma"):
            if not 0 < getattr(self, name) < math.inf:
                raise ParameterError(f"{name}={getattr(self, name)!r} is not above 0")
        for name in ("weight_decay", "iterations", "step", "mixup", "patience"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ParameterError(f"{name}={getattr(self, name)!r} is below 0")
        if not 0 <= self.valid < 1 or not 0 <= self.momentum < 1:
            raise ParameterError(
                f"valid={self.valid!r} and momentum={self.momentum!r} must be from 0 to below 1"
            )
        if self.optimizer == "sgd" and not self.momentum:
            raise ParameterError("optimizer=sgd is Nesterov's, which needs a momentum above 0")
        if self.patience and not self.valid:
            raise ParameterError(
                f"patience={self.patience} stops on an inner validation part only; "
                "give valid=0.2 too"
            )
        if any(
            later <= earlier
            for earlier, later in zip((0, *self.milestones), self.milestones, strict=False)
        ):
            raise ParameterError(f"milestones={self.milestones} must rise from above 0")

    def rate(self, epoch: int, iteration: int = 0) -> float:
        """Return the learning rate in an epoch, both counted from 0; ``iteration`` counts over all
        epochs.
        """
        at = epoch if self.unit == "epoch" else iteration
        drops = sum(at >= milestone for milestone in self.milestones) + (
            at // self.step if self.step else 0
        )
        # Dividing where γ is the inverse of a whole number gives 1e-05 where multiplying gives
        # 1.0000000000000001e-05.
        inverse = 1 / self.gamma
        return (
            self.lr / inverse**drops if inverse == round(inverse) else self.lr * self.gamma**drops
        )

    def n_epochs(self, steps: int) -> int:
        """Return the epochs of a run whose epochs have ``steps`` steps."""
        return -(-self.iterations // steps) if self.iterations else self.epochs


# For a net that declares no recipe.
DEFAULT = "default"

RECIPES: dict[str, Recipe] = {
    DEFAULT: Recipe(),
    # Fine-tuning of ImageNet weights [Palanisamy2020].
    "finetune": Recipe(lr=1e-4, weight_decay=1e-3, batch_size=32, epochs=70, step=30),
    # The same from random weights [Palanisamy2020].
    "scratch": Recipe(lr=1e-4, weight_decay=1e-3, batch_size=32, epochs=450, milestones=(300, 350)),
    # The nets of [InstrumentsReport]. Standardised inputs, without which the transformer stays at
    # chance (scale=none shows it).
    "instrument": Recipe(lr=1e-3, batch_size=10, epochs=30, scale="bin"),
    # Acoustic scenes [Wang2020]. The paper gives no α for mixup and says nothing of scaling: α is
    # its code's.
    "dcase": Recipe(
        lr=1e-3, batch_size=64, iterations=12_000, step=200, gamma=0.91, unit="iteration", mixup=0.2
    ),
    # The same as [Wang2020-code] does it. That code standardises gammatone and MFCC maps by bin, as
    # here, but with all clips, and in place of log-mel and CQT the waveform, by sample. It also
    # divides the loss by the number of classes, which Adam's steps do not depend on but for ε.
    "dcase_code": Recipe(
        optimizer="amsgrad",
        lr=1e-3,
        batch_size=128,
        iterations=15_000,
        step=200,
        gamma=0.91,
        unit="iteration",
        mixup=0.2,
        scale="bin",
    ),
    # The challenge's own net for task 1B [Heittola2020]. Its code holds out other places and keeps
    # the epoch of the best accuracy there; here it is a fraction of each class, and the loss.
    "dcase_baseline": Recipe(batch_size=16, epochs=200, scale="bin", valid=0.3),
    # Piczak's net on segments of 101 frames, and on those of 41 [Piczak2015]. The cost has
    # 0.001 Σ w² of each layer, whose gradient is 0.002 w; here biases decay too.
    "piczak": Recipe(
        optimizer="sgd", lr=0.01, weight_decay=0.002, batch_size=1000, epochs=150, scale="channel"
    ),
    "piczak_short": Recipe(
        optimizer="sgd", lr=0.002, weight_decay=0.002, batch_size=1000, epochs=300, scale="channel"
    ),
    # Piczak's net on log-mels and on waveforms [Tax2017].
    "tax2017": Recipe(
        optimizer="sgd", lr=5e-3, momentum=0.9, batch_size=500, epochs=200, scale="range"
    ),
    # The prediction of a log-mel from a waveform [Tax2017].
    "mst": Recipe(lr=3e-4, batch_size=100, epochs=800, patience=50, valid=0.2),
}


def auto(arch: str, weights: str = "none") -> str:
    """Return the name of the recipe for a net that starts from ``weights``.

    It is the one that the net declares; for torchvision's and timm's nets ``scratch`` or, with
    weights, ``finetune``; else `DEFAULT`.
    """
    if catalog.family(arch) in ("torchvision", "timm"):
        return "scratch" if weights == "none" else "finetune"
    return catalog.recipe(arch) or DEFAULT


def get_recipe(name: str, **changes: object) -> Recipe:
    """Return the recipe called ``name`` with some hyper-parameters changed, given as values or as
    text.

    A number of ``epochs`` takes the place of the recipe's ``iterations``, unless those are given
    too.

    Raises
    ------
    ParameterError
        For an unknown recipe or hyper-parameter, or a value that is not allowed; the message lists
        what is.
    """
    if name not in RECIPES:
        raise ParameterError(f"unknown recipe {name!r}; known: {', '.join(RECIPES)}")
    kinds = typing.get_type_hints(Recipe)
    for key in changes:
        if key not in kinds:
            raise ParameterError(f"a recipe has no {key!r}; it has: {', '.join(kinds)}")
    values: dict[str, typing.Any] = {
        key: spec.convert(value, kinds[key], f"{name}:{key}") for key, value in changes.items()
    }
    if "epochs" in values:
        values = {"iterations": 0, **values}
    return dataclasses.replace(RECIPES[name], **values)
