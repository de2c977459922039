"""Where features are kept: a Zarr v3 group that other readers of Zarr open without featkit.

Names are imported when they are used, so that a table needs no zarr.
"""

from typing import TYPE_CHECKING

from featkit.naming import lazy

if TYPE_CHECKING:
    from featkit.store.checks import prune, repair, verify
    from featkit.store.merging import merge
    from featkit.store.migration import migrate
    from featkit.store.shelf import Shelf
    from featkit.store.store import Store
    from featkit.store.store_shelf import StoreShelf
    from featkit.store.table import Table

_PLACES = {
    "Shelf": "shelf",
    "Store": "store",
    "StoreShelf": "store_shelf",
    "Table": "table",
    "merge": "merging",
    "migrate": "migration",
    "prune": "checks",
    "repair": "checks",
    "verify": "checks",
}

__all__ = ["Shelf", "Store", "StoreShelf", "Table", "merge", "migrate", "prune", "repair", "verify"]


__getattr__, __dir__ = lazy.attributes(__name__, _PLACES)
