"""Training of MSTmodel: a log-mel predicted from a waveform, one net for each fold [Tax2017]."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.audio import Samples, Signal
from featkit.errors import ParameterError
from featkit.evaluation.folding import Folding
from featkit.evaluation.splits import Split
from featkit.features import get_feature
from featkit.nets.mst import MST, Edge
from featkit.store.table import Table
from featkit.training import checkpoints, segments
from featkit.training.data import Loader, Part, split_batches
from featkit.training.loop import Trainer
from featkit.training.recipes import Recipe, get_recipe
from featkit.training.rows import Rows
from featkit.training.runtime import Machine, stream, torch_seeded

FEATURE = "logmel:preset=piczak"

Array = NDArray[np.float32]
_HERE = Machine()
_INIT, _RUN = 1, 2


@dataclass(frozen=True)
class Fit:
    """How well a net predicts the log-mels of the test fold, which it never saw.

    Attributes
    ----------
    fold : str
        Such as ``1v5``: tested on fold 1, stopped on fold 5.
    mse : float
        Mean squared error of log-mels scaled to [−1, 1] by the extremes of the training part.
    r2, r2_bands : float
        1 − error / error of a constant prediction: the mean of the training part, or that of each
        of its bands.
    correlation : float
        Pearson's, over all values.
    epoch, epochs : int
        The epoch of lowest validation loss, which is kept (from 0), and how many were trained.
    n_train, n_valid, n_test : int
        Segments.
    """

    fold: str
    mse: float
    r2: float
    r2_bands: float
    correlation: float
    epoch: int
    epochs: int
    n_train: int
    n_valid: int
    n_test: int


def train_mst(
    table: Table,
    folder: str | os.PathLike[str],
    *,
    only_folds: Sequence[str] = (),
    edge: Edge = "drop",
    batch_norm: bool = False,
    seed: int = 0,
    machine: Machine = _HERE,
    **changes: object,
) -> Iterator[Fit]:
    """Train a net for each pair of validation and test fold, and yield how well it does.

    ``folder`` gets ``FOLD.safetensors``, which ``raw_piczak:mst=FILE`` reads, ``FOLD.json``, and
    checkpoints. Folds that are there are not trained again, and one that was stopped goes on.

    Parameters
    ----------
    table : Table
        Waveforms at 22,050 Hz with official folds.
    folder : path
        Created if it is missing.
    only_folds : sequence of str
        Names such as ``1v5``; empty for all.
    edge, batch_norm
        As in `featkit.nets.mst.MST`.
    seed : int
        Of the first weights and the order of batches.
    machine : Machine
        Where it runs; ``checkpoints`` in it is not used.
    **changes
        Changes to the recipe ``mst``: ``epochs``, ``patience``, ``precision`` …

    Raises
    ------
    ParameterError
        If the table has no waveforms or fewer than three official folds.
    """
    recipe = get_recipe("mst", **changes)
    plan = Folding(folds="rotating", only_folds=tuple(only_folds)).plan(table)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for split in plan.measured:
        record = target / f"{split.name}.json"
        settings = {
            "recipe": asdict(recipe), "edge": edge, "batch_norm": batch_norm, "seed": seed,
            "data": table.fingerprint,
        }  # fmt: skip
        if record.exists():
            earlier = json.loads(record.read_text(encoding="utf-8"))
            if json.loads(json.dumps(settings)) != earlier["settings"]:
                raise ParameterError(f"{record} is of other settings; name another folder")
            yield Fit(**earlier["fit"])
            continue
        net = _net(edge, batch_norm, seed)
        fit = _train(net, _parts(table, split, edge), recipe, split.name, seed, machine, target)
        net.save(record.with_suffix(".safetensors"))
        text = json.dumps({"settings": settings, "fit": asdict(fit)}, indent=1)
        record.write_text(text + "\n", encoding="utf-8")
        yield fit


def _net(edge: Edge, batch_norm: bool, seed: int) -> MST:
    with torch_seeded(stream(seed, _INIT)):
        return MST(edge, batch_norm=batch_norm)


def _train(
    net: MST,
    parts: tuple[Part, Part, Part],
    recipe: Recipe,
    fold: str,
    seed: int,
    machine: Machine,
    folder: Path,
) -> Fit:
    train, valid, test = parts
    identity = {"recipe": asdict(recipe), "edge": net.edge, "norm": net.batch_norm, "seed": seed}
    trainer = Trainer(
        net,
        recipe,
        seed=stream(seed, _RUN),
        machine=machine,
        checkpoints=checkpoints.of_run(
            os.fspath(folder / "checkpoints"), f"mst-{fold}", identity, (train, valid)
        ),
    )
    curves = trainer.fit(train, valid)
    best = min(curves, key=lambda row: float(row["valid_loss"]))
    error, truth = predict(net, test.rows, machine.device) - test.targets, test.targets
    return Fit(
        fold=fold,
        mse=float(np.square(error).mean()),
        r2=explained(error, truth - train.targets.mean()),
        r2_bands=explained(error, truth - train.targets.mean(axis=(0, 2), keepdims=True)),
        correlation=float(np.corrcoef((error + truth).ravel(), truth.ravel())[0, 1]),
        epoch=int(best["epoch"]),
        epochs=len(curves),
        n_train=len(train.rows),
        n_valid=len(valid.rows),
        n_test=len(test.rows),
    )


def explained(error: Array, constant: Array) -> float:
    """Return 1 − error / error of a constant prediction, both as sums of squares."""
    return float(1 - np.square(error).sum() / np.square(constant).sum())


def predict(net: MST, rows: Rows, device: str = "cpu") -> Array:
    """Return the net's scaled log-mels of waveforms, (n, 60, frames)."""
    import torch

    net.to(device).eval()
    order = split_batches(np.arange(len(rows)), 100)
    with torch.inference_mode():
        parts = [net(batch).cpu().numpy() for batch in Loader(rows, device).batches(order)]
    return np.concatenate(parts)


def _parts(table: Table, split: Split, edge: Edge) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: segments and their scaled log-mels."""
    held = np.setdiff1d(split.select, split.train)
    cuts = [segments_of(table, rows) for rows in (split.train, held, split.test)]
    mels = [log_mels(rows, edge) for rows in cuts]
    extremes = float(mels[0].min()), float(mels[0].max())
    train, valid, test = (
        Part(Rows(rows), scaled(mel, extremes)) for rows, mel in zip(cuts, mels, strict=True)
    )
    return train, valid, test


def scaled(mels: Array, extremes: tuple[float, float]) -> Array:
    """Return log-mels in which the ``extremes`` (those of the training part) are −1 and 1."""
    low, high = extremes
    return 2 * (mels - low) / (high - low) - 1


def segments_of(table: Table, rows: NDArray[np.int64]) -> Array:
    """Return the segments of some clips of a table of waveforms."""
    waves = (np.asarray(table.X[int(row)], dtype=np.float32) for row in rows)
    return np.concatenate([segments.cut(_wave(wave)) for wave in waves])


def _wave(wave: Samples) -> Samples:
    if wave.ndim != 1:
        raise ParameterError(f"rows of shape {wave.shape}: MSTmodel reads waveform:sr=22050")
    return wave


def log_mels(rows: Array, edge: Edge = "drop") -> Array:
    """Return the log-mels of segments, (n, 60, frames) in dB: all frames, or all but the last."""
    feature: Any = get_feature(FEATURE)
    mels = np.stack([feature(Signal(row, segments.SR)).T for row in rows])
    return mels[:, :, :-1] if edge == "drop" else mels
