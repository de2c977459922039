"""``featkit datasets`` and the columns of a table at ``featkit extract``."""

import pytest

from featkit.naming.showing import escaped, inert


@pytest.fixture
def table(tmp_path, write_wav):
    for name in "abcd":
        write_wav(tmp_path / f"{name}.wav")
    lines = ["a.wav,x,ann", "b.wav,y,ann", "c.wav,x,bob", "d.wav,y,bob"]
    (tmp_path / "clips.csv").write_text("\n".join(["path,label,speaker", *lines]))
    return tmp_path / "clips.csv"


def test_show_counts_and_names_what_is_ignored(featkit, table):
    shown = featkit("datasets", "show", table, "--json")
    actual = shown.json
    assert (actual["clips"], actual["groups"], actual["classes"]) == (4, 0, ["x", "y"])
    assert actual["columns_ignored"] == ["speaker"] and actual["folds"] == {}
    assert actual["rates"] == {"8000": 4} and actual["channels"] == {"1": 4}
    assert actual["durations"]["total"] == pytest.approx(0.4)
    assert "--group-column speaker" in shown.err
    chosen = featkit("datasets", "show", table, "--group-column", "speaker", "--json")
    actual = chosen.json
    assert (actual["groups"], actual["columns_ignored"], actual["warnings"]) == (2, [], [])
    assert "Warning" not in chosen.err


def test_validate_names_each_problem(featkit, table):
    (table.parent / "a.wav").write_bytes((table.parent / "b.wav").read_bytes())
    (table.parent / "c.wav").unlink()
    (table.parent / "d.wav").write_bytes(b"text")
    done = featkit("datasets", "validate", table)
    assert done.status == 1
    lines = done.out.splitlines()
    assert f"missing: {table.parent / 'c.wav'}" in lines
    assert any(line.startswith(f"unreadable: {table.parent / 'd.wav'}: ") for line in lines)
    assert "duplicate: a.wav, b.wav (labelled x and y)" in lines
    assert "columns ignored: speaker" in lines
    assert lines[-1] == "clips: 4 clips, 1 missing, 1 unreadable, 1 duplicate"
    assert "--group-column speaker" in done.err


def test_extract_warns_and_takes_the_columns(featkit, table, tmp_path):
    from featkit import Store

    done = featkit("extract", table, "-f", "mfcc_stats", "--store", tmp_path / "a.zarr")
    assert done.status == 0 and "--group-column speaker" in done.err
    arguments = ("--group-column", "speaker", "-f", "mfcc_stats", "--store", tmp_path / "b.zarr")
    done = featkit("extract", table, *arguments)
    assert done.status == 0 and "Warning" not in done.err
    assert list(Store(tmp_path / "b.zarr")["mfcc_stats"].table().groups) == [
        *["ann"] * 2,
        *["bob"] * 2,
    ]


@pytest.mark.parametrize("shard", ["0", "1000000000"])
def test_a_shard_has_a_sensible_size(featkit, table, tmp_path, shard):
    arguments = ("-f", "mfcc_stats", "--store", tmp_path / "a.zarr", "--shard-clips", shard)
    assert featkit("extract", table, *arguments).status == 2
    assert not (tmp_path / "a.zarr").exists()


def test_nothing_in_a_name_reaches_the_terminal(featkit, tmp_path, write_wav):
    evil = "\x1b[2J\x1b]0;title\x07\u202e"
    write_wav(tmp_path / "set" / f"dog{evil}" / "a.wav")
    write_wav(tmp_path / "set" / "cat" / f"b{evil}.wav").write_bytes(b"no audio")
    name = tmp_path / "set"
    store = tmp_path / "s.zarr"
    for arguments in (
        ("datasets", "show", name),
        ("datasets", "show", name, "--json"),
        ("datasets", "validate", name),
        ("extract", name, "-f", "mfcc_stats", "--store", store),
        ("failures", store),
        ("datasets", "show", f"no{evil}"),
    ):
        done = featkit(*arguments)
        text = done.out + done.err
        assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
        assert "x1b" in text or "u001b" in text


def test_escaping_keeps_text_and_shows_the_rest():
    assert escaped("Ärger 音 🎵 a\\b") == "Ärger 音 🎵 a\\b"
    assert escaped("a\nb\tc") == r"a\nb\tc"
    assert escaped("a\nb\x1bc", lines=True) == "a\nb\\x1bc"
    assert escaped("\udcff") == r"\udcff"


def test_a_spreadsheet_takes_no_cell_for_a_formula():
    for text in ("=1+1", "+A1", "-1+1", "@sum", "\t=1", "\r=1"):
        assert inert(text) == f"'{text}"
    harmless = ["dog", "a=b", "", "-1", "+1.5e-3", -1, -1.5, None]
    assert [inert(cell) for cell in harmless] == harmless


def test_the_bar_carries_the_datasets_name_and_one_is_singular(featkit, table, tmp_path):
    done = featkit("extract", table, "-f", "mfcc_stats", "--store", tmp_path / "s.zarr")
    assert "\rclips: " in done.err and "extract:" not in done.err
    dry = ("extract", table, "-f", "mfcc_stats", "--store", tmp_path / "s.zarr", "--dry-run")
    assert " 1 worker and " in featkit(*dry).out
    assert " 2 workers and " in featkit(*dry, "-j", 2).out
    assert "validate:" not in featkit("datasets", "validate", table).err
