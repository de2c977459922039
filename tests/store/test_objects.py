"""Objects of a store in folders and behind URLs, and errors of the system in one line."""

import errno
import uuid

import fsspec
import numpy as np
import pytest
from conftest import MFCC, counts, fill
from zarr.storage import LocalStore

from featkit.errors import StoreError
from featkit.store import Store, manifest, verify
from featkit.store.objects import Objects


@pytest.fixture
def objects(tmp_path):
    return Objects(str(tmp_path))


def test_objects_are_written_read_in_part_and_deleted(objects):
    objects.put([("a/x", b"first"), ("a/y", b"other"), ("a/x", b"0123456789")])
    objects.put_all((f"b/{number}", bytes([number])) for number in range(40))
    assert objects.get("a/x") == b"0123456789" and objects.get("a/z") is None
    assert objects.get("a/x", part=(2, 5)) == b"234" and objects.get("a/x", last=3) == b"789"
    assert objects.get("b/39") == bytes([39])
    assert objects.keys("a") == ["x", "y"] and objects.names() == ["a", "b"]
    assert objects.size("a") == 15
    objects.put([("a/x", None), ("a/x", None)])
    objects.remove("b")
    assert objects.keys("a") == ["y"] and objects.names() == ["a"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_errors_of_the_system_say_where(objects, monkeypatch, code):
    async def fail(self, key, value):
        raise OSError(code, "the reason")

    monkeypatch.setattr(LocalStore, "set", fail)
    with pytest.raises(StoreError) as caught:
        objects.put([("a/x", b"")])
    message = str(caught.value)
    assert "a/x" in message and objects.path in message and "the reason" in message
    assert "\n" not in message


def test_a_store_behind_a_url_is_like_one_in_a_folder(audio_folder, tmp_path):
    folder, url = audio_folder(6), f"memory://{uuid.uuid4().hex}/s.zarr"
    fill(folder, url)
    fill(folder, tmp_path / "s")
    assert counts(fill(folder, url))["mfcc_stats"] == (0, 6, 0)
    there, here = (Store(path)[MFCC].table() for path in (url, tmp_path / "s"))
    assert there.fingerprint == here.fingerprint and verify(Store(url))["damaged"] == []


@pytest.mark.parametrize("kept", [(manifest.SPARE,), (manifest.SPARE, manifest.PLACE)])
def test_a_store_behind_a_url_whose_creation_was_killed_is_made(audio_folder, kept):
    folder, url = audio_folder(4), f"memory://{uuid.uuid4().hex}/s.zarr"
    fill(folder, url)
    objects = Objects(url)
    whole = {place: objects.get(place) for place in kept}
    for name in objects.names():
        objects.remove(name)
    objects.put([("zarr.json", None), *whole.items()])
    fill(folder, url)
    assert len(Store(url)[MFCC].table()) == 4 and verify(Store(url))["damaged"] == []


def test_a_lost_server_is_one_line(audio_folder, monkeypatch):
    url = f"memory://{uuid.uuid4().hex}/s.zarr"
    fill(audio_folder(4), url)
    files = type(fsspec.filesystem("memory"))

    def lost(self, *arguments, **options):
        raise ConnectionError("connection refused")

    monkeypatch.setattr(files, "cat_file", lost)
    with pytest.raises(StoreError, match="cannot be read: ConnectionError: connection refused"):
        Store(url)


def test_float16_does_not_hold_what_it_cannot(audio_folder, tmp_path, monkeypatch):
    from featkit.features.mfcc_stats import MfccStats

    monkeypatch.setattr(
        MfccStats, "compute", lambda self, signals, device: [np.full(120, 65_520, np.float32)]
    )
    report = fill(audio_folder(2), tmp_path / "s", [MFCC], dtype="float16")
    assert [line.stage for line in report.failures] == ["mfcc_stats"] * 2
    assert "120 of 120 values are not finite in float16" in report.failures[0].error
    assert not fill(audio_folder(2), tmp_path / "t", [MFCC], dtype="float32").failures


def test_keys_below_a_relative_root_are_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s").mkdir()
    objects = Objects("s")
    objects.put([("x_status/c/0", b"1"), ("x_status/zarr.json", b"22")])
    assert objects.keys("x_status") == ["c/0", "zarr.json"] and objects.size("x_status") == 3
    monkeypatch.chdir("/")
    assert objects.get("x_status/c/0") == b"1"
