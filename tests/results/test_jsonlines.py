import os

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.results.jsonlines import append_line, plain, read_lines


def test_plain_types():
    assert plain(
        {"C": np.float64(2.0), "n": np.int32(3), "w": np.array([1, 2]), "t": (1, None), "o": int}
    ) == {
        "C": 2.0,
        "n": 3,
        "w": [1, 2],
        "t": [1, None],
        "o": str(int),
    }


def test_lines_come_back_with_their_numbers_and_a_torn_one_is_replaced(tmp_path):
    path = tmp_path / "l.jsonl"
    append_line(path, {"a": 1}, "a")
    with path.open("ab") as file:
        file.write(b'{"a": [1, ' + b"2, " * 50_000)
    assert list(read_lines(path, "a")) == [(1, {"a": 1})]
    append_line(path, {"a": 3}, "a")
    assert list(read_lines(path, "a")) == [(1, {"a": 1}), (2, {"a": 3})]


@pytest.mark.parametrize("torn", [b"{", b'{"a', b'{"a"', b'{"format": 2, "a": ', b'{"format": 2'])
def test_what_a_killed_process_wrote_first_is_replaced(torn, tmp_path):
    path = tmp_path / "l.jsonl"
    path.write_bytes(torn)
    assert list(read_lines(path, "a")) == []
    append_line(path, {"a": 1}, "a")
    assert path.read_bytes() == b'{"a": 1}\n'


@pytest.mark.parametrize(
    "content",
    [
        b"my thesis",
        b"my thesis\nsecond line",
        b'{"b": 1}\n',
        b'{"b": [',
        b"[1, 2]\n",
        b"\x89PNG\r\n\x1a\n\0\0",
        b'{"a": 1}\nand a remark',
        b'{"a": 1\n',
    ],
)
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(content, tmp_path):
    path = tmp_path / "l.jsonl"
    path.write_bytes(content)
    with pytest.raises(ParameterError, match=r"l\.jsonl"):
        list(read_lines(path, "a"))
    with pytest.raises(ParameterError, match=r"l\.jsonl"):
        append_line(path, {"a": 1}, "a")
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "line", ["[2]", '{"a": NaN}', '{"a": 1e999}', '{"a": ' + "[" * 100_000, '{"a": "\xff"}']
)
def test_anything_but_our_objects_is_refused_by_its_line(line, tmp_path):
    path = tmp_path / "l.jsonl"
    path.write_bytes(b'{"a": 1}\n\n' + line.encode("latin-1") + b'\n{"a": 2}\n')
    with pytest.raises(ParameterError, match="line 3: "):
        list(read_lines(path, "a"))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_may_never_end_is_not_opened(make, tmp_path):
    make(tmp_path / "r")
    for do in (lambda path: list(read_lines(path, "a")), lambda path: append_line(path, {}, "a")):
        with pytest.raises(ParameterError, match="not a regular file"):
            do(tmp_path / "r")
