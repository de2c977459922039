"""The table of all systems tried on ESC-10, and the baseline beside it."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from featkit.audio import Signal

ROOT = Path(__file__).resolve().parents[2]
HEADLINE = ROOT / "benchmarks" / "headline"


def script(name):
    spec = importlib.util.spec_from_file_location(f"headline_{name}", HEADLINE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


page, descriptors = script("page"), script("descriptors")


@pytest.fixture(scope="module")
def scores():
    return page.results()


def test_the_figure_and_readmes_table_are_those_of_the_stored_results(scores):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split(page.BEGIN)[1].split(page.END)[0]
    assert block.strip() == page.readme(scores)
    assert (HEADLINE / "cost.svg").read_text(encoding="utf-8").strip() == page.figure(scores)


def test_every_system_is_listed_with_its_accuracy(scores):
    text = (HEADLINE / "section.md").read_text(encoding="utf-8")
    cells = [line.replace("\\|", "/").split(" | ") for line in text.splitlines()]
    listed = {(row[1], row[2]): row[3] for row in cells if len(row) > 8}
    measured = {}
    for score in scores:
        names = (page.unseeded(score.feature), score.classifier)
        measured.setdefault(tuple(f"`{name}`".replace("|", "/") for name in names), []).append(
            score
        )
    assert len(measured) > 80
    for name, each in measured.items():
        assert listed[name] == f"{100 * np.mean([score.accuracy for score in each]):.2f}"


def test_costs_add_up_and_copies_cost_nothing_unless_they_vote():
    known = {
        "a": {"cpu_seconds": 0.1},
        "b:n=2": {"cpu_seconds": 0.3},
        "altered:of=a": {"cpu_seconds": 0.2},
    }
    assert page.cost_of(["a:seed=4"], known) == 0.1
    assert page.cost_of(["a+b:seed=1,n=2"], known) == pytest.approx(0.4)
    assert page.cost_of(["copies:of=a,n=3"], known) == 0.1
    assert page.cost_of(["copies:of=a,n=3,tta=true"], known) == pytest.approx(0.7)
    assert page.cost_of(["unknown"], known) is None
    assert page.cost_of(["a", "a+b:n=2", "copies:of=a,n=1"], known) == pytest.approx(0.4)
    assert page.cost_of(["b:n=2", "b:n=2,seed=1"], known) == pytest.approx(0.6)


def test_the_descriptors_of_a_tone_are_its_own():
    time = np.arange(2 * descriptors.SR) / descriptors.SR
    samples = (0.5 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)
    frames = descriptors.describe(samples)[:, 4:-4]
    assert frames.shape[0] == 16
    level, crossings, centroid, *_ = frames.mean(axis=1)
    # 0.5 / √2, and the mean square of a Hann window is 3/8.
    assert level == pytest.approx(10 * np.log10(0.125 * 3 / 8), abs=0.1)
    assert crossings == pytest.approx(2 * 1000 / descriptors.SR, rel=0.01)
    assert centroid == pytest.approx(1000, rel=0.02)
    assert 2 ** np.median(frames[-1]) == pytest.approx(1000, rel=0.01)
    row = descriptors.Descriptors()(Signal(samples, descriptors.SR))
    assert row.shape == descriptors.Descriptors().shape and np.isfinite(row).all()
    assert row[:16] == pytest.approx(descriptors.describe(samples).mean(axis=1), rel=1e-4)
