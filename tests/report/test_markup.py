from featkit.report.markup import Html, join, scroll, tag


def test_text_is_escaped_and_markup_is_not():
    assert tag("p", "a < b & c", tag("b", '"d"')) == "<p>a &lt; b &amp; c<b>&quot;d&quot;</b></p>"
    assert join("<", Html("<br>"), 3) == "&lt;<br>3"


def test_attributes():
    assert (
        tag("td", 1, class_="num", data_value=0.5, title='"x"')
        == '<td class="num" data-value="0.5" title="&quot;x&quot;">1</td>'
    )
    assert tag("details", open=True, hidden=False, id=None) == "<details open></details>"
    assert tag("meta", name="viewport") == '<meta name="viewport">'
    assert (
        tag("svg", tag("circle", r=2), viewbox="0 0 1 1")
        == '<svg viewBox="0 0 1 1"><circle r="2"/></svg>'
    )


def test_a_scrolling_box_can_be_reached_and_has_a_name():
    assert scroll(Html("<table></table>"), "T") == (
        '<div class="scroll" tabindex="0" role="region" aria-label="T"><table></table></div>'
    )
