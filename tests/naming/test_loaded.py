"""Edits of code that this process has loaded are noticed."""

import importlib
import os
import sys

import pytest

from featkit.naming import loaded

BODY = """
import {name}_helper
from dataclasses import dataclass
from featkit.features import Feature

@dataclass(frozen=True)
class Toy(Feature):
    '''Toy.'''
"""


@pytest.fixture
def module(tmp_path, monkeypatch, request):
    """A module with a feature, which imports a helper beside it."""
    name = f"loaded_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}_helper.py").write_text("FACTOR = 2\n")
    (tmp_path / f"{name}.py").write_text(BODY.format(name=name))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module(name)
    yield name
    for loaded_name in (name, f"{name}_helper"):
        del sys.modules[loaded_name]


def edit(file):
    file.write_text(file.read_text() + "\nMORE = 1\n")


def test_untouched_code_passes(module):
    loaded.check(module)


@pytest.mark.parametrize("suffix", ["", "_helper"])
def test_an_edit_of_the_module_or_of_what_lies_beside_it_is_named(module, tmp_path, suffix):
    edit(tmp_path / f"{module}{suffix}.py")
    with pytest.raises(loaded.StaleCodeError, match=f"{module}{suffix}.py changed"):
        loaded.check(module)


def test_an_edit_of_a_file_that_is_not_loaded_does_not_matter(module, tmp_path):
    (tmp_path / "other.py").write_text("A = 1\n")
    loaded.check(module)
    edit(tmp_path / "other.py")
    loaded.check(module)


def test_a_module_that_is_loaded_again_passes(module, tmp_path):
    edit(tmp_path / f"{module}.py")
    os.utime(tmp_path / f"{module}.py", (1, 1))
    importlib.reload(sys.modules[module])
    loaded.check(module)


def test_features_of_featkit_depend_on_what_they_are_made_of():
    import featkit.features.mfcc_stats  # noqa: F401

    loaded.check("featkit.features.mfcc_stats")
