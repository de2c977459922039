"""HTML from Python: every text is escaped unless a tag made it."""

import re
from html import escape


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(element: str, /, *children: object, **attributes: object) -> Html:
    """Return an element; children that are not `Html` are escaped.

    Attribute names lose a trailing underscore and have hyphens for underscores (``class_``,
    ``data_value``); None and False leave an attribute out, True gives it without a value.
    """
    text = "".join(
        _attribute(key, value)
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if element in ("meta", "br", "line", "circle", "rect", "path", "image", "img"):
        return Html(f"<{element}{text}{'' if element in ('meta', 'br') else '/'}>")
    return Html(f"<{element}{text}>{join(*children)}</{element}>")


def join(*parts: object) -> Html:
    """Return parts one after the other, escaped unless they are `Html`."""
    return Html("".join(part if isinstance(part, Html) else escape(str(part)) for part in parts))


def breakable(text: str) -> Html:
    """Return a name that breaks, where it must, after a comma, colon, plus or underscore."""
    return Html(re.sub(r"([,:+_])(?=\S)", r"\1<wbr>", escape(text)))


def scroll(content: Html, label: str) -> Html:
    """Return a box that scrolls sideways on its own, reachable by keyboard."""
    return tag("div", content, class_="scroll", tabindex=0, role="region", aria_label=label)


def _attribute(key: str, value: object) -> str:
    name = (
        key.rstrip("_")
        .replace("_", "-")
        .replace("viewbox", "viewBox")
        .replace("preserveaspectratio", "preserveAspectRatio")
    )
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
