"""A network as a classifier: its text to an estimator. Importing this loads no torch."""

from pathlib import Path
from typing import Annotated, Any, Literal

from featkit.classifiers.base import Conduct, Moved, registry
from featkit.errors import ParameterError
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
    prefix: str = "all",
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
    """Neural network, trained from scratch or fine-tuned.

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
    weights, prefix, recipe, channels, transform_input, freeze, front, sr, inside, augment, length,
    classes, shape
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
    if checkpoints and Path(checkpoints).is_file():
        raise ParameterError(f"checkpoints={checkpoints} is a file; name a folder")
    net = NetClassifier(
        arch=arch,
        weights=weights,
        prefix=prefix,
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
    net.settings().check()
    return net
