from typing import get_args

import pytest

from featkit.errors import ParameterError
from featkit.results import Note
from featkit.results.notes import Kind


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_note_prints_as_its_text_and_the_page_names_its_kind(kind):
    assert str(Note(kind, "seven clips")) == "seven clips"
    assert f"``{kind}``" in (Note.__doc__ or "")


def test_unknown_kinds_are_refused():
    with pytest.raises(ParameterError, match="'rumour' is not a kind of note: leakage, "):
        Note("rumour", "")
