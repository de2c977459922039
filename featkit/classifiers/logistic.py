"""Multinomial logistic regression on standardised features."""

from typing import Any, Literal

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from featkit.classifiers.base import registry


@registry.register
def make(
    *,
    C: float = 1.0,
    scale: bool = True,
    class_weight: Literal["balanced"] | None = None,
    max_iter: int = 1000,
    seed: int = 0,
) -> Any:
    """Multinomial logistic regression with an L2 penalty of 1/C (``seed`` has no effect)."""
    del seed
    model = LogisticRegression(C=C, class_weight=class_weight, max_iter=max_iter)
    return make_pipeline(StandardScaler(), model) if scale else model
