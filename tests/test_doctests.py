"""The examples in docstrings run and print what they say."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import featkit


def with_examples():
    """Names of the modules whose docstrings have examples that run; none is imported."""
    for module in pkgutil.walk_packages(featkit.__path__, "featkit."):
        path = Path(module.module_finder.path, module.name.rpartition(".")[2] + ".py")
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if any(">>>" in line and "+SKIP" not in line for line in lines):
            yield module.name


@pytest.mark.parametrize("name", with_examples())
def test_examples_run(name):
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    outcome = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert outcome.attempted > 0 and outcome.failed == 0
