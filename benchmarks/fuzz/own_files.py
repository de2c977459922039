"""Texts and files that featkit writes or asks its users for: good ones, and what reads them."""

import io
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

# Reads a file, in a folder that it may use. What comes back is a size, which must not be less than
# that of the undamaged file where `Parser.keeps_size` says so.
Read = Callable[[bytes, Path], int]


def specs() -> list[bytes]:
    return [
        b"mfcc_stats",
        b"mfcc:n_mfcc=20,sr=22050",
        b"random_cnn:arch=vgg,seed=0-9",
        b"logmel:n_mels=64,hop_length=512+mfcc_stats:deltas=2",
        b"net:front=(logmel:n_mels=64,hop_length=256),sr=22050,dropout=0.5",
        b"package.module:Name:key=value,other=a+b+c",
    ]


def read_spec(data: bytes, folder: Path) -> int:
    from featkit.errors import ParameterError
    from featkit.naming import spec

    texts = spec.expand_ranges(data.decode("utf-8", "surrogateescape"))
    name, params = spec.parse(texts[-1])
    for value in params.values():
        for kind in (int, float, bool, int | None, tuple[int, ...]):
            try:
                spec.convert(value, kind, "value")
            except ParameterError:
                continue
    return len(spec.write(name, params))


def csv() -> list[bytes]:
    rows = [("a.wav", "dog", 1, "x", 0.0, 1.0), ("b.wav", "cat", 2, "y", 0.5, 0.5)]
    lines = [",".join(map(str, row)) for row in rows]
    full = "\n".join(["path,label,fold,group,start,duration", *lines]) + "\n"
    split = "path,label,split,speaker\na.wav,x,train,ann\nb.wav,y,test,bob\n"
    return [full.encode(), split.encode(), b'path,label\n"a.wav","big, ""dog"""\ns3://b/c.wav,x\n']


def parquet() -> list[bytes]:
    import pandas as pd

    frame = pd.DataFrame({"path": ["a.wav", "b.wav"], "label": ["x", "y"], "fold": [1, 2]})
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return [stream.getvalue()]


def table_reader(suffix: str) -> Read:
    def read(data: bytes, folder: Path) -> int:
        from featkit.datasets import get_dataset

        (folder / "a.wav").touch()
        path = folder / f"table.{suffix}"
        path.write_bytes(data)
        return len(get_dataset(path))

    return read


CONFIG = """\
dataset: synthetic:40
store: s.zarr
results: results.jsonl
limit: 40
systems:
  - features: [mfcc_stats, "logmel:n_mels=40"]
    classifiers: [svm, "knn:n_neighbors=3"]
    seeds: 2
  - features: random_cnn:seed=0-2
    classifiers: [elm]
fuse:
  - {name: both, members: [a, b]}
"""


def read_config(data: bytes, folder: Path) -> int:
    from featkit.experiment.config import load

    path = folder / "c.yaml"
    path.write_bytes(data)
    return len(load(path).systems)


def results() -> list[bytes]:
    score = {
        "dataset": "esc10", "feature": "mfcc", "classifier": "svm", "protocol": "nested",
        "fold": "1", "seed": 0, "scheme": "official folds", "accuracy": 0.75,
        "macro_accuracy": 0.75, "macro_f1": 0.73, "log_loss": 1.66, "n_train": 320, "n_test": 80,
        "params": {"C": 1.0}, "fit_seconds": 3.5, "predict_seconds": 0.1, "model_bytes": 800,
        "data": "5359ce2779fb0992", "notes": [], "error": "",
    }  # fmt: skip
    lines = [json.dumps(score | {"fold": str(fold)}) for fold in range(1, 4)]
    return ["\n".join([*lines, ""]).encode()]


def predictions() -> list[bytes]:
    lines = [
        json.dumps(
            {
                "cell": ["esc10", "mfcc", "svm", "nested", str(fold), 0],
                "classes": ["a", "b"],
                "ids": ["1", "2", "3", "4"],
                "groups": ["1", "2", "3", "4"],
                "y_true": ["a", "a", "b", "b"],
                "y_pred": ["a", "a", "b", "a"],
                "probabilities": [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [1.0, 0.0]],
            }
        )
        for fold in range(1, 4)
    ]
    return ["\n".join([*lines, ""]).encode()]


def read_predictions(data: bytes, folder: Path) -> int:
    """Return how many clips the results say something of, whose predictions ``data`` are."""
    from featkit.results import read

    loss = -float(np.mean(np.log([0.75, 0.5, 0.75, np.finfo(float).eps])))
    changes = {"n_test": 4, "macro_f1": (0.8 + 2 / 3) / 2, "log_loss": loss}
    rows = [json.loads(line) | changes for line in results()[0].splitlines()]
    (folder / "p.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    (folder / "p.jsonl.predictions").write_bytes(data)
    return len([score.ids for score in read(folder / "p.jsonl")])


@lru_cache
def bundles() -> list[bytes]:
    """Return the classifier of a small bundle."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        bundle().save(Path(name) / "b")
        return [(Path(name) / "b" / "classifier.skops").read_bytes()]


@lru_cache
def bundle() -> Any:
    from featkit.bundle import train
    from featkit.store.table import Table

    rng = np.random.default_rng(0)
    table = Table(
        X=rng.standard_normal((12, 120)).astype(np.float32),
        y=np.array(["a", "b"] * 6),
        folds=np.arange(12) // 2 % 3,
        groups=np.array([f"g{row}" for row in range(12)]),
        ids=np.array([f"c{row}" for row in range(12)]),
        dataset="toy",
        feature="mfcc_stats",
        protocol="folds",
    )
    return train(table, "knn")


def sealed(content: dict[str, Any]) -> bytes:
    """Return a manifest with the digest of its content, as whoever wants to deceive writes it."""
    from featkit.bundle.manifest import digest

    return json.dumps({**content, "digest": digest(content)}).encode()


def read_bundle(data: bytes, folder: Path) -> int:
    """Return the number of classes of a bundle of which ``data`` is the classifier."""
    from hashlib import sha256

    from featkit.bundle import Bundle
    from featkit.bundle.manifest import CARD, FORMAT, MANIFEST, MODEL

    files = {MODEL: sha256(data).hexdigest(), CARD: sha256(b"").hexdigest()}
    (folder / MODEL).write_bytes(data)
    (folder / CARD).write_bytes(b"")
    content = {"featkit_bundle": FORMAT, **bundle().about, "files": files}
    (folder / MANIFEST).write_bytes(sealed(content))
    return len(Bundle.load(folder).classes)


def read_results(data: bytes, folder: Path) -> int:
    from featkit.results import read

    path = folder / "results.jsonl"
    path.write_bytes(data)
    return len(read(path))
