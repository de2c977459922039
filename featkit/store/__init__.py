"""Where features are kept: a Zarr v3 group that other readers of Zarr open without featkit.

Names are imported when they are used, so that a table needs no zarr.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featkit.store.checks import prune, repair, verify
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
    "migrate": "migration",
    "prune": "checks",
    "repair": "checks",
    "verify": "checks",
}

__all__ = ["Shelf", "Store", "StoreShelf", "Table", "migrate", "prune", "repair", "verify"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
