"""``featkit doctor``: what it looks for is what setup.cfg asks for."""

import configparser
import json
import re
from pathlib import Path

from click.testing import CliRunner

from featkit_cli.doctor import NEEDED, OPTIONAL
from featkit_cli.main import cli

ROOT = Path(__file__).parents[2]


def _setup():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    return settings


def test_it_looks_for_every_requirement():
    asked = [
        re.split(r"[<>=!]", line)[0] for line in _setup()["options"]["install_requires"].split()
    ]
    assert sorted(asked) == sorted(NEEDED)
    extras = _setup()["options.extras_require"]
    assert set(OPTIONAL.values()) <= {f"featkit[{extra}]" for extra in extras}


def test_it_reports_versions_devices_and_where_compiled_code_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    found = json.loads(CliRunner().invoke(cli, ["doctor", "--json"], catch_exceptions=False).stdout)
    assert found["packages"]["numpy"] and "cpu" in found["devices"]
    assert found["compiled"] == {"folder": str(tmp_path / "kernels"), "kept": True}
