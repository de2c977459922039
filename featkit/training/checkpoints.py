"""Checkpoints that a kill cannot tear: tensors in safetensors, the rest in JSON, written aside and
renamed.
"""

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from featkit import __version__
from featkit.training.data import Part

Tensors = dict[str, Tensor]

_KEPT = 2


class Checkpoints:
    """The checkpoints of one run in a folder of their own.

    An epoch is two files: ``epoch-0007.safetensors``, and ``epoch-0007.json``, which is written
    last, makes the epoch valid and holds a digest of both. The last two epochs are kept.

    Parameters
    ----------
    folder : path
        Created if it is missing.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def save(self, epoch: int, tensors: Tensors, record: dict[str, Any]) -> None:
        """Write the checkpoint of an epoch and remove those before the last two."""
        from safetensors.torch import save

        self.folder.mkdir(parents=True, exist_ok=True)
        # Tied tensors get memory of their own, which safetensors asks for.
        data = save(
            {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
        )
        _write(self._path(epoch, "safetensors"), data)
        text = json.dumps({"digest": _digest(data, record), "record": record})
        _write(self._path(epoch, "json"), text.encode())
        for old in self.epochs()[:-_KEPT]:
            self._path(old, "json").unlink()
            self._path(old, "safetensors").unlink(missing_ok=True)

    def load(self) -> tuple[int, Tensors, dict[str, Any]] | None:
        """Return epoch, tensors and record of the newest whole checkpoint, or None; it warns of
        damaged ones.
        """
        for epoch in reversed(self.epochs()):
            try:
                return epoch, *self._read(epoch)
            except (OSError, ValueError, KeyError, TypeError) as error:
                warnings.warn(
                    f"{self._path(epoch, 'json')}: damaged checkpoint ({error}); training goes on "
                    "from the one before it, or from the start if there is none",
                    stacklevel=2,
                )
        return None

    def epochs(self) -> list[int]:
        """Return the epochs that have a checkpoint, in order."""
        return sorted(
            int(path.stem.removeprefix("epoch-")) for path in self.folder.glob("epoch-*.json")
        )

    def _read(self, epoch: int) -> tuple[Tensors, dict[str, Any]]:
        from safetensors.torch import load

        data = self._path(epoch, "safetensors").read_bytes()
        entry = json.loads(self._path(epoch, "json").read_text(encoding="utf-8"))
        if entry["digest"] != _digest(data, entry["record"]):
            raise ValueError("its bytes are not those that were written")
        return load(data), entry["record"]

    def _path(self, epoch: int, suffix: str) -> Path:
        return self.folder / f"epoch-{epoch:04d}.{suffix}"


def pack(**groups: Tensors) -> Tensors:
    """Return the tensors of several groups as one, by ``group/name``."""
    return {f"{group}/{name}": value for group in groups for name, value in groups[group].items()}


def unpack(tensors: Tensors, group: str) -> Tensors:
    """Return the tensors of one group of `pack`."""
    start = f"{group}/"
    return {
        name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)
    }


def of_run(
    root: str, arch: str, identity: Mapping[str, Any], parts: Sequence[Part | None]
) -> Checkpoints | None:
    """Return a run's checkpoints below the folder ``root``, None if that is empty.

    The folder's name is a hash of everything that identifies the run, of the versions of featkit
    and torch, and of the rows and targets of every part, so that no run continues another.
    """
    if not root:
        return None
    names = {**identity, "versions": [__version__, torch.__version__]}
    digest = blake2b(json.dumps(names, default=str, sort_keys=True).encode(), digest_size=8)
    for part in parts:
        digest.update(b"|")
        if part is not None:
            digest.update(part.targets.tobytes())
            for chunk in part.rows.chunks(64):
                digest.update(np.ascontiguousarray(chunk).tobytes())
    name = "".join(letter if letter.isalnum() or letter in "._-" else "." for letter in arch)
    return Checkpoints(Path(root, f"{name}-{digest.hexdigest()}"))


def _digest(data: bytes, record: dict[str, Any]) -> str:
    return blake2b(data + json.dumps(record, sort_keys=True).encode(), digest_size=16).hexdigest()


def _write(path: Path, data: bytes) -> None:
    aside = path.with_suffix(f"{path.suffix}.part")
    with open(aside, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
