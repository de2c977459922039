"""Reading the rows of a feature: all at once, blocks side by side, or one at a time from where they
are.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store.shelf import Row, Shelf

# Threads that fetch and unpack blocks; both leave Python's lock.
READERS = 4


def read(shelf: Shelf, rows: NDArray[np.int64]) -> list[Row] | Row:
    """Return the stored values of ``rows`` (numbers in the store): a list where they differ in
    length, else one array.

    Parameters
    ----------
    shelf : Shelf
    rows : ndarray of int

    Raises
    ------
    StoreError
        Naming the first damaged row and the command that mends it.
    """
    lengths = shelf.column("length") if shelf.ragged else None
    ragged: list[Row] = [] if lengths is None else [np.empty(0)] * len(rows)
    even = np.empty(
        (len(rows) if lengths is None else 0, *(side or 0 for side in shelf.stored_shape)),
        dtype=shelf.dtype,
    )
    blocks = rows // shelf.block

    def fill(block: np.int64) -> None:
        where = np.flatnonzero(blocks == block)
        inside = [int(row) for row in rows[where] % shelf.block]
        valid = None if lengths is None else [int(length) for length in lengths[rows[where]]]
        out = [even[at, ...] for at in where] if lengths is None else None
        for at, row in zip(where, shelf.read_block(int(block), inside, valid, out), strict=True):
            if isinstance(row, StoreError):
                raise _named(shelf, int(rows[at]), row)
            if lengths is not None:
                ragged[at] = row

    with ThreadPoolExecutor(READERS) as pool:
        for _ in pool.map(fill, np.unique(blocks)):
            pass
    return even if lengths is None else ragged


class StoredRows:
    """Rows of one shape that stay in the store: ``rows[3]`` reads one, ``rows[array]`` means some
    without reading them.

    Parameters
    ----------
    shelf : Shelf
        Of a feature whose rows have one shape as learners see them, stored so or not.
    rows : ndarray of int
        Numbers in the store.
    expand : callable
        From a list of stored rows to those that learners see.
    lengths : ndarray of int, optional
        Of every row of the store, where stored lengths differ.

    Raises
    ------
    StoreError
        When a row is read that is damaged; the message names it and the command that mends it.
    """

    def __init__(
        self,
        shelf: Shelf,
        rows: NDArray[np.int64],
        expand: Callable[[list[Row]], Any],
        lengths: NDArray[Any] | None = None,
    ) -> None:
        self.shelf, self.rows, self.expand, self.lengths = shelf, rows, expand, lengths
        self.shape = (len(rows), *(side or 0 for side in shelf.shape))
        self.dtype = shelf.dtype
        self._tables: dict[tuple[int, int], NDArray[Any]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: Any) -> Any:
        if not isinstance(which, (int, np.integer)):
            some = StoredRows(self.shelf, self.rows[which], self.expand, self.lengths)
            some._tables = self._tables
            return some
        number = int(self.rows[which])
        block, inside = divmod(number, self.shelf.block)

        def table(stretch: int) -> NDArray[Any]:
            if (block, stretch) not in self._tables:
                self._tables[block, stretch] = self.shelf.row_table(block, stretch)
            return self._tables[block, stretch]

        try:
            row = self.shelf.read_row(
                block, inside, table, None if self.lengths is None else int(self.lengths[number])
            )
        except StoreError as error:
            raise _named(self.shelf, number, error) from error
        return self.expand([row])[0]

    def __iter__(self) -> Iterator[Row]:
        return (self[at] for at in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Read all rows into memory."""
        return np.stack(list(self)).astype(dtype or self.dtype, copy=False)


def _named(shelf: Shelf, number: int, error: StoreError) -> StoreError:
    mend = "'featkit verify --repair' and 'featkit extract' mend it"
    return StoreError(f"{shelf.canonical}, clip {number}: {error}; {mend}")
