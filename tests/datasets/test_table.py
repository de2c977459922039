"""Tables: labels stay text, excerpts are told apart, and every error names its line and column."""

import pandas as pd
import pytest

from featkit.datasets import get_dataset
from featkit.errors import DatasetError


@pytest.fixture
def table(tmp_path, write_wav):
    """``table(text, name="clips.csv")``: a table beside three recordings a.wav, b.wav and
    sub/c.wav.
    """
    for name in ("a.wav", "b.wav", "sub/c.wav"):
        write_wav(tmp_path / name)

    def write(text, name="clips.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_labels_and_folds_are_what_is_written(table):
    path = table(
        "path,label,fold,group,other\na.wav,01,1,x,?\nb.wav,1,2,,?\nsub/c.wav, NA ,2.0,y,?\n"
    )
    dataset = get_dataset(path)
    assert [clip.label for clip in dataset.clips] == ["01", "1", "NA"]
    assert [clip.fold for clip in dataset.clips] == [1, 2, 2]
    assert [clip.group for clip in dataset.clips] == ["x", "", "y"]
    assert [clip.id for clip in dataset.clips] == ["a.wav", "b.wav", "sub/c.wav"]
    assert [clip.path for clip in dataset.clips] == [
        str(path.parent / name) for name in ("a.wav", "b.wav", "sub/c.wav")
    ]
    assert (dataset.name, dataset.protocol, dataset.root) == ("clips", "folds", str(path.parent))


def test_tsv_byte_order_mark_and_quotes(table):
    dataset = get_dataset(
        table('\ufeffpath\tlabel\n"a.wav"\t"big, ""loud"""\n\nb.wav\tx\n', "t.tsv")
    )
    assert [clip.label for clip in dataset.clips] == ['big, "loud"', "x"]
    assert dataset.protocol == "none"


def test_parquet_equals_csv(table, tmp_path):
    text = "path,label,fold,start,duration\na.wav,01,1,0.0,0.05\nb.wav,02,2,0.01,\n"
    csv = get_dataset(table(text))
    frame = pd.DataFrame(
        {
            "path": ["a.wav", "b.wav"],
            "label": ["01", "02"],
            "fold": [1, 2],
            "start": [0, 0.01],
            "duration": [0.05, None],
        }
    )
    frame.to_parquet(tmp_path / "clips.parquet")
    assert get_dataset(tmp_path / "clips.parquet") == csv


def test_excerpts_of_one_file_have_ids_of_their_own(table):
    dataset = get_dataset(
        table(
            "path,label,start,duration\na.wav,x,0,0.02\na.wav,x,0.02,0.02\n"
            "a.wav,y,0.05,\nb.wav,y,,\n"
        )
    )
    assert [clip.id for clip in dataset.clips] == [
        "a.wav@0+0.02",
        "a.wav@0.02+0.02",
        "a.wav@0.05",
        "b.wav",
    ]
    assert [(clip.start, clip.duration) for clip in dataset.clips] == [
        (0, 0.02),
        (0.02, 0.02),
        (0.05, None),
        (0, None),
    ]


def test_splits_and_their_other_names(table):
    dataset = get_dataset(
        table("path,label,split\na.wav,x,Training\nb.wav,y,val\nsub/c.wav,x,eval\n")
    )
    assert [clip.split for clip in dataset.clips] == ["train", "valid", "test"]
    assert dataset.protocol == "split"


def test_own_ids_urls_and_files_outside_the_table_s_folder(table, tmp_path, write_wav):
    dataset = get_dataset(table("path,label,id\na.wav,x,one\ns3://bucket/x.wav,y,two\n"))
    assert [(clip.id, clip.path) for clip in dataset.clips] == [
        ("one", str(tmp_path / "a.wav")),
        ("two", "s3://bucket/x.wav"),
    ]
    (tmp_path / "lists").mkdir()
    dataset = get_dataset(table("path,label\n../a.wav,x\n../sub/c.wav,y\n", "lists/t.csv"))
    assert [clip.id for clip in dataset.clips] == ["a.wav", "sub/c.wav"]
    assert dataset.root == str(tmp_path)


def test_a_table_behind_a_url_resolves_paths_beside_itself(table, tmp_path):
    table("path,label,id\na.wav,x,1\n../b.wav,y,2\n", "sub/remote.csv")
    dataset = get_dataset(f"file://{tmp_path}/sub/remote.csv")
    assert [clip.path for clip in dataset.clips] == [
        f"file://{tmp_path}/sub/a.wav",
        f"file://{tmp_path}/b.wav",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("path,label\n", "the table has no rows"),
        ("file,label\na.wav,x\n", r"'path' is missing; there are file, label"),
        ("path;label\na.wav;x\n", r"'path' is missing; there are path;label"),
        ("path,label,label\na.wav,x,x\n", "line 1: the column 'label' appears twice"),
        ("path,label\na.wav,x\nb.wav,\n", "line 3: label is empty"),
        ("path,label\na.wav,x\n,y\n", "line 3: path is empty"),
        ("path,label\n\na.wav,x\nb.wav\n", "line 4: 1 fields, the header has 2"),
        (
            "path,label,fold\na.wav,x,1\nb.wav,x,one\n",
            "line 3: fold='one'; expected a whole number",
        ),
        ("path,label,fold\na.wav,x,1\nb.wav,x,1.5\n", "line 3: fold='1.5'"),
        ("path,label,fold\na.wav,x,1\nb.wav,x,-1\n", "line 3: fold='-1'"),
        (
            "path,label,fold\na.wav,x,1\nb.wav,x,\n",
            "line 3: fold is empty.*every row, or no such column",
        ),
        ("path,label,fold\na.wav,x,3\nb.wav,x,3\n", "every row has fold=3"),
        (
            "path,label,split\na.wav,x,train\nb.wav,x,tets\n",
            "line 3: split='tets'; expected train, valid or test",
        ),
        ("path,label,split\na.wav,x,train\nb.wav,x,\n", "line 3: split is empty"),
        (
            "path,label,split\na.wav,x,train\nb.wav,x,valid\n",
            "no row has split=test; there are train, valid",
        ),
        ("path,label,start\na.wav,x,-1\n", "line 2: start='-1'; expected seconds ≥ 0"),
        ("path,label,start\na.wav,x,nan\n", "line 2: start='nan'"),
        ("path,label,duration\na.wav,x,0\n", "line 2: duration='0'; expected seconds > 0"),
        ("path,label,duration\na.wav,x,inf\n", "line 2: duration='inf'"),
        ("path,label\na.wav,x\nb.wav,y\n./a.wav,y\n", "line 4: .*same recording as in line 2"),
        ("path,label,id\na.wav,x,1\nb.wav,y,1\n", "line 3: id='1' is already in line 2"),
        ("path,label,id\na.wav,x,1\nb.wav,y,\n", "line 3: id is empty"),
        ("path,label\nno.wav,x\nnone.wav,y\n", "none of its 2 files exists"),
    ],
)
def test_errors_name_table_line_and_column(table, text, message):
    path = table(text)
    with pytest.raises(DatasetError, match=message) as caught:
        get_dataset(path)
    assert str(path) in str(caught.value)


def test_a_quoted_line_break_does_not_shift_the_lines(table):
    path = table('path,label,note\na.wav,x,"two\nlines"\nb.wav,,z\n')
    with pytest.raises(DatasetError, match="line 4: label is empty"):
        get_dataset(path)


def test_files_other_than_tables(table, tmp_path):
    (tmp_path / "binary.csv").write_bytes(b"path,label\n\xff\xfe,x\n")
    with pytest.raises(DatasetError, match="not UTF-8"):
        get_dataset(tmp_path / "binary.csv")
    (tmp_path / "broken.parquet").write_bytes(b"nonsense")
    with pytest.raises(DatasetError, match="not readable as parquet"):
        get_dataset(tmp_path / "broken.parquet")
