"""What a net cannot be fitted on: rows and folds that do not fit, too little memory, divergence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featkit.classifiers._net import NetClassifier
from featkit.errors import DivergenceError, ParameterError


def test_a_class_that_only_the_watched_part_has_is_wrong_there_and_has_no_loss(
    patterns: Any,
) -> None:
    X, y = patterns(24)
    learned = y != "c2"
    net = NetClassifier("cnn", overrides={"epochs": 2, "lr": 3e-3})
    part = net.fit(X[learned], y[learned], eval_set=(X, y)).curves_[-1]
    plain = net.fit(X[learned], y[learned], eval_set=(X[learned], y[learned])).curves_[-1]
    assert part["test_loss"] == pytest.approx(plain["test_loss"], rel=1e-5)
    assert part["test_accuracy"] == pytest.approx(plain["test_accuracy"] * learned.mean())


def test_folds_and_watched_rows_of_another_length_are_refused(patterns: Any) -> None:
    X, y = patterns(12)
    net = NetClassifier("cnn", overrides={"epochs": 1, "valid": 0.2})
    with pytest.raises(ParameterError, match=r"12 rows and groups of shape \(2,\)"):
        net.fit(X, y, groups=[0, 1])
    with pytest.raises(ParameterError, match=r"eval_set has 12 rows and labels of shape \(5,\)"):
        net.fit(X, y, eval_set=(X, y[:5]))
    with pytest.raises(ParameterError, match="1 classes are in the inner validation part only"):
        net.fit(X, y, groups=np.where(y == "c0", 0, 1))


def test_rows_that_do_not_fit_together_are_named(patterns: Any) -> None:
    X, y = patterns(12)
    net = NetClassifier("cnn", overrides={"epochs": 1}).fit(X, y)
    with pytest.raises(ParameterError, match="rows of different shapes"):
        net.predict([X[0], X[1][:9]])
    assert np.array_equal(net.predict(tuple(X)), net.predict(X))
    assert np.array_equal(net.predict(X.astype(">f4")), net.predict(X))
    assert np.array_equal(
        NetClassifier("cnn", overrides={"epochs": 1}).fit(X, y[:, None]).predict(X), net.predict(X)
    )


def test_memory_that_runs_out_anywhere_is_explained(
    patterns: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = patterns(12)
    net = NetClassifier("cnn", overrides={"epochs": 1, "scale": "bin"}).fit(X, y)

    def full(*_: Any, **__: Any) -> Any:
        raise MemoryError("Unable to allocate 3 GiB")

    monkeypatch.setattr("featkit.training.scaling.statistics", full)
    with pytest.raises(ParameterError, match="out of memory with batch_size"):
        net.fit(X, y)
    monkeypatch.setattr("featkit.training.model.Loader", full)
    with pytest.raises(ParameterError, match="out of memory with batch_size"):
        net.predict(X)


def test_weights_that_are_not_finite_raise_and_leave_no_checkpoint(
    patterns: Any, tmp_path: Path
) -> None:
    X, y = patterns(24)
    net = NetClassifier(
        "cnn",
        overrides={"lr": 1e38, "epochs": 1, "batch_size": 24},
        checkpoints=str(tmp_path / "runs"),
    )
    with pytest.raises(DivergenceError, match="weights are not finite after epoch 0"):
        net.fit(X, y)
    assert not list(tmp_path.glob("runs/*/*.json"))
