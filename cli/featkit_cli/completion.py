"""Types of arguments that the shell completes with names or files; their values stay text."""

import importlib
from typing import Any

import click
from click.shell_completion import CompletionItem

from featkit.naming import outside
from featkit_cli.trust import allow


class Name(click.types.StringParamType):
    """The name of a part, which the shell completes from the registry of ``package``, or a file.

    Parameters
    ----------
    name : str
        What the help text calls it.
    package : str
        Package with a ``registry``, imported when the shell asks; empty to complete files only.
    """

    def __init__(self, name: str, package: str = "") -> None:
        self.name = name
        self.package = package

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text. The code outside featkit that it names may be imported: the user did."""
        text = str(super().convert(value, param, ctx))
        if self.package:
            allow(outside.names_in(text))
        return text

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with ``incomplete``, or else files."""
        names = importlib.import_module(self.package).registry.names() if self.package else []
        items = [CompletionItem(name) for name in names if name.startswith(incomplete)]
        return items or [CompletionItem(incomplete, type="file")]


FEATURE = Name("feature", "featkit.features")
CLASSIFIER = Name("classifier", "featkit.classifiers")
DATASET = Name("dataset", "featkit.datasets")
STORE = Name("store")
RESULTS = Name("results")
