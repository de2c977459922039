"""Embeddings of any pretrained torch net that follows the HEAR interface [Turian2022]."""

import hashlib
import importlib
import os
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from featkit.audio import Signal
from featkit.errors import MissingDependencyError, ParameterError
from featkit.features.base import Array, Feature, registry
from featkit.naming import outside
from featkit.naming.plugins import FAULTS, reason

MODELS_KEPT = 2
CALLS = ("load_model", "get_scene_embeddings")


@registry.register
@dataclass(frozen=True)
class Hear(Feature):
    """Scene embedding by a module that follows the HEAR interface, one vector per clip.

    The module offers ``load_model(weights)`` and ``get_scene_embeddings(audio, model)`` for
    ``audio`` of shape (clips, samples); the model has ``sample_rate`` and ``scene_embedding_size``.
    Clips go through one by one, at their own length.

    Parameters
    ----------
    module : str
        Dotted name of an installed module.
    weights : str
        File that ``load_model`` reads; empty calls it without one.
    """

    units: ClassVar[str] = "embedding"

    module: str = ""
    weights: str = ""

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(model.scene_embedding_size,); loads the model."""
        return (int(self._model()[1].scene_embedding_size),)

    @property
    def spec(self) -> dict[str, object]:
        """The specification; it includes what the module's file and the weights hold, so that new
        weights are a new feature.
        """
        return {**super().spec, "content": self._content()}

    def __call__(self, signal: Signal) -> Array:
        """Return the embedding of one clip, float32."""
        import torch

        module, model = self._model()
        samples = torch.tensor(signal.at(int(model.sample_rate)))[None]
        with torch.inference_mode():
            embedding = module.get_scene_embeddings(samples, model)
        values = embedding.detach().cpu() if hasattr(embedding, "detach") else embedding
        row: Array = np.asarray(values, dtype=np.float32)[0]
        return row

    def _content(self) -> dict[str, str]:
        return {"module": _module_digest(self.module), "weights": _file_digest(self.weights)}

    def _model(self) -> tuple[Any, Any]:
        return _load(self.module, self.weights, self._content()["weights"])


@lru_cache(maxsize=MODELS_KEPT)
def _load(name: str, weights: str, digest: str) -> tuple[Any, Any]:
    """Return the imported module and its model; ``digest`` is that of the weights, so that changed
    ones are loaded anew.

    Raises
    ------
    ParameterError
        If no module is named or it does not follow the interface.
    MissingDependencyError
        If the module or the file of weights is not there.
    """
    import torch

    if not name:
        raise ParameterError("hear needs a module: hear:module=NAME,weights=FILE")
    if weights and not os.path.isfile(weights):
        raise MissingDependencyError(f"hear:weights={weights!r} is not a file")
    outside.check(name, "HEAR module")
    try:
        module = importlib.import_module(name)
    except FAULTS as error:  # What runs on import is not ours.
        raise MissingDependencyError(
            f"hear:module={name!r} cannot be imported: {reason(error)}"
        ) from error
    lacking = [call for call in CALLS if not callable(getattr(module, call, None))]
    if lacking:
        raise ParameterError(
            f"hear:module={name!r} lacks {', '.join(lacking)} of the HEAR interface"
        )
    try:
        model = module.load_model(weights) if weights else module.load_model()
    except Exception as error:
        raise ParameterError(
            f"hear:module={name!r} cannot load its model: {type(error).__name__}: {error}"
        ) from error
    if isinstance(model, torch.nn.Module):
        model.eval()  # No dropout, and the batch statistics of training.
    for attribute in ("sample_rate", "scene_embedding_size"):
        if not hasattr(model, attribute):
            raise ParameterError(f"the model of hear:module={name!r} has no {attribute}")
    return module, model


def _module_digest(name: str) -> str:
    """Return 16 hex digits of the module's source and of what it imports from beside it; empty
    where it has none.
    """
    from featkit.naming import fingerprint

    if name:
        outside.check(name, "HEAR module")  # Looking for a module imports what it lies in.
    try:
        spec = find_spec(name) if name else None
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return ""
    # Not from the cache: a module that was edited is another feature, in the same process too.
    return f"{fingerprint.of_module.__wrapped__(name, hears=False):016x}"


def _file_digest(path: str) -> str:
    """Return 16 hex digits of a file's content; empty where there is no such file."""
    if not os.path.isfile(path):
        return ""
    state = os.stat(path)
    return _digest(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=16)
def _digest(path: str, size: int, mtime: int) -> str:
    """Return the digest of a file; size and time of change are there to notice a change."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()
