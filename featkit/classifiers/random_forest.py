"""Random forest: needs no scaling and hardly any tuning."""

from typing import Annotated, Any, Literal

from sklearn.ensemble import RandomForestClassifier

from featkit.classifiers.base import Conduct, registry


@registry.register
def make(
    *,
    n_estimators: int = 500,
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
    class_weight: Literal["balanced"] | None = None,
    n_jobs: Annotated[int | None, Conduct] = None,
    seed: int = 0,
) -> Any:
    """Random forest of 500 trees."""
    return RandomForestClassifier(
        n_estimators=n_estimators,
        max_depth=max_depth,
        min_samples_leaf=min_samples_leaf,
        class_weight=class_weight,
        n_jobs=n_jobs,
        random_state=seed,
    )
