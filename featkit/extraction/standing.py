"""What is out of date in a store: in words, for whoever computes something from it."""

from collections.abc import Sequence

from featkit.extraction.status import status
from featkit.store import Store
from featkit.store.source import changes

REMEDY = "run 'featkit extract' to bring the store up to date"
STALE = ("audio changed", "code changed")


def outdated(store: Store, features: Sequence[str]) -> tuple[str, ...]:
    """Return what is out of date in a store, for some of its features.

    Labels, groups and folds are compared with the dataset on disk; audio by size and time of
    change, and code by its fingerprint.

    Raises
    ------
    ParameterError
        If the store lacks a feature.
    """
    keys = {part.key for feature in features for part in store.parts(feature)}
    lines = [f"{store.dataset}: {change}" for change in changes(store.about, store.index())]
    for key, item in status(store)["features"].items():
        counts = {why: item["why"].get(why, 0) for why in STALE} if key in keys else {}
        reasons = [f"{why}: {count}" for why, count in counts.items() if count]
        if reasons:
            lines.append(f"{item['feature']}: rows are out of date ({', '.join(reasons)})")
    return tuple(f"{line}; {REMEDY}" for line in lines)
