"""The option that allows code outside featkit which a store, a bundle or a configuration names."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

import click

from featkit.naming import outside


def allow(names: Iterable[str]) -> None:
    """Let code of these names be imported, from the current folder too."""
    listed = list(names)
    outside.allow(listed)
    if listed and os.getcwd() not in sys.path:
        # Last, so that no file here stands in for a module of Python or of a library.
        sys.path.append(os.getcwd())


def trusted() -> tuple[str, ...]:
    """Return the names that the user allowed."""
    return tuple(sorted(outside.allowed()))


def _allow(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> None:
    allow(names)


def trust_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--trust``; what its other options name is trusted already."""
    return click.option(
        "--trust",
        multiple=True,
        metavar="NAME",
        expose_value=False,
        callback=_allow,
        help="Import package.module:Name, or all of a module, that a file names; repeatable.",
    )(command)
