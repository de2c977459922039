"""How much training changes each block of a backbone [Palanisamy2020]: SVCCA and CKA of what a
block gives for the same clips before and after, for a pre-trained and a random start.
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from featkit.analysis.similarity import cka, svcca
from featkit.errors import ParameterError
from featkit.evaluation import PRESCRIBED, Folding, prepare
from featkit.evaluation.fitting import fit
from featkit.naming import spec
from featkit.nets import blocks
from featkit.results.jsonlines import append_line, read_lines
from featkit.store.table import Table
from featkit.training import model, weights
from featkit.training.data import Loader, split_batches
from featkit.training.rows import Rows

Activations = NDArray[np.float64]
POINTS = 20_000
_BATCH = 32
_KEY = "start"


@dataclass(frozen=True)
class Change:
    """One block of one net.

    Attributes
    ----------
    start : {"pretrained", "random"}
        What training began with.
    seed : int
    fold : str
        Test fold; the net learned from the others.
    block : str
    svcca, cka : float
        How alike the block's outputs are before and after training, in [0, 1].
    chance : float
        SVCCA of the same outputs with the clips of one of them in another order: what unrelated
        outputs of as many units and points reach.
    points, units : int
        Data points (places of maps) and channels.
    """

    start: str
    seed: int
    fold: str
    block: str
    svcca: float
    cka: float
    chance: float
    points: int
    units: int


def weights_change(
    table: Table,
    classifier: str,
    results: str | os.PathLike[str],
    *,
    seed: int = 0,
    folding: Folding = PRESCRIBED,
    points: int = POINTS,
) -> list[Change]:
    """Return the change of each block, for the first measured fold and both starts.

    A net is trained on the fold's training part from ``classifier``'s weights, another one from
    random weights under the same recipe. Activations are those of all clips of the table, a data
    point for each place of each map, up to ``points`` of them.

    Each start is appended to ``results`` when it is done, and is not run again.

    Parameters
    ----------
    table : Table
        Rows that the backbone reads.
    classifier : str
        ``net:arch=…,weights=FILE,…`` with a backbone of known blocks.
    results : path
        JSON lines.
    seed : int
    folding : Folding
    points : int

    Raises
    ------
    ParameterError
        If the classifier is no such net.
    """
    name, params = spec.parse(classifier)
    if name != "net" or params.get("weights", "none") == "none":
        raise ParameterError(f"{classifier!r}: expected net:arch=BACKBONE,weights=FILE")
    random = f"{classifier},prefix={blocks.NONE}"
    runs = {
        start: prepare(table, text, seed=seed, folding=folding)
        for start, text in (("pretrained", classifier), ("random", random))
    }
    changes = []
    for start, run in runs.items():
        split = run.plan.measured[0]
        identity = {"start": start, "seed": seed, "fold": split.name, "classifier": classifier,
                    "data": run.data, "points": points}  # fmt: skip
        rows = _stored(Path(results), identity)
        if rows is None:
            trained, _ = fit(run.estimator, run.samples, split)
            rows = [
                asdict(row) for row in compare(trained, run.samples.X, start, split.name, points)
            ]
            append_line(Path(results), {**identity, "changes": rows}, _KEY)
        changes += [Change(**row) for row in rows]
    return changes


def compare(net: Any, X: Any, start: str, fold: str, points: int = POINTS) -> list[Change]:
    """Return the change of each block of a fitted `featkit.classifiers._net.NetClassifier`."""
    settings, rows = net.settings(), net.rows(X)
    plan = settings.plan(net.shape_, len(net.classes_))
    scaling = [net.state_[name] for name in model.SCALING if name in net.state_]
    before = model.assemble(
        plan, tuple(scaling) if scaling else None, settings.weights, settings.seed,
        settings.member, settings.prefix,
    )  # fmt: skip
    first, second, third = (
        activations(each, rows, points, shuffled)
        for each, shuffled in ((before, False), (net.fitted(), False), (net.fitted(), True))
    )
    return [
        Change(
            start=start, seed=settings.seed, fold=fold, block=name,
            svcca=svcca(layer, second[name]), cka=cka(layer, second[name]),
            chance=svcca(layer, third[name]), points=len(layer), units=layer.shape[1],
        )
        for name, layer in first.items()
    ]  # fmt: skip


def activations(
    net: Any, rows: Rows, points: int = POINTS, shuffled: bool = False
) -> dict[str, Activations]:
    """Return what each block gives for some rows, shape (points, channels), by the block's name.

    Parameters
    ----------
    net : `featkit.training.model.Model`
    rows : Rows
    points : int
        At most as many data points: places drawn from the maps of each row, always the same ones.
    shuffled : bool
        Give the places of each row to another row.
    """
    core = weights.core(net.net)
    names = dict(zip((b.output for b in blocks.blocks(core)), blocks.levels(core), strict=True))
    per_row = max(1, points // len(rows))
    order = np.arange(len(rows))
    if shuffled:
        order = np.random.default_rng(1).permutation(order)
    parts: dict[str, list[Activations]] = {name: [] for name in names.values()}

    def keep(name: str) -> Any:
        def hook(_: Any, __: Any, maps: torch.Tensor) -> None:
            places = maps.flatten(2)
            size = places.shape[2]
            drawn = np.random.default_rng(0).permutation(size)[:per_row]
            chosen = places[:, :, torch.from_numpy(np.sort(drawn))].transpose(1, 2)
            parts[name].append(chosen.flatten(0, 1).double().numpy())

        return hook

    handles = [
        core.get_submodule(output).register_forward_hook(keep(name))
        for output, name in names.items()
    ]
    net.to("cpu").eval()
    try:
        with torch.inference_mode():
            for batch in Loader(rows, "cpu").batches(split_batches(order, _BATCH)):
                net(batch)
    finally:
        for handle in handles:
            handle.remove()
    return {name: np.concatenate(values) for name, values in parts.items()}


def _stored(path: Path, identity: dict[str, Any]) -> list[dict[str, Any]] | None:
    if not path.exists():
        return None
    for _, row in read_lines(path, _KEY):
        if all(row.get(key) == value for key, value in identity.items()):
            return list(row["changes"])
    return None
