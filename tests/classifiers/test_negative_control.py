"""The negative control of a report: its transformer on mel power."""

from typing import Any

import numpy as np

from featkit.classifiers import make_classifier


def test_a_transformer_learns_more_from_scaled_decibels_than_from_power() -> None:
    # Four tilts of a spectrum; the level, which fills 14 powers of ten, says nothing of the class.
    rng = np.random.default_rng(0)

    def rows(n: int) -> tuple[Any, Any]:
        labels = np.arange(n) % 4
        tilt = np.linspace(-10, 10, 16)[None, None] * (labels[:, None, None] - 1.5)
        level = rng.uniform(-80, 60, size=(n, 1, 1))
        decibels = level + tilt + rng.normal(0, 3, size=(n, 12, 16))
        return decibels.astype(np.float32), labels

    (X, y), (X2, y2) = rows(160), rows(80)
    text = "net:arch=(transformer:layers=1,feedforward=32),epochs=12,scale="
    power = make_classifier(f"{text}none").fit(10 ** (X / 10), y).score(10 ** (X2 / 10), y2)
    scaled = make_classifier(f"{text}bin").fit(X, y).score(X2, y2)
    assert power + 0.1 < scaled and scaled > 0.8
