"""One training run: settings, rows and labels in; the trained net's tensors and curves out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from numpy.typing import ArrayLike, NDArray

from featkit.errors import ParameterError
from featkit.features.listening import Listening
from featkit.nets import adapters, blocks, catalog
from featkit.training import augmentation, checkpoints, data, model, scaling, steps, weights
from featkit.training.data import Targets
from featkit.training.loop import Curves, Trainer
from featkit.training.model import Plan, State
from featkit.training.recipes import Recipe
from featkit.training.rows import Rows
from featkit.training.runtime import Machine, stream

_RUN, _AUGMENT = 3, 4


@dataclass(frozen=True)
class Settings:
    """Everything that identifies a run beside its rows; `Machine` has what does not.

    Attributes
    ----------
    arch : str
        As `featkit.nets.catalog.build`.
    recipe : Recipe
        With all changes.
    weights : str
        ``none``, ``imagenet`` or a file.
    prefix : str
        How much of the body ``weights`` fill: ``all``, ``none``, ``stem``, or the stem and the
        blocks through ``block1``, ``block2`` … (`featkit.nets.blocks`) [Palanisamy2020].
    channels, transform_input
        As in `featkit.nets.backbones.Backbone`.
    freeze : tuple of str
        Modules of the net that stay as they are, statistics of batch norm included; ``stem`` and
        ``block1``, ``block2`` … stand for everything from the stem through that block.
    front, sr, inside, augment
        FEATURE text of the front-end, rate of the waveforms in Hz, whether the front-end is a layer
        of the net, and whether training rows are augmented.
    length : int
        Frames that rows are made even to; 0: the median if they differ.
    seed, member : int
        Of everything random; number within an ensemble.
    """

    arch: str
    recipe: Recipe
    weights: str = "none"
    prefix: str = blocks.ALL
    channels: int = 0
    transform_input: bool = False
    freeze: tuple[str, ...] = ()
    front: str = ""
    sr: int = 0
    inside: str = "no"
    augment: bool = False
    length: int = 0
    seed: int = 0
    member: int = 0

    def plan(self, shape: tuple[int, ...], classes: int) -> Plan:
        """Return the plan of the model for rows of ``shape`` and a number of classes."""
        net = (self.arch, tuple(shape), classes, self.channels, self.transform_input)
        return Plan(*net, self.front, self.sr, self.inside)

    def check(self) -> None:
        """Raise for an unknown net, and for weights, modules or a front-end that it cannot have:
        before there are rows.
        """
        catalog.check(self.arch)
        if self.augment and not self.front:
            raise ParameterError(
                "augment=true works on waveforms: give front=FEATURE and sr=HZ, "
                "and rows of the feature waveform"
            )
        if self.inside != "no":
            if self.augment:
                raise ParameterError(
                    "augment=true computes features outside the net; "
                    f"it does not go with inside={self.inside}"
                )
            Listening(self.front, self.sr)
        if self.freeze and not catalog.outside(self.arch):
            shape = catalog.row_shape(self.arch)
            body = weights.core(catalog.blank(self.arch, shape, 2, self.channels))
            for name in blocks.expand(body, self.freeze):
                steps.find(body, name)
        if self.weights != "none":
            weights.check(self.arch, self.weights, self.channels, self.prefix)
        elif self.prefix != blocks.ALL:
            raise ParameterError(f"prefix={self.prefix} is a part of weights=FILE; there are none")

    def read(self, X: Any, length: int, shape: tuple[int, ...] = ()) -> Rows:
        """Return what a user hands over as the rows of the model."""
        return data.read(augmentation.front_end(X, self.front, self.sr, self.inside), length, shape)


@dataclass(frozen=True, eq=False)
class Trained:
    """What a run gives.

    Attributes
    ----------
    shape : tuple of int
        Of one row.
    length : int
        Frames that rows were made even to; 0: none.
    curves : list of dict
        As `featkit.training.loop.Trainer.fit`.
    n_parameters : int
        Trainable values.
    state : dict of ndarray
        The model's tensors.
    """

    shape: tuple[int, ...]
    length: int
    curves: Curves
    n_parameters: int
    state: State


def run(
    settings: Settings,
    machine: Machine,
    X: Any,
    targets: Targets,
    classes: NDArray[Any],
    groups: ArrayLike | None = None,
    eval_set: tuple[Any, ArrayLike] | None = None,
) -> Trained:
    """Return what training gives.

    Parameters
    ----------
    settings, machine
        What is trained and how; where.
    X : array-like of shape (n, …), or list of n arrays
        Rows, or waveforms where there is a front-end.
    targets, classes
        Place of each row's label among the sorted ``classes``.
    groups : array-like of int, optional
        Inner fold of each row; without them a validation part is a fraction of each class.
    eval_set : (X, y), optional
        Rows that are scored after every epoch and decide nothing.
    """
    recipe, seed, member = settings.recipe, settings.seed, settings.member
    features = augmentation.front_end(X, settings.front, settings.sr, settings.inside)
    length = data.frames(features, settings.length)
    rows = data.read(features, length)
    train, valid = data.parts(rows, targets, recipe.valid, groups, seed)
    plan = settings.plan(rows.shape, len(classes))
    statistics = _statistics(train.rows, plan, recipe)
    net = model.assemble(plan, statistics, settings.weights, seed, member, settings.prefix)
    test = None
    if eval_set:
        test = data.labelled(settings.read(eval_set[0], length, rows.shape), eval_set[1], classes)
    trainer = Trainer(
        net,
        recipe,
        seed=stream(seed, _RUN, member),
        machine=machine,
        frozen=model.inside(net, settings.freeze),
        checkpoints=checkpoints.of_run(
            machine.checkpoints, plan.arch, identity(settings, plan), (train, valid, test)
        ),
    )
    if settings.augment:
        draws = stream(seed, _AUGMENT, member)
        train = augmentation.augmented(X, train, settings.front, settings.sr, draws)
    curves = trainer.fit(train, valid, test)
    return Trained(rows.shape, length, curves, adapters.parameters(net), model.tensors(net))


def identity(settings: Settings, plan: Plan) -> dict[str, Any]:
    """Return what identifies a run beside its rows: a weights file and outside code by content."""
    origin = model.origin(settings.arch, settings.weights)
    return {**asdict(settings), **asdict(plan), "weights": "", "origin": origin}


def _statistics(rows: Rows, plan: Plan, recipe: Recipe) -> scaling.Statistics | None:
    layer = plan.listening()
    if recipe.scale == "none":
        return None
    return scaling.statistics(
        rows if layer is None else Rows(scaling.Heard(rows, layer)), recipe.scale
    )


def numbers(curves: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the test accuracy by each way of choosing the epoch, side by side.

    ``last`` is the last epoch, ``best_on_valid`` the one of lowest loss on the inner validation
    part, and ``best_on_test`` the one of highest test accuracy. That one has seen the test rows
    and is optimistic: it is what [Palanisamy2020-code] reports, not an estimate. An entry is
    missing if its part was.

    Returns
    -------
    dict of dict
        ``{"epoch", "test_accuracy" (None without a test part), "valid_accuracy" (likewise),
        "optimistic": bool}``.
    """
    if not curves:
        return {}
    ways = {"last": _entry(curves[-1], False)}
    if "valid_loss" in curves[0]:
        ways["best_on_valid"] = _entry(min(curves, key=lambda row: row["valid_loss"]), False)
    if "test_accuracy" in curves[0]:
        ways["best_on_test"] = _entry(max(curves, key=lambda row: row["test_accuracy"]), True)
    return ways


def _entry(row: dict[str, Any], optimistic: bool) -> dict[str, Any]:
    accuracies = {key: row.get(key) for key in ("valid_accuracy", "test_accuracy")}
    return {"epoch": row["epoch"], **accuracies, "optimistic": optimistic}
