"""Bundles of earlier versions: types that have moved since, found under their new names.

A classifier's file names each type by the module that defines it. `MOVED` maps the names that
earlier versions wrote to today's; a bundle on disk is never rewritten, since that would break its
checksums. Whoever moves or renames an estimator adds a line.
"""

import io
import json
import zipfile
from typing import Any

SCHEMA = "schema.json"
MOVED = {
    "featkit.training.deep_features.DeepSVM": "featkit.classifiers.deep_svm.DeepSVM",
    "featkit.training.ensemble.MeanEnsemble": "featkit.classifiers.net_ensemble.MeanEnsemble",
    "featkit.training.estimator.NetClassifier": "featkit.classifiers._net.NetClassifier",
    "featkit.training.grid.NetGrid": "featkit.classifiers.net_grid.NetGrid",
    "featkit.training.segmented.SegmentVoting": "featkit.classifiers.segments.SegmentVoting",
}


def migrated(data: bytes) -> bytes:
    """Return a skops file in which every type of `MOVED` has its new name; the same bytes where
    there is none.

    Raises
    ------
    zipfile.BadZipFile, KeyError, ValueError
        If ``data`` is not a skops file.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        schema = json.loads(old.read(SCHEMA))
        if not _rename(schema):
            return data
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as new:
            for item in old.infolist():
                content = json.dumps(schema) if item.filename == SCHEMA else old.read(item)
                new.writestr(item.filename, content)
    return buffer.getvalue()


def _rename(node: Any) -> int:
    """Rename the types inside a part of a schema, in place, and return how many there were."""
    if isinstance(node, list):
        return sum(map(_rename, node))
    if not isinstance(node, dict):
        return 0
    name = MOVED.get(f"{node.get('__module__')}.{node.get('__class__')}", "")
    if name:
        node["__module__"], _, node["__class__"] = name.rpartition(".")
    return bool(name) + sum(map(_rename, node.values()))
