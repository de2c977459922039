"""Nets of timm, with a stand-in for the package: calls to it, and what happens without it."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torchvision import models

from featkit.classifiers import make_classifier
from featkit.errors import MissingDependencyError, ParameterError
from featkit.nets import catalog


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Put a package timm in place that knows ``tiny``, and note what it is asked for."""
    calls: list[dict[str, Any]] = []

    def create_model(
        name: str, pretrained: bool, num_classes: int, in_chans: int
    ) -> torch.nn.Module:
        calls.append(
            {
                "name": name,
                "pretrained": pretrained,
                "num_classes": num_classes,
                "in_chans": in_chans,
            }
        )
        net = models.resnet18(weights=None, num_classes=num_classes)
        net.conv1 = torch.nn.Conv2d(in_chans, 64, 7, 2, 3, bias=False)
        return net

    package = SimpleNamespace(create_model=create_model, is_model=lambda name: name == "tiny")
    monkeypatch.setitem(sys.modules, "timm", package)
    return calls


def test_a_net_of_timm_reads_rows_of_any_channels(asked: list[dict[str, Any]]) -> None:
    assert catalog.build("timm:tiny", (32, 32), 4)(torch.randn(2, 32, 32)).shape == (2, 4)
    assert asked[-1] == {"name": "tiny", "pretrained": False, "num_classes": 4, "in_chans": 1}
    assert catalog.build("timm:tiny", (32, 32), 4, channels=3)(torch.randn(2, 32, 32)).shape == (
        2,
        4,
    )
    assert asked[-1]["in_chans"] == 3
    # ResNet-18 with a stem of one channel has 11,172,292 values at four classes.
    assert (
        make_classifier("net:arch=timm:tiny,classes=4,shape=128+128").size()["parameters"]
        == 11_172_292
    )


def test_it_is_trained_from_scratch_as_a_backbone_and_stored_as_arrays(
    asked: list[dict[str, Any]], patterns: Any
) -> None:
    model = make_classifier("net:arch=timm:tiny,epochs=1,batch_size=6")
    assert model.settled().weight_decay == 1e-3
    X, y = patterns(12, (32, 32))
    assert model.fit(X, y).predict_proba(X).shape == (12, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("net:arch=timm:giant", "timm lists no 'giant'"),
        ("net:arch=timm:tiny,weights=imagenet", "allowed: none or a file"),
    ],
)
def test_what_timm_has_not_is_refused(asked: list[dict[str, Any]], text: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        make_classifier(text)


def test_channels_that_rows_cannot_give_are_refused(asked: list[dict[str, Any]]) -> None:
    with pytest.raises(ParameterError, match="rows of 2 channels"):
        catalog.build("timm:tiny", (2, 32, 32), 4, channels=3)
    with pytest.raises(ParameterError, match="transform_input"):
        catalog.build("timm:tiny", (3, 32, 32), 4, transform_input=True)


def test_without_timm_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingDependencyError, match=r"featkit\[timm\]"):
        make_classifier("net:arch=timm:resnet18")
