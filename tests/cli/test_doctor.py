"""``featkit doctor`` looks for what setup.cfg requires."""

import configparser
import re
from pathlib import Path

import pytest

from featkit_cli.doctor import NEEDED, OPTIONAL

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup():
    """The sections of setup.cfg."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    return settings


def test_it_looks_for_every_requirement(setup):
    requirements = setup["options"]["install_requires"].split()
    assert sorted(re.split(r"[<>=!]", line)[0] for line in requirements) == sorted(NEEDED)
    extras = setup["options.extras_require"]
    assert set(OPTIONAL.values()) <= {f"featkit[{extra}]" for extra in extras}


def test_it_reports_versions_devices_and_where_compiled_code_is_kept(
    featkit, monkeypatch, tmp_path
):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    report = featkit("doctor", "--json").json
    assert report["packages"]["numpy"] and "cpu" in report["devices"]
    assert report["compiled"] == {"folder": str(tmp_path / "kernels"), "kept": True}
