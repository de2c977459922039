"""The warning about a store that no longer matches its dataset and its audio."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from featkit_cli.output import echo

if TYPE_CHECKING:
    from featkit.store import Store

REMEDY = "run 'featkit extract' to bring the store up to date"
STALE = ("audio changed", "code changed")


def warned(store: "Store", features: Sequence[str]) -> tuple[str, ...]:
    """Return what is out of date in a store, for some of its features, after printing it on stderr.

    Labels, groups and folds are compared with the dataset on disk; audio by size and time of
    change.
    """
    from featkit.extraction import status
    from featkit.store.source import changes

    keys = {part.key for feature in features for part in store.parts(feature)}
    lines = [f"{store.dataset}: {change}" for change in changes(store.about, store.index())]
    for key, item in status(store)["features"].items():
        counts = {why: item["why"].get(why, 0) for why in STALE} if key in keys else {}
        reasons = [f"{why}: {count}" for why, count in counts.items() if count]
        if reasons:
            lines.append(f"{item['feature']}: rows are out of date ({', '.join(reasons)})")
    texts = tuple(f"{line}; {REMEDY}" for line in lines)
    for text in texts:
        echo(f"Warning: {text}", err=True)
    return texts
