"""The manifest: any change of its bytes is noticed, and other formats are refused by name."""

import json
from dataclasses import replace

import pytest
import zarr

from featkit.errors import StoreError
from featkit.store import Store, layout, manifest, repair, verify
from featkit.store.objects import Objects


@pytest.fixture
def store(tmp_path):
    layout.create(str(tmp_path / "s"), "toy", 4)
    return tmp_path / "s"


def test_what_is_written_is_read(store):
    first = manifest.read(Objects(str(store)))
    assert (first.dataset, first.shard_clips, len(first)) == ("toy", 4, 0)
    assert vars(manifest.decode(manifest.encode(first))) == vars(first)


def test_every_changed_byte_is_noticed(store):
    data = (store / manifest.PLACE).read_bytes()
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 1
        with pytest.raises(StoreError):
            manifest.decode(bytes(broken))
    for kept in (0, 20, len(data) - 1):
        with pytest.raises(StoreError):
            manifest.decode(data[:kept])


def test_the_spare_copy_is_only_for_repair(store):
    (store / manifest.PLACE).unlink()
    with pytest.raises(StoreError, match="verify --repair"):
        Store(store)
    assert Store(store, salvage=True).dataset == "toy"
    (store / manifest.SPARE).write_bytes(b"")
    with pytest.raises(StoreError, match="both copies"):
        Store(store, salvage=True)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"featkit_format": 1}, "format 1.*store migrate"),
        ({"featkit_format": 2}, "format 2.*store migrate"),
        ({"featkit_format": 9, "featkit_needs": "9.1"}, "format 9.*needs featkit 9.1 or newer"),
        ({}, "not a featkit store"),
    ],
)
def test_other_formats_are_refused(tmp_path, attributes, words):
    zarr.create_group(str(tmp_path / "g"), zarr_format=3, attributes=attributes)
    with pytest.raises(StoreError, match=words):
        Store(tmp_path / "g")


def test_no_store_is_named(tmp_path):
    with pytest.raises(StoreError, match="no store at"):
        Store(tmp_path / "nothing")


def test_a_damaged_document_of_the_group_changes_nothing(store):
    text = json.loads((store / "zarr.json").read_text())
    for damage in ("{", json.dumps(text | {"attributes": {"featkit_format": 9}})):
        (store / "zarr.json").write_text(damage)
        assert Store(store).dataset == "toy"


@pytest.mark.parametrize("place", [manifest.PLACE, manifest.SPARE])
def test_an_old_copy_put_back_changes_nothing_and_is_found(store, place):
    old = (store / place).read_bytes()
    opened = Store(store, "r+")
    manifest.write(opened.objects, replace(opened.manifest, protocol="split"))
    (store / place).write_bytes(old)
    assert Store(store).manifest.protocol == "split"
    assert place in [item.get("object") for item in verify(Store(store))["damaged"]]
    repair(Store(store, "r+"), verify(Store(store)))
    assert (store / place).read_bytes() != old and not verify(Store(store))["damaged"]


@pytest.mark.parametrize("place", [manifest.PLACE, manifest.SPARE])
def test_a_manifest_of_another_store_is_refused_and_replaced(store, place):
    own = Store(store).manifest
    other = replace(own, uid=manifest.new_uid(), dataset="other", generation=99)
    (store / place).write_bytes(manifest.encode(other))
    with pytest.raises(StoreError, match=r"of another store.*--repair"):
        Store(store)
    assert Store(store, salvage=True).dataset == own.dataset
    repair(Store(store, "r+", salvage=True), verify(Store(store, salvage=True)))
    assert Store(store).dataset == own.dataset and not verify(Store(store))["damaged"]
