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
    append_line(path, {"a": 1})
    with path.open("ab") as file:
        file.write(b'{"b": [1, ' + b"2, " * 50_000)
    assert list(read_lines(path)) == [(1, {"a": 1})]
    append_line(path, {"c": 3})
    assert list(read_lines(path)) == [(1, {"a": 1}), (2, {"c": 3})]


def test_what_is_no_object_is_refused_by_its_line(tmp_path):
    path = tmp_path / "l.jsonl"
    path.write_text('{"a": 1}\n[2]\n')
    with pytest.raises(ParameterError, match=r"line 2: .*list"):
        list(read_lines(path))
