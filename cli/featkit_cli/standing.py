"""The warning about a store that no longer matches its dataset and its audio."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from featkit_cli.output import echo

if TYPE_CHECKING:
    from featkit.store import Store


def warned(store: "Store", features: Sequence[str]) -> tuple[str, ...]:
    """Return what is out of date in a store, for some of its features, after printing it on stderr
    (`featkit.extraction.outdated`).
    """
    from featkit.extraction import outdated

    texts = outdated(store, features)
    for text in texts:
        echo(f"Warning: {text}", err=True)
    return texts
