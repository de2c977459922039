"""Docstrings as a terminal shows them: prose without markup, and what each parameter means."""

import inspect
import re

# "a, b : int" with its indented text.
_ENTRY = re.compile(r"^(\w+(?:, *\n?\w+)*)(?: *: *[^\n]*)?\n((?: {4}[^\n]*\n?|\n)+)", re.MULTILINE)
_HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
# [Pons2019] and, without a year, [elmarc], with the word before.
_KEY = re.compile(r"(\w+ )?\[([A-Z][A-Za-z]+)(\d{4})(?:-(\w+))?\]")
_CODE = re.compile(r"\[(elmarc|MSTmodel|InstrumentsReport)\]")
_INSIDE_A_SENTENCE = ("of ", "in ", "by ", "as ", "and ", "what ", "")
_ELSEWHERE = "see `"


def plain(text: str) -> str:
    """Return a text without the markup of the site.

    >>> plain("``top_db`` as in [Wang2020-code]; 60 bands [Piczak2015], see `featkit.dsp.mel`")
    'top_db as in Wang 2020, code; 60 bands (Piczak 2015), see featkit.dsp.mel'
    """

    def cited(key: re.Match[str]) -> str:
        before, source = key[1] or "", f"{key[2]} {key[3]}" + (f", {key[4]}" if key[4] else "")
        return before + (source if before in _INSIDE_A_SENTENCE else f"({source})")

    return _CODE.sub(r"\1", _KEY.sub(cited, text)).replace("`", "")


def prose(part: object) -> str:
    """Return what a docstring says before its first section."""
    return plain(_HEADING.split(inspect.getdoc(part) or "", maxsplit=1)[0]).strip()


def meanings(part: type) -> dict[str, str]:
    """Return what each parameter means, from the docstrings of a class and of those it is made of.

    The nearest text counts, but for one that only says where to look.
    """
    texts: dict[str, str] = {}
    for place in inspect.getmro(part):
        for names, text in _ENTRY.findall(_parameters(vars(place).get("__doc__", "") or "")):
            meaning = " ".join(text.split())
            for name in re.split(r",\s*", names):
                if _ELSEWHERE not in meaning:
                    texts.setdefault(name, plain(meaning))
    return texts


def _parameters(doc: str) -> str:
    """Return the section of parameters or attributes of a docstring."""
    parts = _HEADING.split(inspect.cleandoc(doc))
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return sections.get("Parameters") or sections.get("Attributes", "")
