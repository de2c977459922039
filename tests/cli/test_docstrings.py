"""Docstrings in the terminal."""

import dataclasses
import re

import pytest

from featkit.features import registry
from featkit_cli.docstrings import meanings, plain, prose


def test_markup_and_keys_become_words():
    assert plain("``fmin`` of [Pons2019]: [elmarc]") == "fmin of Pons 2019: elmarc"
    assert plain("as [Wang2020-code] does") == "as Wang 2020, code does"
    assert plain("0 dB [Wang2020]") == "0 dB (Wang 2020)"
    assert plain("a range [0, 1]") == "a range [0, 1]"


class Base:
    """Base.

    Parameters
    ----------
    rate : int
        Rate in
        ``Hz``.
    level : float
        Level.
    """


class Part(Base):
    """What it is.

    More.

    Parameters
    ----------
    a, b : int
        Two numbers.
    rate
        See above, or see `Base`.
    level : float
        Its own level.

    Raises
    ------
    ValueError
        Never.
    """


def test_the_nearest_text_that_says_something_counts():
    assert meanings(Part) == {
        "a": "Two numbers.",
        "b": "Two numbers.",
        "rate": "Rate in Hz.",
        "level": "Its own level.",
    }
    assert prose(Part) == "What it is.\n\nMore."


@pytest.mark.parametrize("name", registry.names())
def test_every_parameter_of_every_feature_has_a_meaning(name):
    part = registry.get(name)
    fields = {item.name for item in dataclasses.fields(part)}
    assert fields <= meanings(part).keys()
    assert not any(sign in text for text in meanings(part).values() for sign in ("`", "see Framed"))


@pytest.mark.parametrize("name", registry.names())
def test_what_is_shown_of_a_feature_has_no_markup(name, featkit):
    shown = featkit("features", "show", name if name != "hear" else "mfcc").out
    assert shown and "`" not in shown and not re.search(r"\[[A-Za-z]+\d*\]", shown)
