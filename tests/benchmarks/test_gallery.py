"""The pages that scripts make: gallery and parity."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from featkit.features import registry

ROOT = Path(__file__).resolve().parents[2]


def script(name):
    spec = importlib.util.spec_from_file_location(
        f"benchmark_{name}", ROOT / "benchmarks" / f"{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


sys.path.append(str(ROOT / "benchmarks"))  # the scripts import their neighbours
gallery, parity = script("gallery"), script("parity")


def test_the_page_is_what_the_script_makes_of_the_features_that_it_shows():
    """A feature that is not drawn yet breaks nothing; one that changed or went does."""
    page = (ROOT / "docs/gallery.md").read_text(encoding="utf-8")
    shown = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert page == gallery.page(shown)
    assert len(shown) >= 10
    for name in shown:
        assert name in registry.names()
        if name not in gallery.WITHOUT_PICTURE:
            assert 1000 < (ROOT / f"docs/gallery/{name}.png").stat().st_size < 60_000


def test_the_script_draws_a_picture(tmp_path):
    path = gallery.picture("mfcc_stats", gallery.sound(), tmp_path)
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "row",
    [row for row in parity.ROWS if not row.name.startswith("random")],
    ids=lambda row: row.name,
)
def test_synthetic_clips_are_within_the_stated_tolerance(row):
    largest, mean = row.differences(parity.synthetic())
    assert 0 <= mean <= largest <= row.tolerance


def test_the_parity_page_has_every_row():
    page = (ROOT / "docs/parity.md").read_text(encoding="utf-8")
    assert all(f"| `{row.name}` | {row.oracle} |" in page for row in parity.ROWS)


def test_a_difference_is_found():
    row = parity.Row("x", "x + 0.5", "", 0.1, lambda signal: (signal.samples, signal.samples + 0.5))
    assert row.differences(parity.synthetic()) == pytest.approx((0.5, 0.5), abs=1e-6)
