"""docs/notebook.ipynb runs, and shows what it has stored."""

import ast
import json
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "notebook.ipynb"
CELLS = [
    cell
    for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
    if cell["cell_type"] == "code"
]
# Numbers may differ in their last digits, and so may the order of systems that are close.
NUMBER = re.compile(r"(&lt; )?[-+−]?\d[\d.,]*")


def words(page):
    """The texts between tags, every number as #, in the order of the alphabet."""
    return sorted(NUMBER.sub("#", text).strip() for text in re.split("<[^>]*>", page))


def last_value(source, names):
    """Run a cell; return the value of its last line, as a notebook shows it."""
    *before, last = ast.parse(source).body
    assert isinstance(last, ast.Expr), source
    exec(compile(ast.Module(before, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.mark.slow
def test_every_cell_shows_what_is_stored(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for cell in CELLS:
        value = last_value("".join(cell["source"]), names)
        (output,) = cell["outputs"]
        stored = {kind: "".join(lines) for kind, lines in output["data"].items()}
        if "text/html" in stored:
            assert words(value._repr_html_()) == words(stored["text/html"])
        else:
            assert repr(value) == stored["text/plain"]
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_the_path_to_a_comparison_is_four_lines_that_all_show_something():
    lines = [line for cell in CELLS[1:4] for line in cell["source"]]
    assert [line.split("(")[0].split("featkit.")[-1] for line in lines[:4]] == [
        "extract",
        "Store",
        "store",
        "evaluate",
    ]
    assert "".join(CELLS[4]["source"]) == "featkit.compare(scores)"
    assert all(cell["outputs"] for cell in CELLS)
