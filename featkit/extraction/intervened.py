"""Features of changed recordings, for tests of trained systems on them.

They are kept in a store beside the original one, which a later run brings up to date instead of
computing everything again, and which can be deleted at any time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.audio import interventions
from featkit.extraction.job import Progress, extract
from featkit.features import get_feature, has_copies
from featkit.features.copies import Copies
from featkit.features.intervened import intervened
from featkit.store import Store, Table
from featkit.store.clips import dataset_of

SUFFIX = ".interventions"


def place(store: Store) -> str:
    """Return where the features of a store's changed recordings are kept."""
    return f"{store.path.rstrip('/')}{SUFFIX}"


def intervened_tables(
    store: Store,
    feature: str,
    changes: Sequence[str],
    *,
    ids: NDArray[np.str_] | None = None,
    jobs: int = 1,
    progress: Callable[[int], Progress] | None = None,
) -> Mapping[str, Table]:
    """Return the table of each intervention: the rows of ``feature`` for changed recordings.

    Parameters
    ----------
    store : Store
        Of the recordings as they are.
    feature : str
        As the store has it; ``A+B`` joins.
    changes : sequence of str
        As `featkit.audio.interventions.parse` reads them.
    ids : ndarray of str, optional
        The clips that are needed; by default all of them.
    jobs : int
        Workers.
    progress : callable, optional
        As `featkit.extract` takes it.

    Raises
    ------
    ParameterError
        For an unknown intervention, or a feature that the store lacks or that is of changed
        recordings itself.
    StoreError
        If no changed recording has a valid row.
    """
    texts = list(dict.fromkeys(interventions.parse(change).text for change in changes))
    # Copies are for training: their clips alone are tested.
    copies = get_feature(feature) if has_copies(feature) else None
    parts = store.parts(copies.feature if isinstance(copies, Copies) else feature)
    names = {text: [intervened(part.canonical, text) for part in parts] for text in texts}
    options: dict[str, Any] = {"jobs": jobs, "progress": progress}
    clips = dataset_of(store, ids)
    for dtype in dict.fromkeys(str(part.dtype) for part in parts):
        own = [at for at, part in enumerate(parts) if str(part.dtype) == dtype]
        due = [texts_of[at] for texts_of in names.values() for at in own]
        extract(clips, due, place(store), dtype=dtype, shard_clips=store.shard_clips, **options)
    beside = Store(place(store))
    return {text: beside.table("+".join(own)) for text, own in names.items()}
