"""Front-ends as layers of a net: the feature's numbers, gradients, learning, and refusals."""

from typing import Any

import numpy as np
import pytest
import torch
from conftest import tone

from featkit.audio import Signal
from featkit.classifiers import make_classifier
from featkit.classifiers._net import NetClassifier
from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.features.listening import Listening

FRONTS = [
    "logmel",
    "logmel:power=1,n_mels=40,hop_length=300",
    "logmel:n_fft=1024,win_length=800,pad_mode=none,log=ln,floor=1e-6,top_db=none",
    "spectrogram:n_fft=512",
    "cqt:sr=22050,n_bins=48",
]
SMALL = "logmel:sr=8000,n_fft=256,hop_length=128,n_mels=16"


def tones(n: int, seed: int = 0) -> tuple[Any, Any]:
    """Waveforms at 8 kHz whose pitch is the class, with noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    rows = [
        tone(400.0 * 2**k * rng.uniform(0.9, 1.1), 0.25, 8000) + 0.05 * rng.standard_normal(2000)
        for k in y
    ]
    return np.stack(rows).astype(np.float32), np.array([f"c{k}" for k in y])


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("trainable", [False, True])
def test_the_layer_gives_the_features_numbers(front: str, trainable: bool, rng: Any) -> None:
    feature = get_feature(front)
    sr: int = feature.sr  # type: ignore[attr-defined]
    samples = (0.1 * rng.standard_normal(sr // 2)).astype(np.float32)
    layer = Listening(front, sr, trainable)
    found = layer(torch.from_numpy(samples[None]))[0].detach().numpy()
    assert found.shape == layer.shape(len(samples))
    np.testing.assert_allclose(found, feature(Signal(samples, sr)), atol=2e-3)


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("loud", [0.0, 1.0])
def test_gradients_reach_samples_and_kernels_and_are_finite_in_silence(
    front: str, loud: float, rng: Any
) -> None:
    layer = Listening(front, 22050, trainable=True)
    samples = torch.from_numpy(
        (loud * rng.standard_normal((2, 8000))).astype(np.float32)
    ).requires_grad_()
    layer(samples).square().mean().backward()
    gradients = [samples.grad, *(value.grad for value in layer.parameters())]
    assert all(gradient is not None and torch.isfinite(gradient).all() for gradient in gradients)
    if loud:
        assert all(gradient is not None and gradient.abs().sum() > 0 for gradient in gradients)


def test_a_gradient_is_the_slope(rng: Any) -> None:
    layer = Listening(SMALL + ",top_db=none", 8000)
    samples, step = (
        torch.from_numpy(rng.standard_normal((1, 1000)).astype(np.float32)),
        torch.zeros(1, 1000),
    )
    step[0, 500] = 1e-2
    samples.requires_grad_()
    layer(samples).sum().backward()
    with torch.no_grad():
        slope = (layer(samples + step).double().sum() - layer(samples - step).double().sum()) / 2e-2
    assert samples.grad is not None
    assert float(samples.grad[0, 500]) == pytest.approx(float(slope), rel=0.05)


@pytest.mark.parametrize("inside", ["fixed", "learned"])
def test_a_net_learns_through_the_layer_and_a_copy_predicts_the_same(inside: str) -> None:
    (X, y), (X2, y2) = tones(30), tones(15, seed=1)
    model = NetClassifier("cnn", front=SMALL, sr=8000, inside=inside, overrides={"epochs": 6})
    model.fit(X, y)
    assert (model.predict(X2) == y2).mean() > 0.9
    moved = {name for name in model.state_ if name.startswith("listening")}
    assert bool(moved) == (inside == "learned")
    stored = model.__getstate__()
    copy = NetClassifier()
    copy.__setstate__(stored)
    assert np.array_equal(copy.predict_proba(X2), model.predict_proba(X2))


def test_fixed_layers_train_the_net_that_the_stored_feature_trains() -> None:
    X, y = tones(12)
    feature = get_feature(SMALL)
    rows = np.stack([feature(Signal(wave, 8000)) for wave in X])
    settings: Any = {"arch": "cnn", "overrides": {"epochs": 2}}
    inside = NetClassifier(**settings, front=SMALL, sr=8000, inside="fixed").fit(X, y)
    stored = NetClassifier(**settings).fit(rows, y)
    assert np.allclose(inside.state_["scaling.mean"], stored.state_["scaling.mean"], atol=1e-2)
    assert np.allclose(inside.predict_proba(X), stored.predict_proba(rows), atol=1e-2)


def test_learned_kernels_move_and_fixed_ones_are_not_counted() -> None:
    X, y = tones(12)
    fixed, learned = (
        NetClassifier("cnn", front=SMALL, sr=8000, inside=kind, overrides={"epochs": 1}).fit(X, y)
        for kind in ("fixed", "learned")
    )
    # Sine and cosine of 256 points for 129 frequencies, and 16 filters over them.
    assert learned.n_parameters_ - fixed.n_parameters_ == 2 * 129 * 256 + 16 * 129
    assert (
        learned.size()["parameters"] == learned.n_parameters_
        and fixed.size()["parameters"] == fixed.n_parameters_
    )
    start = Listening(SMALL, 8000, trainable=True).state_dict()
    assert any(
        not np.array_equal(start[name].numpy(), learned.state_[f"listening.{name}"])
        for name in start
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("net:inside=fixed,sr=22050", "no name"),
        ("net:front=mfcc,sr=22050,inside=fixed", "logmel, spectrogram and cqt"),
        ("net:front=logmel,sr=16000,inside=learned", "nothing resamples"),
        ("net:front=logmel,inside=learned", "nothing resamples"),
        ("net:front=(logmel:sr=22050,n_frames=10),sr=22050,inside=fixed", "n_samples decides"),
        ("net:front=logmel,sr=22050,inside=fixed,augment=true", "does not go with inside=fixed"),
        ("net:front=logmel,sr=22050,inside=maybe", "no, fixed, learned"),
    ],
)
def test_what_cannot_listen_is_refused_before_training(text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        make_classifier(text)


def test_rows_other_than_waveforms_are_refused(patterns: Any) -> None:
    X, y = patterns(12)
    with pytest.raises(ParameterError, match="rows \\(n_samples,\\) of the feature waveform"):
        NetClassifier("cnn", front=SMALL, sr=8000, inside="fixed").fit(X, y)
