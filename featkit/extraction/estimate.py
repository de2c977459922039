"""What an extraction would cost, from a few clips: time, bytes, and the clips that would fail."""

import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from featkit import audio
from featkit.datasets import Dataset, Windows, get_dataset
from featkit.errors import FeatkitError
from featkit.extraction.cutting import as_rows
from featkit.extraction.job import resolve_features
from featkit.extraction.target import check_target
from featkit.extraction.work import computed
from featkit.features import Feature
from featkit.naming.plugins import stated
from featkit.store import Store, shards

SAMPLE = 8


def estimate(
    dataset: Dataset | str,
    features: Sequence[str | Feature],
    *,
    store: str | os.PathLike[str] | None = None,
    window: float | None = None,
    hop: float | None = None,
    limit: int | None = None,
    jobs: int = 1,
    dtype: str = "float32",
) -> dict[str, Any]:
    """Return ``clips, sampled, seconds, bytes, features, failures`` of an extraction, from a few
    clips.

    Nothing is written. ``SAMPLE`` clips, spread over the dataset, are computed. ``seconds`` is the
    time of one worker divided by ``jobs``; the first clip, which loads libraries, does not count.
    ``features`` gives bytes for each feature, compressed as a store does. ``window`` and ``hop``
    are those of `extract`; a ``store`` that is there says what it goes on with.
    """
    resolved = resolve_features(features)
    whole = get_dataset(dataset) if isinstance(dataset, str) else dataset
    existing = Store(store) if store is not None and check_target(str(store), whole) else None
    chosen = whole if limit is None else whole.head(limit)
    chosen = as_rows(chosen, Windows.of(window, hop), existing)
    picks = np.unique(np.linspace(0, len(chosen) - 1, SAMPLE).astype(int))
    times: list[float] = []
    sizes: dict[str, list[int]] = {feature.canonical: [] for feature in resolved}
    failures = []
    for number, pick in enumerate([picks[0], *picks]):
        clip = chosen.clips[pick]
        begun = time.perf_counter()
        try:
            signal = audio.load(clip.path, clip.start, clip.duration)
        except FeatkitError as error:
            if number:
                failures.append(
                    {"id": clip.id, "path": clip.path, "stage": "decode", "error": str(error)}
                )
            continue
        for feature in resolved:
            value = computed(feature, [signal], "cpu")[0]
            if isinstance(value, Exception):
                if number:
                    failures.append(
                        {
                            "id": clip.id,
                            "path": clip.path,
                            "stage": feature.canonical,
                            "error": stated(value),
                        }
                    )
                continue
            if number:
                pieces = shards.cut(value.astype(dtype), value.shape)
                sizes[feature.canonical].append(sum(map(len, pieces)))
        if number:
            times.append(time.perf_counter() - begun)
    per_feature = {
        name: round(float(np.mean(samples)) * len(chosen)) if samples else 0
        for name, samples in sizes.items()
    }
    return {
        "clips": len(chosen),
        "sampled": len(picks),
        "seconds": round(float(np.mean(times)) * len(chosen) / jobs, 3) if times else 0.0,
        "bytes": sum(per_feature.values()),
        "features": per_feature,
        "failures": failures,
    }
