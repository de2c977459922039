import re

from featkit.report.figures import Scale
from featkit.report.markup import Html
from featkit.report.strips import LONG, MANY, Line, name_of, strips


def drawn(count):
    line = Line("short", "a full name", "1.0", Html("<svg></svg>"), Html(""))
    return strips([line] * count, Scale(0.0, 1.0), "What it shows", ("System", "mean"))


def test_the_axis_is_under_the_lines_and_above_many():
    few, many = drawn(MANY), drawn(MANY + 1)
    assert "axis" in re.search("<tfoot>(.*)</tfoot>", few)[1] and few.count("axis") == 1
    assert "axis" in re.search("<thead>(.*)</thead>", many)[1] and many.count("axis") == 2


def test_lines_have_headings_a_caption_and_full_names():
    table = drawn(2)
    assert '<caption class="hidden">What it shows</caption>' in table
    assert table.count('<th scope="row">') == 2 and table.count('title="a full name"') == 2


def test_only_very_long_names_may_break():
    assert 'class="name"' in name_of("x" * LONG, "") and "long" in name_of("x" * (LONG + 1), "")
