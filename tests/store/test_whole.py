import errno
import os

import numpy as np
import pytest

from featkit.store.export import export
from featkit.store.whole import whole, write_text


def test_an_error_leaves_what_was_there_and_nothing_else(tmp_path):
    (tmp_path / "a.csv").write_text("before")
    with pytest.raises(OSError, match="full"), whole(tmp_path / "a.csv") as place:
        place.write_text("half")
        raise OSError(errno.ENOSPC, "disk full")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "before"}


def test_the_end_replaces_what_was_there_and_keeps_links_and_permissions(tmp_path):
    (tmp_path / "a.csv").write_text("before")
    (tmp_path / "a.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to("a.csv")
    with whole(tmp_path / "link.csv") as place:
        assert place.suffix == ".csv"
        place.write_text("after")
        assert (tmp_path / "a.csv").read_text() == "before"
    assert (tmp_path / "a.csv").read_text() == "after" and (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


def test_a_pipe_is_written_to_as_it_is():
    reading, writing = os.pipe()
    write_text(f"/proc/self/fd/{writing}", "text")
    os.close(writing)
    assert os.read(reading, 10) == b"text"
    os.close(reading)


@pytest.mark.parametrize("name", ["t.csv", "t.npz", "t.parquet"])
def test_an_export_that_fails_leaves_nothing(name, make_table, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("featkit.store.whole.os.replace", full)
    with pytest.raises(OSError, match="space"):
        export(make_table(n=6), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_cells_of_an_exported_csv_are_not_formulas(make_table, tmp_path):
    y = np.array(["=cmd", "-1", "dog"] * 2)
    export(make_table(n=6, y=y), tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text().splitlines()[1:4]
    assert [line.split(",")[1] for line in lines] == ["'=cmd", "-1", "dog"]
