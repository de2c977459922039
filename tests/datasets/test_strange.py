"""Entries that used to stop or hang an extraction: each is an error that names it, or a clip that
fails.
"""

import os

import pytest

from featkit.datasets import Clip, Dataset, get_dataset
from featkit.datasets import rows as table_rows
from featkit.datasets.survey import survey
from featkit.datasets.validation import validate
from featkit.errors import DatasetError


@pytest.fixture
def ten(tmp_path, write_wav):
    for number in range(10):
        write_wav(tmp_path / "set" / ("low" if number < 5 else "high") / f"{number}.wav")
    return tmp_path / "set"


def test_links_in_circles_find_each_recording_once(ten, tmp_path, write_wav):
    (ten / "low" / "self").symlink_to(".")
    (ten / "low" / "up").symlink_to("..")
    (ten / "high" / "other").symlink_to(ten / "low")
    (ten / "again").symlink_to(ten)
    (ten / "alias").symlink_to(ten / "low")
    dataset = get_dataset(ten)
    assert len(dataset) == 10
    assert any("again, alias" in remark for remark in dataset.remarks)
    write_wav(tmp_path / "far" / "near" / "11.wav")
    (tmp_path / "far" / "near" / "back").symlink_to(tmp_path / "far")
    (ten / "high" / "far").symlink_to(tmp_path / "far")
    assert [clip.id for clip in get_dataset(ten).clips if "far" in clip.id] == [
        "high/far/near/11.wav"
    ]


def test_a_name_that_is_not_utf8_is_left_out_and_told(ten, featkit):
    os.rename(os.fsencode(ten / "low" / "0.wav"), os.fsencode(ten) + b"/low/\xff.wav")
    dataset = get_dataset(ten)
    assert len(dataset) == 9 and r"'low/\udcff.wav'" in dataset.remarks[0]
    done = featkit("extract", ten, "-f", "mfcc_stats", "--store", "s.zarr", "--json")
    (counts,) = done.json["features"].values()
    assert (done.status, counts["computed"]) == (0, 9) and "names are not UTF-8" in done.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"path,label\na.wav,x\nb\0.wav,y\n", "line 3: a NUL character"),
        (b"path,label,fold\na.wav,x,1\nb.wav,y,3000000000\n", "line 3: fold='3000000000'"),
        (b"path,label,fold\na.wav,x,1\nb.wav,y,1e300\n", "line 3: fold='1e300'"),
        (b"path,label\na.wav,x\nnosuch://b.wav,y\n", "line 3: path='nosuch://b.wav'"),
        (b"path,label\na.wav,x\nzip::nosuch://b.wav,y\n", "line 3: path='zip::nosuch://b.wav'"),
        (b"path,label,start\na.wav,x,1e300\n", "line 2: start='1e300'"),
        (b"path,label," + b",".join(b"c%d" % k for k in range(20_000)), "more than .* columns"),
    ],
)
def test_a_row_that_cannot_be_meant_is_named(tmp_path, write_wav, text, message):
    write_wav(tmp_path / "a.wav")
    (tmp_path / "t.csv").write_bytes(text)
    with pytest.raises(DatasetError, match=message):
        get_dataset(tmp_path / "t.csv")


def test_a_table_of_too_many_rows_is_refused_before_they_are_kept(tmp_path, monkeypatch):
    import pandas as pd

    monkeypatch.setattr(table_rows, "MOST_ROWS", 100)
    frame = pd.DataFrame({"path": [f"{k}.wav" for k in range(101)], "label": ["x"] * 101})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        with pytest.raises(DatasetError, match="more than 100 rows"):
            get_dataset(tmp_path / name)


def test_a_table_that_is_a_pipe_is_an_error(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(DatasetError, match="named pipe"):
        get_dataset(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "a\0"}, "NUL"),
        ({"label": "\udcff"}, "not UTF-8"),
        ({"path": 3}, "not a text"),
        ({"fold": 2**31}, "32 bits"),
        ({"start": float("nan")}, "start=nan"),
        ({"duration": 0.0}, "duration=0"),
    ],
)
def test_a_dataset_refuses_clips_that_cannot_be_stored(change, message):
    clip = {"id": "1", "path": "a.wav", "label": "x"} | change
    with pytest.raises(DatasetError, match=message):
        Dataset("d", (Clip("0", "b.wav", "y"), Clip(**clip)))


def test_pipes_and_devices_among_the_recordings_are_unreadable(ten):
    os.mkfifo(ten / "low" / "pipe.wav")
    (ten / "low" / "zero.wav").symlink_to("/dev/zero")
    (ten / "low" / "round.wav").symlink_to("round.wav")
    report = validate(get_dataset(ten))
    reasons = {path.rpartition("/")[2]: reason for _, path, reason in report.unreadable}
    assert set(reasons) == {"pipe.wav", "zero.wav", "round.wav"}
    assert "pipe" in reasons["pipe.wav"] and "device" in reasons["zero.wav"]
    numbers = survey(get_dataset(ten))
    assert (numbers["clips"], numbers["unreadable"]) == (13, 3)
    assert numbers["rates"] == {"8000": 10} and numbers["channels"] == {"1": 10}
    assert numbers["durations"] == {"shortest": 0.1, "median": 0.1, "longest": 0.1, "total": 1.0}
    assert numbers["classes"] == {"high": 5, "low": 8}


def test_an_extraction_goes_on_past_strange_entries(ten, tmp_path):
    from featkit import Store, extract

    os.mkfifo(ten / "low" / "pipe.wav")
    (ten / "low" / "zero.wav").symlink_to("/dev/zero")
    (ten / "low" / "up").symlink_to("..")
    report = extract(str(ten), ["mfcc_stats"], tmp_path / "s.zarr")
    assert {failure.id for failure in report.failures} == {"low/pipe.wav", "low/zero.wav"}
    assert len(Store(tmp_path / "s.zarr")["mfcc_stats"].table().X) == 10


def test_a_url_that_cannot_be_read_is_one_failed_clip(ten, tmp_path):
    from featkit import extract

    lines = [f"set/low/{number}.wav,x" for number in range(3)]
    lines += ["memory://nowhere/a.wav,y", "http://127.0.0.1:9/b.wav,y"]
    (tmp_path / "t.csv").write_text("\n".join(["path,label", *lines]))
    report = extract(str(tmp_path / "t.csv"), ["mfcc_stats"], tmp_path / "s.zarr")
    assert {failure.path for failure in report.failures} == {
        "memory://nowhere/a.wav",
        "http://127.0.0.1:9/b.wav",
    }
    assert all(failure.error for failure in report.failures)
