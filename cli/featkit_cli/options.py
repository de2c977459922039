"""Options that several commands share."""

from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]


def jobs_option(what: str, default: int = 1) -> Callable[[Command], Command]:
    """Return the option ``-j``; ``what`` says what runs at a time."""
    return click.option(
        "-j",
        "--jobs",
        default=default,
        show_default=True,
        type=click.IntRange(1),
        help=what,
    )
