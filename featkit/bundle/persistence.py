"""``skops.io``, imported without libraries that it does not use.

When skops is imported, it lists scikit-learn's estimators by importing all of its packages. Among
those are adapters to torch and Dask, which hold no estimator and load these libraries: seconds that
a prediction does not need.
"""

import sys
from types import ModuleType

_ADAPTERS = tuple(
    f"sklearn.externals.array_api_compat.{name}" for name in ("torch", "dask", "cupy")
)


def _imported() -> ModuleType:
    """Import skops while the adapters cannot be imported; they can be again afterwards."""
    absent = [name for name in _ADAPTERS if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import skops.io
    finally:
        for name in absent:
            del sys.modules[name]
    module: ModuleType = skops.io
    return module


io = _imported()
