"""Multi-layer perceptron on standardised features."""

from typing import Any

from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from featkit.classifiers.base import registry

PRESETS = {"elmarc": {"hidden_layer_sizes": (20,), "max_iter": 600, "scale": False}}


@registry.register
def make(
    *,
    hidden_layer_sizes: tuple[int, ...] = (20,),
    alpha: float = 1e-4,
    learning_rate_init: float = 1e-3,
    scale: bool = True,
    max_iter: int = 500,
    seed: int = 0,
) -> Any:
    """Multi-layer perceptron, by default with one hidden layer of 20 units.

    Preset ``elmarc``: 20 units, at most 600 iterations, unscaled features, as in [elmarc].
    """
    model = MLPClassifier(
        hidden_layer_sizes=hidden_layer_sizes,
        alpha=alpha,
        learning_rate_init=learning_rate_init,
        max_iter=max_iter,
        random_state=seed,
    )
    return make_pipeline(StandardScaler(), model) if scale else model
