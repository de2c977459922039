"""Which columns of a table are used, and what an unused one may mean.

A table with a column of speakers and no groups is evaluated with every speaker in both training and
test: on spoken digits this gives 96.9 % where unheard speakers give 66.3 %. So columns whose names
say that they tell where a clip is from are named in a warning.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# What clips have in common without being of one class.
SOURCES = (
    "actor", "artist", "device", "location", "mic", "microphone", "participant",
    "patient", "performer", "person", "recorder", "recording", "room", "session", "singer", "site",
    "source", "speaker", "subject", "user",
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Names of the columns that hold labels, groups and folds; empty: those of the same name."""

    label: str = ""
    group: str = ""
    fold: str = ""

    def named(self) -> dict[str, str]:
        """Return the column of each field for which one was chosen."""
        pairs = (("label", self.label), ("group", self.group), ("fold", self.fold))
        return {field: column for field, column in pairs if column}


def sources(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns whose names say that they tell where a clip is from.

    >>> sources(["speaker", "SpeakerID", "patient_ids", "src_file", "loudness", "user name"])
    ('speaker', 'SpeakerID', 'patient_ids', 'user name')
    """
    return tuple(column for column in columns if _stem(column) in SOURCES)


def _stem(column: str) -> str:
    """Return a column's name in lower case, without plural, ``id``, ``name`` or ``number``."""
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", column)
    words = re.sub(r"[^a-z]+", " ", words.lower()).strip()
    words = re.sub(r"^(id|ids) | (id|ids|name|names|nr|no|num|number|index|code)$", "", words)
    stem = words.strip()
    for ending in ("ids", "id"):
        if stem.removesuffix(ending) in SOURCES:
            return stem.removesuffix(ending)
    return stem if stem in SOURCES else stem.removesuffix("s")
