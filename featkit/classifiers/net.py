"""A network as a classifier: its text to an estimator. Importing this loads no torch."""

from pathlib import Path
from typing import Any, Literal

from featkit.classifiers.base import registry
from featkit.errors import ParameterError
from featkit.nets import catalog


@registry.register
def make(
    *,
    seed: int = 0,
    arch: tuple[str, ...] = ("cnn",),
    weights: str = "none",
    recipe: Literal["auto", "finetune", "scratch", "instrument", "dcase", "piczak"] = "auto",
    epochs: int | None = None,
    iterations: int | None = None,
    unit: Literal["epoch", "iteration"] | None = None,
    lr: tuple[float, ...] = (),
    weight_decay: tuple[float, ...] = (),
    batch_size: int | None = None,
    optimizer: Literal["adam", "adamw", "sgd"] | None = None,
    momentum: float | None = None,
    step: int | None = None,
    milestones: tuple[int, ...] | None = None,
    gamma: float | None = None,
    mixup: float | None = None,
    scale: Literal["none", "channel", "bin"] | None = None,
    valid: float | None = None,
    patience: int | None = None,
    precision: Literal["float32", "bfloat16"] | None = None,
    channels_last: bool | None = None,
    compile: bool | None = None,
    members: int = 1,
    head: Literal["softmax", "svm"] = "softmax",
    segments: bool = False,
    delays: int = 0,
    voting: Literal["majority", "mean"] = "majority",
    channels: int = 0,
    transform_input: bool = False,
    freeze: tuple[str, ...] = (),
    front: str = "",
    sr: int = 0,
    inside: Literal["no", "fixed", "learned"] = "no",
    augment: bool = False,
    length: int = 0,
    classes: int = 0,
    shape: tuple[int, ...] = (),
    checkpoints: str = "",
    device: str = "cpu",
    watch: bool = False,
    verbose: bool = False,
) -> Any:
    """Return a neural network, trained from scratch or fine-tuned (P1–P9, T1, T2, T4–T8).

    Parameters
    ----------
    seed : int
        Of everything random.
    arch : tuple of str
        ``cnn``, ``lstm``, ``lstm_swapped``, ``transformer``, ``crnn``, a classification net of
        torchvision, ``timm:NAME``, or ``package.module:Name``. Several (``cnn+crnn``) are an
        ensemble by mean probability (T8).
    weights, recipe, channels, transform_input, freeze, front, sr, inside, augment, length, classes,
    shape
        And ``checkpoints, device, watch, verbose``: as in
        `featkit.classifiers._net.estimator.NetClassifier`.
    epochs, iterations, unit, batch_size, optimizer, momentum, step, milestones, gamma, mixup,
    scale, valid, patience
        And ``precision, channels_last, compile``: changes to the recipe
        (`featkit.training.recipes.Recipe`).
    lr, weight_decay : tuple of float
        Changes to the recipe. Several values (``lr=1e-3+1e-4``) are a grid, chosen on an inner
        split (P9).
    members : int
        Nets of each architecture that are averaged (P7 has 5).
    head : {"softmax", "svm"}
        ``svm``: a linear SVM on the trained net's penultimate activations (T7).

    segments, delays, voting
        With ``segments=true`` the rows are waveforms at 22 050 Hz, which are cut into segments of
        2.3 s, half of them shared; ``delays`` delayed copies of each are trained on, and segments
        vote (`featkit.classifiers._net.segment_voting.SegmentVoting`, F11).

    Raises
    ------
    ParameterError
        For a net, weights file or value that is not allowed: before any training.
    MissingDependencyError
        If ``weights=imagenet`` cannot be downloaded, or the device is missing.
    """
    from featkit.classifiers._net import estimator
    from featkit.training import assembly

    if members < 1 or not arch:
        raise ParameterError(
            f"members={members} of {len(arch)} architectures: at least one is needed"
        )
    one: dict[str, Any] = {"epochs": epochs, "iterations": iterations, "unit": unit}
    one |= {"batch_size": batch_size, "optimizer": optimizer, "momentum": momentum}
    one |= {
        "step": step,
        "milestones": milestones,
        "gamma": gamma,
        "mixup": mixup,
        "scale": scale,
        "valid": valid,
    }
    one |= {
        "patience": patience,
        "precision": precision,
        "channels_last": channels_last,
        "compile": compile,
    }
    one |= {
        key: values[0]
        for key, values in (("lr", lr), ("weight_decay", weight_decay))
        if len(values) == 1
    }
    shared: dict[str, Any] = {
        "weights": weights,
        "recipe": recipe,
        "channels": channels,
        "freeze": freeze,
        "front": front,
    }
    shared |= {
        "transform_input": transform_input,
        "sr": sr,
        "inside": inside,
        "augment": augment,
        "length": length,
    }
    shared |= {
        "classes": classes,
        "shape": shape,
        "checkpoints": checkpoints,
        "device": device,
        "watch": watch,
    }
    shared |= {"verbose": verbose, "random_state": seed}
    shared["overrides"] = {key: value for key, value in one.items() if value is not None}
    assembly.check_device(device)
    if watch and (
        members * len(arch) > 1 or head != "softmax" or len(lr) > 1 or len(weight_decay) > 1
    ):
        raise ParameterError(
            "watch=true is for one net with head=softmax, not for an ensemble, an SVM or a grid"
        )
    nets = [
        estimator.NetClassifier(arch=name, member=member, **shared)
        for name in arch
        for member in range(members)
    ]
    for net in nets[::members]:
        _check(net)
    if (delays or voting != "majority") and not segments:
        raise ParameterError(f"delays={delays} and voting={voting} are for segments=true")
    if segments:
        nets = _segmented(nets, head, delays, voting, watch or len(lr) > 1 or len(weight_decay) > 1)
    return _combined(nets, head, lr, weight_decay, seed)


def _check(net: Any) -> None:
    """Raise for an unknown net or recipe, or weights that are missing, unreadable or another net's."""
    catalog.check(net.arch)
    net.settled()
    if net.augment and not net.front:
        raise ParameterError(
            "augment=true works on waveforms: give front=FEATURE and sr=HZ, and rows of the feature waveform"
        )
    if net.inside != "no":
        from featkit.training.listening import Listening

        if net.augment:
            raise ParameterError(
                f"augment=true computes features outside the net; it does not go with inside={net.inside}"
            )
        Listening(net.front, net.sr)
    if net.checkpoints and Path(net.checkpoints).is_file():
        raise ParameterError(f"checkpoints={net.checkpoints} is a file; name a folder")
    from featkit.training import freezing, weights

    if net.freeze and not catalog.outside(net.arch):
        body = weights.core(
            catalog.blank(net.arch, catalog.default_shape(net.arch), 2, net.channels)
        )
        for name in net.freeze:
            freezing.find(body, name)
    if net.weights != "none":
        weights.check(net.arch, net.weights, net.channels)


def _segmented(nets: list[Any], head: str, delays: int, voting: Any, more: bool) -> list[Any]:
    """Return nets that hear segments; ``more``: something else was asked for that goes with whole
    clips only.
    """
    from featkit.classifiers._net.segment_voting import SegmentVoting
    from featkit.training import segments

    if more or head != "softmax" or nets[0].augment:
        raise ParameterError(
            "segments=true is for nets with head=softmax, without a grid, watch or augment"
        )
    if delays < 0 or nets[0].sr not in (0, segments.SR):
        raise ParameterError(
            f"segments=true needs delays ≥ 0 and sr={segments.SR}; got delays={delays}, sr={nets[0].sr}"
        )
    return [SegmentVoting(net.set_params(sr=segments.SR), delays, voting) for net in nets]


def _combined(
    nets: list[Any], head: str, lr: tuple[float, ...], weight_decay: tuple[float, ...], seed: int
) -> Any:
    """Return one net, the ensemble of several, a net with an SVM as its head, or the grid over one
    net.
    """
    grid = len(lr) > 1 or len(weight_decay) > 1
    if grid and (len(nets) > 1 or head == "svm"):
        raise ParameterError(
            "a grid over lr and weight_decay is for one net with head=softmax; make ensemble or SVM of its choice"
        )
    if grid:
        from featkit.classifiers._net.grid import NetGrid

        settled = nets[0].settled()
        return NetGrid(
            nets[0], lr or (settled.lr,), weight_decay or (settled.weight_decay,), random_state=seed
        )
    if head == "svm":
        from featkit.classifiers._net.deep_svm import DeepSVM

        nets = [DeepSVM(net) for net in nets]
    if len(nets) == 1:
        return nets[0]
    from featkit.classifiers._net.ensemble import MeanEnsemble

    return MeanEnsemble(nets)
