"""Linear model trained by stochastic gradient descent."""

from typing import Any, Literal

from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from featkit.classifiers.base import registry

PRESETS = {"elmarc": {"loss": "hinge", "scale": False}}


@registry.register
def make(
    *,
    loss: Literal[
        "hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron"
    ] = "log_loss",
    alpha: float = 1e-4,
    scale: bool = True,
    class_weight: Literal["balanced"] | None = None,
    max_iter: int = 1000,
    seed: int = 0,
) -> Any:
    """Linear model trained by stochastic gradient descent.

    There are probabilities with ``log_loss`` and ``modified_huber`` only. Preset ``elmarc``: hinge
    loss and unscaled features, as in [elmarc]; the rest as in today's scikit-learn.
    """
    model = SGDClassifier(
        loss=loss, alpha=alpha, class_weight=class_weight, max_iter=max_iter, random_state=seed
    )
    return make_pipeline(StandardScaler(), model) if scale else model
