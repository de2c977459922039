"""Types of arguments whose names or files the shell completes; the values stay text."""

import importlib

import click
from click.shell_completion import CompletionItem


class Name(click.types.StringParamType):
    """The text that names a part; the shell completes the names in the registry of ``package``,
    else files.

    Parameters
    ----------
    name : str
        What help calls it.
    package : str
        Package with a ``registry``, imported when the shell asks; empty where only files are meant.
    """

    def __init__(self, name: str, package: str = "") -> None:
        self.name = name
        self.package = package

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with ``incomplete``."""
        names = importlib.import_module(self.package).registry.names() if self.package else []
        found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]


FEATURE = Name("feature", "featkit.features")
CLASSIFIER = Name("classifier", "featkit.classifiers")
DATASET = Name("dataset", "featkit.datasets")
STORE = Name("store")
RESULTS = Name("results")
