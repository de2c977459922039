"""The option that allows code outside featkit which a store, a bundle or a configuration names."""

from collections.abc import Callable
from typing import Any

import click

from featkit.naming import outside


def _allow(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> None:
    outside.allow(names)


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
