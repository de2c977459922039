"""A net that is trained, as a scikit-learn classifier: rows in, labels and probabilities out."""

import os
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from featkit.training import model, weights
from featkit.training.run import Settings
from featkit.training.runtime import check_device, explained


class TrainedNet(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What a net does once ``fit`` of a subclass has set its classes, shape and tensors."""

    input_kind: ClassVar[str] = "array"
    device: str
    classes_: NDArray[Any]
    shape_: tuple[int, ...]
    length_: int
    n_parameters_: int
    state_: model.State

    def settings(self) -> Settings:
        """Return what identifies a training run of this net."""
        raise TypeError(f"{type(self).__name__} has no settings")

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return class probabilities, shape (n, classes).

        Raises
        ------
        ParameterError
            If rows differ in shape from those of training, or a probability is NaN.
        """
        return self._run(model.probabilities, X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each row."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])

    def embed(self, X: Any) -> NDArray[np.float64]:
        """Return what the net's head reads for each row, shape (n, d)."""
        return self._run(model.embeddings, X)

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write the trained net's tensors as safetensors, which ``weights=PATH`` of another net of
        this kind reads.
        """
        check_is_fitted(self)
        weights.save(self.fitted().net, path)

    @property
    def model_bytes(self) -> int:
        """Bytes of the fitted net's parameters, batch-norm statistics not included."""
        check_is_fitted(self)
        return 4 * int(self.n_parameters_)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        # A stored net predicts on the CPU of its reader, until ``set_params(device=…)``.
        moved = {"device": "cpu"} if "state_" in state else {}
        return {key: value for key, value in state.items() if key != "_cached"} | moved

    def fitted(self) -> Any:
        """Return the trained model, a torch module, rebuilt from its tensors: a stored estimator
        predicts the same to the last bit.
        """
        if not hasattr(self, "_cached"):
            settings = self.settings()
            plan = settings.plan(self.shape_, len(self.classes_))
            self._cached = model.rebuild(plan, self.state_, settings.recipe.channels_last)
        return self._cached

    def rows(self, X: Any) -> Any:
        """Return rows as the trained model reads them (`featkit.training.rows.Rows`)."""
        return self.settings().read(X, self.length_, self.shape_)

    def _run(self, compute: Any, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        check_device(self.device)
        recipe = self.settings().recipe
        with explained(recipe):
            outputs: NDArray[np.float64] = compute(
                self.fitted(),
                self.rows(X),
                batch_size=recipe.batch_size,
                device=self.device,
                precision=recipe.precision,
            )
            return outputs
