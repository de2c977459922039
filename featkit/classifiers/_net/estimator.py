"""A trained net as a scikit-learn classifier: rows in, labels and probabilities out."""

import os
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, column_or_1d

from featkit.errors import ParameterError
from featkit.nets import catalog
from featkit.training import assembly, curves, intake, prediction, weights
from featkit.training.data import MEMORY_BYTES, Rows
from featkit.training.memory import explained
from featkit.training.recipes import Recipe, get_recipe
from featkit.training.run import run


class NetClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A net trained under a recipe. Rows keep their shape: ``input_kind`` is ``"array"``.

    Parameters
    ----------
    arch : str
        A name of `featkit.nets.catalog`, a classification net of torchvision, ``timm:NAME``, or
        ``package.module:Name``.
    weights : str
        ``none``, ``imagenet`` or a file (`featkit.training.weights`); the head is always random.
    recipe : str
        A name of `featkit.training.recipes`, or ``auto``: ``instrument`` for featkit's nets; for
        torchvision's ``scratch`` without weights and ``finetune`` with.
    overrides : mapping
        Changes to the recipe.
    channels, transform_input
        As in `featkit.nets.backbones.Backbone`.
    freeze : tuple of str
        Modules of the net that stay as they are.
    front, sr, augment
        With a FEATURE text as ``front``, rows are waveforms at ``sr`` Hz and the feature is
        computed from them; ``augment`` then adds as many augmented rows, new in every epoch (S0-7).
    inside : {"no", "fixed", "learned"}
        Compute ``front`` by a layer of the net (`featkit.training.listening.Listening`),
        ``learned``: with kernels that are trained. Standardisation then comes behind it.
    length : int
        Frames of rows that differ in length; 0: the median of the training rows. Longer ones are
        cut, shorter repeated.
    classes, shape
        For `size` of a net that is not trained yet: outputs, and shape of one row (empty: that of
        the specification).
    member : int
        Number within an ensemble: changes the head's initial weights and the random draws of
        training only (S0-15).
    checkpoints : str
        Folder in which each run has its own; empty: none are written.
    device : str
        ``cpu``, ``cuda`` …
    memory : int
        Bytes of rows that may be read into memory.
    watch, verbose : bool
        Have `featkit.evaluate` give the test part as ``eval_set``, so that scores hold `numbers_`;
        show progress on stderr.
    random_state : int or None
        Of everything random; None is 0.

    Attributes
    ----------
    classes_ : ndarray
        Sorted labels.
    curves_, numbers_
        One line for each epoch (`featkit.training.engine.Trainer.fit`);
        `featkit.training.curves.numbers` of them.
    state_ : dict of ndarray
        The net's tensors; with them and plain values the fitted estimator is free of torch objects.
    shape_, length_, n_parameters_
        Shape of one row; frames that rows are made even to (0: they are); trainable values.
    """

    input_kind: ClassVar[str] = "array"

    def __init__(
        self,
        arch: str = "cnn",
        weights: str = "none",
        recipe: str = "auto",
        overrides: Mapping[str, Any] | None = None,
        channels: int = 0,
        transform_input: bool = False,
        freeze: tuple[str, ...] = (),
        front: str = "",
        sr: int = 0,
        inside: str = "no",
        augment: bool = False,
        length: int = 0,
        classes: int = 0,
        shape: tuple[int, ...] = (),
        member: int = 0,
        checkpoints: str = "",
        device: str = "cpu",
        memory: int = MEMORY_BYTES,
        watch: bool = False,
        verbose: bool = False,
        random_state: int | None = None,
    ) -> None:
        self.arch = arch
        self.weights = weights
        self.recipe = recipe
        self.overrides = overrides
        self.channels = channels
        self.transform_input = transform_input
        self.freeze = freeze
        self.front = front
        self.sr = sr
        self.inside = inside
        self.augment = augment
        self.length = length
        self.classes = classes
        self.shape = shape
        self.member = member
        self.checkpoints = checkpoints
        self.device = device
        self.memory = memory
        self.watch = watch
        self.verbose = verbose
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        eval_set: tuple[Any, ArrayLike] | None = None,
    ) -> Self:
        """Return the estimator trained on rows and labels.

        Parameters
        ----------
        X : array-like of shape (n, …), or list of n arrays
            Rows: images (C, H, W), matrices (T, M), or with ``front`` waveforms. Arrays that are
            not in memory are read as they are needed.
        y : array-like of n labels
            At least two different ones.
        groups : array-like of int, optional
            Inner fold of each row; where the recipe asks for a validation part, the lowest is it.
            Without them: a share of each class.
        eval_set : (X, y), optional
            Test rows, scored after every epoch for the curves; nothing is selected on them.

        Raises
        ------
        ParameterError
            For rows, labels or a recipe that do not go together; if the loss is no number, or
            memory runs out.
        MissingDependencyError
            If weights or the device cannot be had.
        """
        recipe = self.settled()
        assembly.check_device(self.device)
        labels = column_or_1d(y)
        self.classes_, targets = np.unique(labels, return_inverse=True)
        if len(labels) < 2 or len(self.classes_) < 2:
            raise ParameterError(
                f"{len(labels)} clips of {len(self.classes_)} classes: training needs two of each at least"
            )
        count = len(X) if isinstance(X, (list, tuple)) else X.shape[0]
        if count != len(labels):
            raise ParameterError(f"{count} rows and {len(labels)} labels")
        with explained(recipe):
            trained = run(self, recipe, X, targets, self.classes_, groups, eval_set)
        self.shape_, self.length_, self.curves_ = trained.shape, trained.length, trained.curves
        self.n_parameters_, self.state_ = trained.n_parameters, trained.state
        self.numbers_ = curves.numbers(self.curves_)
        self.best_params_ = (
            {"epoch": self.numbers_["best_on_valid"]["epoch"]} if recipe.valid else {}
        )
        self.__dict__.pop("_cached", None)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return class probabilities, shape (n, classes).

        Raises
        ------
        ParameterError
            If rows differ in shape from those of training, or a probability is no number.
        """
        found = self._run(prediction.probabilities, X)
        if not np.isfinite(found).all():
            row = int(np.flatnonzero(~np.isfinite(found).all(axis=1))[0])
            raise ParameterError(
                f"row {row} gives no probabilities: it, or the net, holds values that are not finite"
            )
        return found

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each row."""
        shares = self.predict_proba(X)
        return np.asarray(self.classes_[shares.argmax(axis=1)])

    def embed(self, X: Any) -> NDArray[np.float64]:
        """Return what the net's head reads for each row, shape (n, d) (T7)."""
        return self._run(prediction.embeddings, X)

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write the trained net's tensors as safetensors, which ``weights=PATH`` of another net of
        this kind reads (P6).
        """
        check_is_fitted(self)
        weights.save(self._fitted().net, path)

    def settled(self) -> Recipe:
        """Return the recipe with all overrides."""
        name = self.recipe
        if name == "auto":
            name = (
                "instrument"
                if catalog.own(self.arch)
                else "scratch"
                if self.weights == "none"
                else "finetune"
            )
        return get_recipe(name, **(self.overrides or {}))

    def size(self) -> dict[str, Any]:
        """Return ``parameters``, ``model_bytes`` (4 a parameter, as the papers count) and a row's
        ``shape``; untrained too.
        """
        shape = tuple(getattr(self, "shape_", self.shape or catalog.default_shape(self.arch)))
        n_classes = len(self.classes_) if hasattr(self, "classes_") else self.classes
        if n_classes < 2:
            raise ParameterError(
                f"the size of {self.arch} depends on the number of classes; give classes=N, 2 at least"
            )
        count = self.plan(shape, n_classes).count()
        return {"parameters": count, "model_bytes": 4 * count, "shape": list(shape)}

    @property
    def model_bytes(self) -> int:
        """Bytes of the fitted net's parameters, batch-norm statistics not included."""
        check_is_fitted(self)
        return 4 * int(self.n_parameters_)

    def origin(self) -> str:
        """Return what identifies the weights file and the code of an outside net, which the
        parameters only name.
        """
        return assembly.origin(self.arch, self.weights)

    @property
    def seed(self) -> int:
        return 0 if self.random_state is None else int(self.random_state)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        # A stored net predicts on the CPU of whoever reads it, until ``set_params(device=…)``.
        moved = {"device": "cpu"} if "state_" in state else {}
        return {key: value for key, value in state.items() if key != "_cached"} | moved

    def plan(self, shape: tuple[int, ...] = (), classes: int = 0) -> assembly.Plan:
        """Return the plan of the fitted net, or for rows of another shape and number of classes."""
        numbers = (
            tuple(shape or self.shape_),
            classes or len(self.classes_),
            self.channels,
            self.transform_input,
        )
        return assembly.Plan(self.arch, *numbers, self.front, self.sr, self.inside)

    def _read(self, X: Any) -> Rows:
        return intake.read(
            intake.front_end(X, self.front, self.sr, self.inside), self.length_, self.shape_
        )

    def _fitted(self) -> Any:
        """Return the trained model, rebuilt from its tensors: a stored estimator predicts the same
        to the last bit.
        """
        if not hasattr(self, "_cached"):
            self._cached = assembly.rebuild(self.plan(), self.state_, self.settled().channels_last)
        return self._cached

    def _run(self, work: Any, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        assembly.check_device(self.device)
        recipe = self.settled()
        with explained(recipe):
            rows, size = self._read(X), recipe.batch_size
            found: NDArray[np.float64] = work(
                self._fitted(),
                rows,
                batch_size=size,
                device=self.device,
                precision=recipe.precision,
            )
            return found
