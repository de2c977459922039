"""A network as a classifier: its text to an estimator. Importing this loads no torch."""

from pathlib import Path
from typing import Annotated, Any, Literal

from featkit.classifiers.base import Conduct, Moved, registry
from featkit.errors import ParameterError
from featkit.nets import catalog
from featkit.training.recipes import Recipe

_MOVED = Moved(
    members="an ensemble is net_ensemble:members=5,net=(net:…)",
    head="an SVM on a net is deep_svm:net=(net:…)",
    segments="segments are segments:net=(net:…)",
    delays="delayed copies are segments:delays=4,net=(net:…)",
    voting="votes of segments are segments:voting=mean,net=(net:…)",
    lr="a grid is net_grid:lr=1e-3+1e-4,net=(net:…)",
    weight_decay="a grid is net_grid:weight_decay=0+1e-3,net=(net:…)",
)


@registry.register
def make(
    *,
    seed: int = 0,
    arch: str = "cnn",
    weights: str = "none",
    recipe: str = "auto",
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
    checkpoints: Annotated[str, Conduct] = "",
    device: Annotated[str, Conduct] = "cpu",
    watch: Annotated[bool, Conduct] = False,
    verbose: Annotated[bool, Conduct] = False,
    **changes: Annotated[Any, Recipe, _MOVED],
) -> Any:
    """Return a neural network, trained from scratch or fine-tuned.

    ``net_ensemble``, ``net_grid``, ``deep_svm`` and ``segments`` wrap it: their ``net=`` is its
    text.

    Parameters
    ----------
    seed : int
        Of everything random.
    arch : str
        A file of ``featkit/nets/`` (``cnn``, ``lstm`` …), a classification net of torchvision,
        ``timm:NAME``, or ``package.module:Name``. Options of the net follow in parentheses:
        ``arch=(cnn:hidden=64)``.
    weights, recipe, channels, transform_input, freeze, front, sr, inside, augment, length, classes,
    shape
        And ``checkpoints, device, watch, verbose``: as in `featkit.classifiers._net.NetClassifier`.
    **changes
        Changes to the recipe: any field of `featkit.training.recipes.Recipe`.

    Raises
    ------
    ParameterError
        For a net, weights file or value that is not allowed: before any training.
    MissingDependencyError
        If ``weights=imagenet`` cannot be downloaded, or the device is missing.
    """
    from featkit.classifiers._net import NetClassifier
    from featkit.training.runtime import check_device

    check_device(device)
    net = NetClassifier(
        arch=arch,
        weights=weights,
        recipe=recipe,
        overrides=changes,
        channels=channels,
        transform_input=transform_input,
        freeze=freeze,
        front=front,
        sr=sr,
        inside=inside,
        augment=augment,
        length=length,
        classes=classes,
        shape=shape,
        checkpoints=checkpoints,
        device=device,
        watch=watch,
        verbose=verbose,
        random_state=seed,
    )
    _check(net)
    return net


def _check(net: Any) -> None:
    """Raise for an unknown net or recipe, and for weights that are missing or do not fit."""
    from featkit.training import steps, weights
    from featkit.training.listening import Listening

    catalog.check(net.arch)
    net.settled()
    if net.augment and not net.front:
        raise ParameterError(
            "augment=true works on waveforms: give front=FEATURE and sr=HZ, "
            "and rows of the feature waveform"
        )
    if net.inside != "no":
        if net.augment:
            raise ParameterError(
                "augment=true computes features outside the net; "
                f"it does not go with inside={net.inside}"
            )
        Listening(net.front, net.sr)
    if net.checkpoints and Path(net.checkpoints).is_file():
        raise ParameterError(f"checkpoints={net.checkpoints} is a file; name a folder")
    if net.freeze and not catalog.outside(net.arch):
        shape = catalog.row_shape(net.arch)
        body = weights.core(catalog.blank(net.arch, shape, 2, net.channels))
        for name in net.freeze:
            steps.find(body, name)
    if net.weights != "none":
        weights.check(net.arch, net.weights, net.channels)
