"""The code of docs/adding-a-network.md runs."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featkit import Bundle, Store, evaluate, train
from featkit.classifiers import make_classifier
from featkit.datasets.synthetic import synthesize
from featkit.extraction import extract

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-network.md"


@pytest.fixture
def blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The page's code; its net is the module ``guide_net``."""
    code = [part.split("```")[0] for part in PAGE.read_text(encoding="utf-8").split("```python\n")]
    (tmp_path / "guide_net.py").write_text(code[1], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("guide_net", None)
    return code[1:]


def test_the_pages_net_evaluates_trains_predicts_and_loads(
    blocks: list[str], tmp_path: Path
) -> None:
    corpus = synthesize(tmp_path / "audio", n_clips=20, sr=8000)
    extract(corpus, ["logmel"], tmp_path / "esc10.zarr")
    paths = sorted(map(str, (tmp_path / "audio").rglob("*.wav")))[:3]
    names: dict[str, Any] = {"Bundle": Bundle, "Store": Store, "evaluate": evaluate}
    names |= {"train": train, "paths": paths}
    exec(blocks[1], names)
    assert {score.error for score in names["scores"]} == {""}
    assert len(names["predictions"]) == 3
    trained = Bundle.load("model", trusted=["guide_net:Linear"])
    shares = trained.classifier.predict_proba(names["table"].X)
    assert shares.shape[0] == 20 and np.allclose(shares.sum(axis=1), 1)


def test_its_option_and_its_recipe_count(blocks: list[str]) -> None:
    net = make_classifier("net:arch=(guide_net:Linear:dropout=0.5),classes=10")
    assert net.recipe_name() == "instrument"
    assert net.size()["parameters"] == (128 * 128 + 1) * 10
