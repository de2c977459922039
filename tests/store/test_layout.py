"""A store is made at once or not at all."""

import pytest

from featkit.errors import StoreError
from featkit.store import Store, layout
from featkit.store import manifest as manifests


def test_a_store_that_is_not_made_whole_is_not_there(tmp_path, monkeypatch):
    def stopped(objects, manifest):
        assert not (tmp_path / "s.zarr").exists() and len(list(tmp_path.iterdir())) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(manifests, "write", stopped)
    with pytest.raises(KeyboardInterrupt):
        layout.create(str(tmp_path / "s.zarr"), "d", 4)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    layout.create(str(tmp_path / "s.zarr"), "d", 4)
    assert [path.name for path in tmp_path.iterdir()] == ["s.zarr"]
    assert (Store(tmp_path / "s.zarr").dataset, len(Store(tmp_path / "s.zarr"))) == ("d", 0)


def test_a_second_writer_is_refused(tmp_path):
    again = pytest.raises(StoreError)
    with layout.writer_lock(str(tmp_path)), again, layout.writer_lock(str(tmp_path)):
        pass
    with layout.writer_lock(str(tmp_path)):
        pass
