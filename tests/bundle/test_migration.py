"""Bundles of earlier versions: types under their old names are found under today's."""

import importlib
import io
import json
import zipfile

import numpy as np
import pytest
import skops.io

from featkit.bundle.migration import MOVED, migrated


def renamed(data: bytes, module: str, cls: str) -> bytes:
    """A skops file whose outermost type has another name."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    schema = json.loads(parts["schema.json"])
    schema["__module__"], schema["__class__"] = module, cls
    parts["schema.json"] = json.dumps(schema).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("old", MOVED)
def test_a_moved_type_is_read_under_its_new_name(old):
    new = MOVED[old]
    module, _, name = new.rpartition(".")
    cls = getattr(importlib.import_module(module), name)
    estimator = cls.__new__(cls)
    estimator.coef_ = np.arange(5.0)  # an array, which lies beside the schema
    data = renamed(skops.io.dumps(estimator), *old.rpartition(".")[::2])
    with pytest.raises(ImportError):
        skops.io.loads(data, trusted=[old, new])
    types = skops.io.get_untrusted_types(data=migrated(data))
    assert new in types and old not in types
    read = skops.io.loads(migrated(data), trusted=types)
    assert type(read) is type(estimator)
    assert read.coef_.tolist() == [0, 1, 2, 3, 4]


def test_what_has_not_moved_is_left_as_it_is():
    data = skops.io.dumps({"a": np.ones(3)})
    assert migrated(data) is data
    with pytest.raises(zipfile.BadZipFile):
        migrated(b"no archive")
