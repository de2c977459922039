"""The options that choose the columns of a table of clips, and the message about the others."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from featkit_cli.output import echo

if TYPE_CHECKING:
    from featkit.datasets import Dataset


def column_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that takes a dataset the options for its table's columns."""
    for field, use in (
        ("fold", "the official folds"),
        ("group", "what may not be in both training and test, such as speaker"),
        ("label", "the classes"),
    ):
        command = click.option(
            f"--{field}-column",
            default="",
            metavar="NAME",
            help=f"Column of the table with {use}.  [default: {field}]",
        )(command)
    return command


def opened(
    dataset: str, *, label_column: str = "", group_column: str = "", fold_column: str = ""
) -> "Dataset":
    """Return the dataset that a user named; what its loader left out or warns of goes to stderr."""
    from featkit.datasets import get_dataset

    loaded = get_dataset(
        dataset, label_column=label_column, group_column=group_column, fold_column=fold_column
    )
    for remark in loaded.remarks:
        echo(f"Note: {loaded.name}: {remark}", err=True)
    for warning in loaded.warnings:
        echo(f"Warning: {loaded.name}: {warning}", err=True)
    return loaded
