"""What a user hands over as rows → the rows that a net reads: features of waveforms, even lengths,
checked shapes.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.training import augmentation
from featkit.training.data import Rows, even, usual_length
from featkit.training.engine import Part
from featkit.training.inner import fold_split, inner_split

Targets = NDArray[np.int64]


def frames(X: Any, length: int) -> int:
    """Return the frames that rows are made even to: ``length``, else the median where rows differ,
    else 0: no change.
    """
    lengths = {len(row) for row in X} if isinstance(X, (list, tuple)) and not length else set()
    return usual_length(X) if len(lengths) > 1 else length


def front_end(X: Any, front: str, sr: int, inside: str = "no") -> Any:
    """Return the feature ``front`` of each waveform of ``X``, or ``X`` itself where none is named
    or the net computes it.
    """
    if not front or inside != "no":
        return X
    if sr <= 0:
        raise ParameterError(
            f"front={front} reads waveforms, whose rate must be given: sr=44100, not sr={sr}"
        )
    return augmentation.compute(list(X), sr, get_feature(front))


class Heard:
    """Rows of a layer in front of a net, one computed at a time: what statistics are taken of.

    Parameters
    ----------
    rows : Rows
        Waveforms.
    layer : torch.nn.Module
        `featkit.training.listening.Listening`.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, rows: Rows, layer: Any) -> None:
        self.rows, self.layer = rows, layer
        self.shape = (len(rows), *layer.shape(*rows.shape))

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        samples = torch.from_numpy(np.array(self.rows.take(np.array([row])), dtype=np.float32))
        with torch.inference_mode():
            found: NDArray[np.float32] = self.layer(samples)[0].numpy()
        return found


def read(X: Any, length: int, shape: tuple[int, ...] = ()) -> Rows:
    """Return rows, made even to ``length`` frames unless it is 0, and of ``shape`` where one is
    given.

    Raises
    ------
    ParameterError
        If they are not.
    """
    X = list(X) if isinstance(X, tuple) else X
    if isinstance(X, np.ndarray) and not X.dtype.isnative:
        X = X.astype(X.dtype.newbyteorder("="))
    if (len(X) if isinstance(X, list) else X.shape[0]) == 0:
        raise ParameterError("there are no rows")
    if length:
        if np.ndim(X[0]) > 2:
            raise ParameterError(
                f"rows of shape {np.shape(X[0])} cannot be made even; only (frames, bins) and (samples,) can"
            )
        X = even(X, length)
    shapes = {np.shape(row) for row in X} if isinstance(X, list) else set()
    if len(shapes) > 1:
        raise ParameterError(
            f"rows of different shapes, such as {' and '.join(map(str, sorted(shapes)[:2]))}: a net reads one"
        )
    rows = Rows(np.stack(X) if isinstance(X, list) else X)
    if shape and rows.shape != tuple(shape):
        raise ParameterError(f"rows of shape {rows.shape}; this net was trained on {tuple(shape)}")
    return rows


def parts(
    rows: Rows, targets: Targets, share: float, groups: ArrayLike | None, seed: int
) -> tuple[Part, Part | None]:
    """Return the rows to learn from and, with a ``share`` above 0, the inner validation part.

    That is the lowest of the inner folds ``groups``, or without them a share of each class.
    """
    if groups is not None and np.shape(groups) != (len(rows),):
        raise ParameterError(
            f"{len(rows)} rows and groups of shape {np.shape(groups)}; expected an inner fold for each row"
        )
    if not share:
        return Part(rows, targets), None
    train, valid = (
        inner_split(targets, share, seed) if groups is None else fold_split(np.asarray(groups))
    )
    lost = np.setdiff1d(targets, targets[train])
    if len(lost):
        raise ParameterError(
            f"{len(lost)} classes are in the inner validation part only and would never be learned; give valid=0"
        )
    return Part(rows.subset(train), targets[train]), Part(rows.subset(valid), targets[valid])


def labelled(rows: Rows, y: ArrayLike, classes: NDArray[Any]) -> Part:
    """Return rows with their labels as places in ``classes``, −1 for a label that is not among
    them.

    Raises
    ------
    ParameterError
        If there is not one label for each row, or none of them is among the classes.
    """
    labels = np.asarray(y)
    if labels.shape != (len(rows),):
        raise ParameterError(f"eval_set has {len(rows)} rows and labels of shape {labels.shape}")
    known = np.isin(labels, classes)
    if not known.any():
        raise ParameterError("eval_set has no label that the training rows have")
    return Part(rows, np.where(known, np.searchsorted(classes, labels), -1))


def augmented(X: Any, part: Part, front: str, sr: int, seed: int) -> Part:
    """Return a training part twice over, the second time augmented anew in every epoch (S0-7).

    Parameters
    ----------
    X : sequence of ndarray of float32
        Waveforms that the rows of ``part`` were computed from.
    part : Part
        Clean features, all rows of ``X`` or an index into them.
    front, sr, seed
        FEATURE text, rate in Hz, seed of the draws.
    """
    if not front:
        raise ParameterError(
            "augment=true works on waveforms: give front=FEATURE and sr=HZ, and rows of the feature waveform"
        )
    index = np.arange(len(part.rows)) if part.rows.index is None else part.rows.index
    waves = [np.asarray(X[int(row)], dtype=np.float32) for row in index]
    clean = part.rows.take(np.arange(len(index)))
    both = augmentation.Augmented(clean, waves, sr, get_feature(front), seed)
    return Part(Rows(both), np.concatenate([part.targets, part.targets]))
