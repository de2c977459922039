"""Seeds in the text of a feature or classifier: taken out, or several written as one."""

import re
from collections.abc import Sequence

_SEED = re.compile(r"(?<=[:,])seed=(\d+)(?=,|$)")
_SEED_ITEM = re.compile(r",seed=\d+(?=,|$)|(?<=:)seed=\d+,|:seed=\d+$")


def seedless(text: str) -> str:
    """Return ``text`` without its item ``seed=N``."""
    return _SEED_ITEM.sub("", text)


def seed_in(text: str) -> int | None:
    """Return the seed that ``text`` sets, None where it sets none."""
    match = _SEED.search(text)
    return int(match[1]) if match else None


def with_seeds(texts: Sequence[str]) -> str:
    """Return one text for several that differ only in their seed.

    The seeds are written as a range ``0-2`` or, with a gap, as a list ``0+3``. Equal texts stay as
    they are, and the seed is left out where one of the texts sets none.
    """
    distinct = list(dict.fromkeys(texts))
    if len(distinct) == 1:
        return distinct[0]
    seeds = [seed_in(text) for text in distinct]
    numbers = sorted({seed for seed in seeds if seed is not None})
    if None in seeds:
        return seedless(distinct[0])
    contiguous = numbers == list(range(numbers[0], numbers[-1] + 1))
    shown = f"{numbers[0]}-{numbers[-1]}" if contiguous else "+".join(map(str, numbers))
    return _SEED.sub(f"seed={shown}", distinct[0])
