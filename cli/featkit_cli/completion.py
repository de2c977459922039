"""What the shell completes: names of features, classifiers and datasets, and files."""

from collections.abc import Callable, Sequence

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _among(names: Sequence[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def features(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of features that begin so."""
    from featkit.features import registry

    return _among(registry.names(), incomplete)


def classifiers(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of classifiers that begin so."""
    from featkit.classifiers import registry

    return _among(registry.names(), incomplete)


def datasets(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of datasets that begin so; where there are none, the shell completes files."""
    from featkit.datasets import registry

    return _among(registry.names(), incomplete) or files(context, parameter, incomplete)


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return what makes the shell complete files and folders."""
    return [CompletionItem(incomplete, type="file")]
