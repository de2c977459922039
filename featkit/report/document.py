"""A page that loads nothing and works from anywhere: style and scripts are inside."""

from collections.abc import Sequence
from importlib.resources import files

from featkit.report.markup import Html, tag

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " img-src data:; media-src data:"
)


def document(title: str, main: Html, scripts: Sequence[str] = ()) -> str:
    """Return a whole HTML page.

    Parameters
    ----------
    title : str
        Of the window.
    main : Html
        The ``main`` element.
    scripts : sequence of str
        Names of files of this package.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Html(_asset("style.css"))),
    )
    body = tag("body", main, tag("script", Html("\n".join(map(_asset, scripts)))))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def section(key: str, head: Html, *content: Html) -> Html:
    """Return a section that the contents can point at."""
    return tag("section", head, *content, id=key)


def contents(links: Sequence[tuple[str, str]]) -> Html:
    """Return the list of contents: (key, title) of each section."""
    items = [tag("li", tag("a", title, href=f"#{key}")) for key, title in links]
    return tag("nav", tag("ul", *items), aria_label="Contents")


def _asset(name: str) -> str:
    return files("featkit.report").joinpath(name).read_text(encoding="utf-8")
