"""Names from files: listed without importing, found, and what an unknown one gets told."""

import sys

import pytest

from featkit.errors import ParameterError
from featkit.naming.registry import Registry, describe


@pytest.fixture
def parts(tmp_path, monkeypatch):
    package = tmp_path / "toyparts"
    package.mkdir()
    body = (
        "from toyparts.base import registry\n\n@registry.register\n"
        "class Part:\n    '''A part.\n\n    More.\n    '''\n"
    )
    files = {
        "__init__": "",
        "alpha": body,
        "beta": body,
        "_shared": "raise RuntimeError",
        "helper": "raise RuntimeError",
    }
    files["base"] = (
        "from featkit.naming.registry import Registry\n"
        "registry = Registry('toyparts', 'part', hidden=('base', 'helper'))\n"
    )
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    from toyparts.base import registry

    yield registry
    for name in [name for name in sys.modules if name.partition(".")[0] == "toyparts"]:
        del sys.modules[name]


def test_listing_imports_nothing_and_leaves_out_what_is_hidden(parts):
    assert parts.names() == ["alpha", "beta"]
    assert "toyparts.alpha" not in sys.modules


def test_a_part_is_imported_when_it_is_asked_for(parts):
    assert parts.get("alpha").__module__ == "toyparts.alpha"
    assert "toyparts.beta" not in sys.modules
    assert describe(parts.get("beta")) == "A part."


def test_an_unknown_name_lists_the_known_and_the_nearest(parts):
    with pytest.raises(
        ParameterError, match=r"unknown part 'alpa'\. Did you mean 'alpha'\? Known: alpha, beta"
    ):
        parts.get("alpa")
    with pytest.raises(ParameterError, match="unknown part '_shared'"):
        parts.get("_shared")


def test_outside_code_is_reached_by_its_module(parts):
    assert parts.get("collections:OrderedDict").__name__ == "OrderedDict"
    for name in ("no.such.module:Thing", "collections:NoSuchThing"):
        with pytest.raises(ParameterError, match="cannot load part"):
            parts.get(name)


def test_code_outside_the_package_registers_nothing(parts):
    class Elsewhere:
        pass

    assert parts.register(Elsewhere) is Elsewhere
    assert parts.names() == ["alpha", "beta"]


def test_two_registries_do_not_know_each_other(parts):
    assert "alpha" not in Registry("featkit.features", "feature").names()
