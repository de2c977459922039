"""Nets that are evaluated: which results are measured again, and which tables do not fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featkit import evaluate
from featkit.classifiers._net import NetClassifier
from featkit.errors import ParameterError


def cells(scores: Any) -> Any:
    return {score.cell: score.data for score in scores}


def test_results_with_other_weights_are_measured_again(
    patterns: Any, make_table: Any, tmp_path: Path
) -> None:
    X, y = patterns(12)
    table = make_table(12, X=X, y=y, folds=np.arange(12) // 2 % 2)
    path = tmp_path / "w.safetensors"
    text = f"net:arch=cnn,epochs=1,weights={path}"
    NetClassifier("cnn", overrides={"epochs": 1}).fit(X, y).save_weights(path)
    first = evaluate(table, text)
    assert not evaluate(table, text, done=cells(first))
    NetClassifier("cnn", overrides={"epochs": 1}, random_state=1).fit(X, y).save_weights(path)
    again = evaluate(table, text, done=cells(first))
    assert len(again) == len(first) == 2 and again[0].probabilities != first[0].probabilities
    assert evaluate(table, "net:epochs=1")[0].data == table.fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "{net}",
        "net_ensemble:members=2,net=({net})",
        "deep_svm:net=({net})",
        "net_grid:lr=1e-3+1e-4,net=({net})",
    ],
)
def test_results_of_an_outside_net_whose_code_changed_are_measured_again(
    patterns: Any, make_table: Any, outside_nets: Any, text: str
) -> None:
    X, y = patterns(12)
    table = make_table(12, X=X, y=y, folds=np.arange(12) // 2 % 2)
    text = text.format(net=f"net:arch={outside_nets('ReLU')}:Net,epochs=1")
    first = evaluate(table, text)
    assert not any(score.error for score in first) and not evaluate(table, text, done=cells(first))
    outside_nets("Tanh")
    assert len(evaluate(table, text, done=cells(first))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "net:front=logmel,sr=44100",
        "segments:net=(net:front=(logmel:preset=piczak))",
        "net_ensemble:members=2,net=(net:front=logmel,sr=44100)",
    ],
)
def test_waveforms_at_another_rate_are_refused(text: str, make_table: Any) -> None:
    y = np.array(["a", "b"] * 4)
    X, spec = np.zeros((8, 800), np.float32), {"name": "waveform", "params": {"sr": 16_000}}
    table = make_table(8, X=X, y=y, spec=spec)
    with pytest.raises(ParameterError, match="waveforms at 16000 Hz, and the classifier has sr="):
        evaluate(table, text)
