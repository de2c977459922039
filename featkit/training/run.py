"""One training run of a `NetClassifier`: rows and labels in, the trained net's tensors and curves
out.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike, NDArray

from featkit.nets import adapters
from featkit.training import assembly, intake, scaling
from featkit.training.assembly import State
from featkit.training.data import Rows
from featkit.training.engine import Curves, Trainer
from featkit.training.intake import Targets
from featkit.training.recipes import Recipe
from featkit.training.streams import stream

if TYPE_CHECKING:
    from featkit.classifiers._net.estimator import NetClassifier

_RUN, _AUGMENT = 3, 4
# What does not change the numbers, or is hashed by content.
_ELSEWHERE = ("checkpoints", "device", "memory", "verbose", "watch", "weights")


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
        As `featkit.training.engine.Trainer.fit`.
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
    net: "NetClassifier",
    recipe: Recipe,
    X: Any,
    targets: Targets,
    classes: NDArray[Any],
    groups: ArrayLike | None,
    eval_set: tuple[Any, ArrayLike] | None,
) -> Trained:
    """Return what training gives under the parameters of ``net``, which stays as it is.

    Parameters
    ----------
    net : NetClassifier
    recipe : Recipe
        With all overrides.
    X, groups, eval_set
        As `NetClassifier.fit`.
    targets, classes
        Place of each row's label among the sorted ``classes``.
    """
    found = intake.front_end(X, net.front, net.sr, net.inside)
    length = intake.frames(found, net.length)
    rows = intake.read(found, length)
    train, valid = intake.parts(rows, targets, recipe.valid, groups, net.seed)
    plan = net.plan(rows.shape, len(classes))
    layer = plan.listening()
    heard = train.rows if layer is None else Rows(intake.Heard(train.rows, layer))
    statistics = None if recipe.scale == "none" else scaling.statistics(heard, recipe.scale)
    model = assembly.assemble(plan, statistics, net.weights, net.seed, net.member)
    tested = None
    if eval_set:
        other = intake.read(
            intake.front_end(eval_set[0], net.front, net.sr, net.inside), length, rows.shape
        )
        tested = intake.labelled(other, eval_set[1], classes)
    settings = {
        key: value for key, value in net.get_params(deep=False).items() if key not in _ELSEWHERE
    } | asdict(recipe)
    trainer = Trainer(
        model,
        recipe,
        seed=stream(net.seed, _RUN, net.member),
        device=net.device,
        frozen=assembly.inside(model, net.freeze),
        checkpoints=assembly.run_checkpoints(
            net.checkpoints, settings, plan, net.weights, (train, valid, tested)
        ),
        memory=net.memory,
        verbose=net.verbose,
    )
    if net.augment:
        train = intake.augmented(
            X, train, net.front, net.sr, stream(net.seed, _AUGMENT, net.member)
        )
    curves = trainer.fit(train, valid, tested)
    return Trained(rows.shape, length, curves, adapters.parameters(model), assembly.tensors(model))
