"""The options of a command that say how folds are made: one for each field of `Folding`."""

from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--folds",
        default="auto",
        show_default=True,
        type=click.Choice(["auto", "official", "rotating", "split", "drawn", "groups"]),
        help="auto: as the dataset prescribes. rotating: select on the official fold before the "
        "tested one, train on the rest. groups: leave out one group at a time "
        "(a speaker, a city).",
    ),
    click.option(
        "--n-folds",
        default=5,
        show_default=True,
        type=click.IntRange(2),
        help="How many folds are drawn.",
    ),
    click.option(
        "--fold-seed",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Seed of drawn folds.",
    ),
    click.option(
        "--only-fold",
        "only_folds",
        multiple=True,
        metavar="NAME",
        help="Measure this test fold only; repeatable.",
    ),
    click.option(
        "--allow-leakage",
        is_flag=True,
        help="Run although folds share a group or a recording; every output says so.",
    ),
)


def folding_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``command`` with the options that `featkit.Folding` takes as keywords."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
