"""``featkit verify`` and ``featkit store``: what they print, and their exit statuses."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import MFCC, fill

from featkit.store import Store, manifest

FORMATS = Path(__file__).parents[1] / "store" / "formats"


@pytest.fixture
def store(audio_folder, tmp_path):
    fill(audio_folder(6), tmp_path / "s")
    return tmp_path / "s"


def test_damage_to_any_object_is_listed_repaired_and_gone(store, featkit):
    assert featkit("verify", store)[0] == 0
    shelf = Store(store)[MFCC]
    (store / shelf.layout.place(1)).unlink()
    (store / manifest.PLACE).write_bytes(b"")
    (store / "zarr.json").unlink()
    status, out, _ = featkit("verify", store, "--json")
    damaged = json.loads(out)["damaged"]
    assert status == 1 and {item["object"] for item in damaged if "object" in item} >= {
        manifest.PLACE,
        "zarr.json",
    }
    assert [len(item["clips"]) for item in damaged if "clips" in item] == [2]
    assert featkit("store", "ls", store)[0] == 2
    assert featkit("verify", store, "--repair")[0] == 1
    assert featkit("verify", store)[0] == 0
    assert featkit("store", "ls", store)[0] == 0


def test_one_damaged_document_disables_no_command(store, featkit):
    key = Store(store)[MFCC].key
    (store / key / "zarr.json").write_text("{")
    for words in (("status", store), ("store", "ls", store), ("failures", store)):
        assert featkit(*words)[0] == 0
    assert featkit("store", "rm", store, "-f", MFCC)[0] == 0
    assert MFCC not in featkit("store", "ls", store)[1]


@pytest.mark.parametrize("number", [1, 2])
def test_a_store_of_an_earlier_format_is_migrated(tmp_path, featkit, number):
    shutil.unpack_archive(FORMATS / f"format{number}.zip", tmp_path)
    status, _, err = featkit("status", tmp_path / "s.zarr")
    assert status == 2 and "featkit store migrate" in err
    status, out, _ = featkit("store", "migrate", tmp_path / "s.zarr", "--json")
    counts = {"features": 2, "rows": 12, "lost": 0, "unhashed": 0}
    assert status == 0 and json.loads(out) == counts
    assert featkit("status", tmp_path / "s.zarr")[0] == 0


@pytest.mark.parametrize("words", [("verify",), ("store", "prune"), ("store", "migrate")])
def test_no_store_is_an_error_of_one_line(tmp_path, words, featkit):
    status, _, err = featkit(*words, tmp_path / "nothing")
    assert status == 2 and err.count("\n") == 1 and "no store" in err
    assert list(tmp_path.iterdir()) == []
