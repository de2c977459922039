"""Reading the rows of a feature: all at once, or one at a time from where they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store import records
from featkit.store.records import DONE, Entries
from featkit.store.shelf import Row, Shelf


@dataclass(frozen=True, eq=False)
class Rows:
    """Valid rows of a feature.

    Attributes
    ----------
    numbers : ndarray of int
        Numbers in the store.
    entries : structured ndarray
        Their records.
    values : ndarray or list of ndarray
        Their stored values; a list where rows differ in length.
    """

    numbers: NDArray[np.int64]
    entries: Entries
    values: Any


def read(shelf: Shelf, candidates: NDArray[np.int64]) -> Rows:
    """Return those of the rows ``candidates`` that are valid.

    Values and records come from the same objects, so that a row is of one piece even while the
    store is being written.

    Raises
    ------
    StoreError
        Naming the first damaged row or block and the command that mends it.
    """
    entries = np.zeros(len(candidates), dtype=records.ENTRY)
    ragged: list[Row] = [np.empty(0)] * (len(candidates) if shelf.ragged else 0)
    size = 0 if shelf.ragged else len(candidates)
    even = np.empty((size, *(side or 0 for side in shelf.stored_shape)), dtype=shelf.dtype)
    block_of = candidates // shelf.block

    def fill(block: int) -> None:
        at = np.flatnonzero(block_of == block)
        if not len(at):
            return
        try:
            stored = shelf.read_block(block)
        except StoreError as error:
            raise shelf.problem(block, error) from error
        for i in map(int, at):
            inside = int(candidates[i]) % shelf.block
            entries[i] = stored.record.entries[inside]
            if entries["status"][i] != DONE:
                continue
            row = stored.values(inside, shelf.dtype)
            if isinstance(row, StoreError):
                raise shelf.problem(block, row, clip=int(candidates[i]))
            if shelf.ragged:
                ragged[i] = row
            else:
                even[i, ...] = row

    shelf.each_block(fill)
    done = np.flatnonzero(entries["status"] == DONE)
    if len(done) == len(candidates):
        return Rows(candidates, entries, ragged if shelf.ragged else even)
    values = [ragged[i] for i in done] if shelf.ragged else even[done]
    return Rows(candidates[done], entries[done], values)


class StoredRows:
    """Rows of one shape that stay in the store.

    ``rows[3]`` reads one, ``rows[array]`` stands for some without reading them.

    Parameters
    ----------
    shelf : Shelf
        Of a feature whose rows have one shape as learners see them, stored so or not.
    numbers : ndarray of int
        Numbers in the store.
    entries : structured ndarray
        Their records.
    expand : callable
        From a list of stored rows to those that learners see.

    Raises
    ------
    StoreError
        When a row is read that is damaged, or was written anew since.
    """

    def __init__(
        self,
        shelf: Shelf,
        numbers: NDArray[np.int64],
        entries: Entries,
        expand: Callable[[list[Row]], Any],
    ) -> None:
        self.shelf, self.numbers, self.entries, self.expand = shelf, numbers, entries, expand
        self.shape = (len(numbers), *(side or 0 for side in shelf.shape))
        self.dtype = shelf.dtype
        self._tables: dict[tuple[int, int], NDArray[Any]] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, which: Any) -> Any:
        if not isinstance(which, (int, np.integer)):
            some = StoredRows(self.shelf, self.numbers[which], self.entries[which], self.expand)
            some._tables = self._tables
            return some
        number, entry = int(self.numbers[which]), self.entries[which]
        try:
            row = self.shelf.read_row(number, entry, self._table)
        except StoreError as error:
            raise self._problem(number, entry, error) from error
        return self.expand([row])[0]

    def __iter__(self) -> Iterator[Row]:
        return (self[at] for at in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Read all rows into memory."""
        return np.stack(list(self)).astype(dtype or self.dtype, copy=False)

    def _table(self, block: int, stretch: int) -> NDArray[Any]:
        if (block, stretch) not in self._tables:
            self._tables[block, stretch] = self.shelf.index(block, stretch)
        return self._tables[block, stretch]

    def _problem(self, number: int, entry: Any, error: StoreError) -> StoreError:
        """Return the error of a row: damage, unless the store now has another row there."""
        block, inside = divmod(number, self.shelf.block)
        try:
            now = self.shelf.read_block(block).record.entries[inside]
        except StoreError as damage:
            return self.shelf.problem(block, damage)
        if now.tobytes() != entry.tobytes():
            return StoreError(
                f"{self.shelf.canonical}, clip {number} was computed again while its table was in "
                "use; start again"
            )
        return self.shelf.problem(block, error, clip=number)
