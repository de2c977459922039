"""What a person at a terminal sees of a run: epoch, loss, accuracy and the time left."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

# Columns of the curves that are shown, where a run has them.
_SHOWN = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "test_accuracy")


@contextmanager
def epochs_bar(
    total: int, done: int, always: bool = False
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Show a bar over epochs on stderr; yield what is called with each new line of the curves.

    The bar is there where stderr is a terminal, or with ``always``; a worker process shows none
    unless ``always``.

    Parameters
    ----------
    total, done : int
        Epochs in all, and those that a checkpoint has already.
    always : bool
        Show it wherever stderr goes.
    """
    worker = multiprocessing.current_process().name != "MainProcess"
    disable = None if not (always or worker) else not always
    with tqdm(
        total=total,
        initial=done,
        desc="training",
        unit="epoch",
        disable=disable,
        leave=False,
        mininterval=0,
    ) as bar:

        def show(row: Mapping[str, Any]) -> None:
            texts = {
                name.replace("train_", ""): f"{row[name]:.3f}" for name in _SHOWN if name in row
            }
            bar.set_postfix(texts, refresh=False)
            bar.update()

        yield show
