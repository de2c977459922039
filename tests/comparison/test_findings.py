import pytest

from featkit.comparison.findings import PAGES
from featkit.comparison.overview import compare
from featkit.errors import ParameterError


def test_html_is_a_page_format_and_others_are_refused():
    assert PAGES.names() == ["html"]
    with pytest.raises(ParameterError, match="unknown page format 'pdf'"):
        PAGES.get("pdf")


def test_a_page_format_may_come_from_outside(make_scores, tmp_path, monkeypatch):
    (tmp_path / "outside_pages.py").write_text(
        "def count(findings, command='', specimens=None):\n"
        "    return f'{len(findings.systems)} {command}'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    page = PAGES.get("outside_pages:count")
    assert page(compare(make_scores([[1, 0]])), "run") == "1 run"
