"""The stem and the blocks of a backbone: what is copied, frozen, cut off and compared as a whole.

Known for torchvision's DenseNets, ResNets (with ResNeXt and Wide ResNet) and Inception-v3. What
leads from one block to the next, such as a transition of a DenseNet, belongs to the later one, so
that a block ends with its own output: 256, 512, 1792 and 1920 channels in DenseNet-201.
"""

from dataclasses import dataclass

from torch import nn
from torchvision import models

from featkit.errors import ParameterError
from featkit.nets import adapters

STEM, NONE, ALL = "stem", "none", "all"
# Modules of the three grids of Inception-v3 and how many channels they give.
_INCEPTION = (("5", "bcd", 288), ("6", "abcde", 768), ("7", "abc", 2048))


@dataclass(frozen=True)
class Block:
    """A stem or a block.

    Attributes
    ----------
    name : str
        ``stem``, ``block1``, ``block2`` …
    modules : tuple of str
        Its modules, in order.
    output : str
        The module whose output is the block's.
    width : int
        Channels of that output.
    closing : str
        The normalisation that reads the output: it stays where a net is cut behind this block.
    """

    name: str
    modules: tuple[str, ...]
    output: str
    width: int
    closing: str = ""


def blocks(net: nn.Module) -> tuple[Block, ...]:
    """Return the stem and the blocks of a torchvision net; none if they are not known."""
    if hasattr(net, "left"):
        return tuple(net.left)
    if isinstance(net, models.DenseNet):
        return _densenet(net)
    if isinstance(net, models.ResNet):
        return _resnet(net)
    return _inception() if isinstance(net, models.Inception3) else ()


def levels(net: nn.Module) -> tuple[str, ...]:
    """Return the names of the stem and the blocks, in order.

    Raises
    ------
    ParameterError
        If the blocks of the net are not known.
    """
    names = tuple(block.name for block in blocks(net))
    if not names:
        raise ParameterError(
            f"the blocks of {type(net).__name__} are not known; those of torchvision's DenseNets, "
            "ResNets and Inception-v3 are"
        )
    return names


def through(net: nn.Module, last: str) -> tuple[str, ...]:
    """Return the modules from the stem through the block ``last``; ``none`` stands for no module,
    ``all`` for every block.

    Raises
    ------
    ParameterError
        If the net has no such block.
    """
    names = levels(net)
    ends = {NONE: 0, **{name: number for number, name in enumerate(names, start=1)}}
    ends[ALL] = len(names)
    if last not in ends:
        raise ParameterError(
            f"{type(net).__name__} has no block {last!r}; allowed: {', '.join(ends)}"
        )
    return tuple(module for block in blocks(net)[: ends[last]] for module in block.modules)


def expand(net: nn.Module, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of modules in which that of a block stands for everything through it."""
    own = {block.name for block in blocks(net)}
    parts = [through(net, name) if name in own else (name,) for name in names]
    return tuple(dict.fromkeys(module for part in parts for module in part))


def cut(net: nn.Module, last: str, classes: int) -> None:
    """Remove what follows the block ``last``, and give the net a head that reads its output.

    The normalisation with which a DenseNet's next transition begins stays, as the net's last one;
    then come the net's own ReLU, pooling and head. DenseNet-201 thus has a head of 1792 inputs
    behind block 3 and of 512 behind block 2; [Palanisamy2020] does not say which it had.

    Raises
    ------
    ParameterError
        If the net has no such block, or nothing follows it.
    """
    names = levels(net)
    if last not in names[:-1]:
        raise ParameterError(
            f"cut={last}: {type(net).__name__} can be cut behind {', '.join(names[:-1])}"
        )
    place = names.index(last)
    left, behind = blocks(net)[: place + 1], blocks(net)[place + 1 :]
    block = left[-1]
    gone: list[str] = []
    for name in (module for later in behind for module in later.modules):
        if block.closing.startswith(f"{name}."):
            children = [f"{name}.{child}" for child, _ in net.get_submodule(name).named_children()]
            gone += [child for child in children if child != block.closing]
        else:
            gone.append(name)
    for name in gone:
        _replace(net, name, nn.Identity())
    _replace(net, adapters.head(net)[0], nn.Linear(block.width, classes))
    net.left, net.removed = left, tuple(gone)


def removed(net: nn.Module) -> tuple[str, ...]:
    """Return the modules that `cut` removed."""
    return tuple(getattr(net, "removed", ()))


def _replace(net: nn.Module, name: str, module: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(net.get_submodule(parent), last, module)


def _densenet(net: nn.Module) -> tuple[Block, ...]:
    stem = ("features.conv0", "features.norm0", "features.relu0", "features.pool0")
    every = [Block(STEM, stem, stem[-1], net.features.norm0.num_features)]
    for number in range(1, 5):
        output, norm = f"features.denseblock{number}", f"features.transition{number}.norm"
        modules = (f"features.transition{number - 1}", output)[number == 1 :]
        if number == 4:
            norm = "features.norm5"
            modules = (*modules, norm)
        width = net.get_submodule(norm).num_features
        every.append(Block(f"block{number}", modules, output, width, norm))
    return tuple(every)


def _resnet(net: nn.Module) -> tuple[Block, ...]:
    stem = ("conv1", "bn1", "relu", "maxpool")
    every = [Block(STEM, stem, stem[-1], net.bn1.num_features)]
    for number in range(1, 5):
        name = f"layer{number}"
        norms = [
            part for part in net.get_submodule(name).modules() if hasattr(part, "num_features")
        ]
        every.append(Block(f"block{number}", (name,), name, norms[-1].num_features))
    return tuple(every)


def _inception() -> tuple[Block, ...]:
    stem = (
        "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1",
        "Conv2d_4a_3x3", "maxpool2",
    )  # fmt: skip
    every = [Block(STEM, stem, stem[-1], 192)]
    for number, (grid, letters, width) in enumerate(_INCEPTION, start=1):
        modules = tuple(f"Mixed_{grid}{letter}" for letter in letters)
        every.append(Block(f"block{number}", modules, modules[-1], width))
    return tuple(every)
