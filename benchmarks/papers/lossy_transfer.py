"""What dropping the batch normalisation of a trained MSTmodel costs [MSTmodel].

The code trains its front layers with batch normalisation, and loads their weights into layers that
have none. Here such layers are trained, and predict the log-mels of the test fold with their
normalisation, with it folded into the weights, and with it dropped:

    python benchmarks/papers/lossy_transfer.py STORE OUT.json EPOCHS [FOLD …]

STORE holds waveform:sr=22050; folds are called 1v5, 2v1 … The nets stay beside OUT.json.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit import Store
from featkit.analysis.mst import log_mels, predict, train_mst
from featkit.evaluation import Folding
from featkit.nets.mst import MST
from featkit.training import segments
from featkit.training.rows import Rows

Waves = NDArray[np.float32]


def cut(table: Any, clips: NDArray[np.int64]) -> Waves:
    """Return the segments of some clips."""
    return np.concatenate([segments.cut(np.asarray(table.X[int(clip)])) for clip in clips])


def errors(net: MST, train: Waves, test: Waves) -> list[dict[str, Any]]:
    """Return error and explained variance on the test segments, by what becomes of the norm.

    Log-mels are scaled to [−1, 1] by the extremes of the training segments, as in training.
    """
    learned, truth = log_mels(train), log_mels(test)
    low, high = learned.min(), learned.max()
    learned, truth = (2 * (mels - low) / (high - low) - 1 for mels in (learned, truth))
    constant = float(np.square(truth - learned.mean()).mean())
    rows = []
    for norm in ("kept", "fold", "drop"):
        front = net if norm == "kept" else net.without_norm(norm)
        mse = float(np.square(predict(front, Rows(test)) - truth).mean())
        rows.append({"norm": norm, "mse": mse, "r2": 1 - mse / constant})
    return rows


def measure(store: str, out: Path, epochs: int, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Train the nets of some folds, all without names, and write what each transfer costs."""
    table = Store(store).table("waveform:sr=22050")
    folder = out.with_suffix("")
    fits = train_mst(table, folder, only_folds=names, batch_norm=True, epochs=epochs)
    plan = Folding(folds="rotating", only_folds=names).plan(table)
    rows = []
    for fit, split in zip(fits, plan.measured, strict=True):
        net = MST.read(folder / f"{split.name}.safetensors")
        train, test = cut(table, split.train), cut(table, split.test)
        about = {"fold": fit.fold, "epochs": fit.epochs, "best_epoch": fit.epoch}
        rows += [about | row for row in errors(net, train, test)]
        out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return rows


if __name__ == "__main__":
    for row in measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), tuple(sys.argv[4:])):
        print(row)
