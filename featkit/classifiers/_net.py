"""A net as a scikit-learn classifier: what identifies it, and how it is trained."""

import warnings
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Self

from numpy.typing import ArrayLike

from featkit.classifiers._trained_net import TrainedNet
from featkit.nets import catalog
from featkit.training import data, model
from featkit.training.recipes import DEFAULT, Recipe, auto, get_recipe
from featkit.training.rows import MEMORY_BYTES
from featkit.training.run import Settings, numbers, run
from featkit.training.runtime import Machine, check_device, explained

# For the size of a net that is asked for before there are data: classes and clips of ESC-10.
SHOWN_CLASSES, SHOWN_SECONDS = 10, 5


class NetClassifier(TrainedNet):
    """A net trained under a recipe. Rows keep their shape: ``input_kind`` is ``"array"``.

    Parameters
    ----------
    arch : str
        A file of ``featkit/nets/``, a classification net of torchvision, ``timm:NAME``, or
        ``package.module:Name``; options follow a colon (`featkit.nets.catalog.build`).
    weights : str
        ``none``, ``imagenet`` or a file (`featkit.training.weights`); the head is always random.
    prefix : str
        As in `featkit.training.run.Settings`: which blocks ``weights`` fill.
    recipe : str
        A name of `featkit.training.recipes`, or ``auto``: the one that the net declares; for
        torchvision's and timm's nets ``scratch`` without weights and ``finetune`` with; for a net
        that declares none ``default``, with a warning.
    overrides : mapping
        Changes to the recipe.
    channels, transform_input
        As in `featkit.nets.backbones.Backbone`.
    freeze : tuple of str
        Modules of the net that stay as they are, or the last of its blocks that does, as in
        `featkit.training.run.Settings`.
    front, sr, augment
        With a FEATURE text as ``front``, rows are waveforms at ``sr`` Hz and the feature is
        computed from them; ``augment`` then adds as many augmented rows, new in every epoch.
    inside : {"no", "fixed", "learned"}
        Compute ``front`` by a layer of the net (`featkit.features.listening.Listening`),
        ``learned``: with kernels that are trained. Standardisation then comes behind it.
    length : int
        Frames of rows that differ in length; 0: the median of the training rows. Longer ones are
        cut, shorter ones repeated.
    classes, shape
        For `size` of a net that is not trained yet: outputs, and shape of one row (empty: the one
        that the net declares).
    member : int
        Number within an ensemble: changes the head's initial weights and the random draws of
        training only [Palanisamy2020].
    checkpoints : str
        Folder in which each run has its own; empty: none are written.
    device : str
        ``cpu``, ``cuda`` …
    memory : int
        Bytes of rows that may be read into memory.
    watch, verbose : bool
        Have `featkit.evaluate` give the test part as ``eval_set``, so that scores hold `numbers_`;
        show progress on stderr even where that is no terminal.
    random_state : int or None
        Of everything random; None is 0.

    Attributes
    ----------
    classes_ : ndarray
        Sorted labels.
    curves_, numbers_
        One line for each epoch (`featkit.training.loop.Trainer.fit`);
        `featkit.training.run.numbers` of them.
    state_ : dict of ndarray
        The net's tensors; with them and plain values the fitted estimator is free of torch objects.
    shape_, length_, n_parameters_
        Shape of one row; frames that rows are made even to (0: as they are); trainable values.
    """

    def __init__(
        self,
        arch: str = "cnn",
        weights: str = "none",
        prefix: str = "all",
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
        self.prefix = prefix
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

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Nets stored before ``prefix`` was a parameter.
        super().__setstate__({"prefix": "all", **state})

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
            Without them: a fraction of each class.
        eval_set : (X, y), optional
            Test rows, scored after every epoch for the curves; nothing is selected on them.

        Raises
        ------
        ParameterError
            For rows, labels or a recipe that do not go together; if the loss is NaN or infinite, or
            memory runs out.
        MissingDependencyError
            If weights or the device are not available.
        """
        recipe = self.settled()
        check_device(self.device)
        if self.recipe == "auto" and self.recipe_name() == DEFAULT:
            warnings.warn(
                f"{self.arch} declares no recipe: trained with recipe={DEFAULT}", stacklevel=2
            )
        self.classes_, targets = data.encoded(X, y)
        machine = Machine(self.device, self.memory, self.checkpoints, self.verbose)
        with explained(recipe):
            trained = run(self.settings(), machine, X, targets, self.classes_, groups, eval_set)
        self.shape_, self.length_, self.curves_ = trained.shape, trained.length, trained.curves
        self.n_parameters_, self.state_ = trained.n_parameters, trained.state
        self.numbers_ = numbers(self.curves_)
        self.best_params_ = (
            {"epoch": self.numbers_["best_on_valid"]["epoch"]} if recipe.valid else {}
        )
        self.__dict__.pop("_cached", None)
        return self

    def recipe_name(self) -> str:
        """Return the name of the recipe, ``auto`` resolved."""
        return auto(self.arch, self.weights) if self.recipe == "auto" else self.recipe

    def settled(self) -> Recipe:
        """Return the recipe with all overrides."""
        return get_recipe(self.recipe_name(), **(self.overrides or {}))

    def size(self) -> dict[str, Any]:
        """Return ``parameters``, ``model_bytes`` (4 a parameter), ``weights`` (without biases and
        batch norm), and the ``classes`` and ``shape`` of a row that they hold for.

        An untrained net that is not told the number of classes is counted for `SHOWN_CLASSES`; one
        that hears samples by ``inside``, and is not told how many, for `SHOWN_SECONDS`.
        """
        untold = (SHOWN_SECONDS * self.sr,) if self.inside != "no" else ()
        shape = getattr(self, "shape_", self.shape or untold or catalog.row_shape(self.arch))
        shape = tuple(shape)
        n_classes = len(self.classes_) if hasattr(self, "classes_") else self.classes
        n_classes = n_classes or SHOWN_CLASSES
        count, heavy = self.settings().plan(shape, n_classes).count()
        sizes = {"parameters": count, "model_bytes": 4 * count, "weights": heavy}
        return {**sizes, "classes": n_classes, "shape": list(shape)}

    def origin(self) -> str:
        """Return what identifies the weights file and the code of an outside net, which the
        parameters only name.
        """
        return model.origin(self.arch, self.weights)

    @property
    def seed(self) -> int:
        return 0 if self.random_state is None else int(self.random_state)

    def settings(self) -> Settings:
        """Return what identifies a training run of this net."""
        same = {field.name for field in fields(Settings)} - {"recipe", "seed"}
        named = {name: getattr(self, name) for name in same}
        return Settings(recipe=self.settled(), seed=self.seed, **named)
