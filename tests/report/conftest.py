"""A browser for the tests of the page."""

import shutil
import subprocess

import pytest

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--allow-file-access-from-files", "--enable-logging=stderr", "--v=0"),
    *("--virtual-time-budget=20000", "--dump-dom"),
)


@pytest.fixture
def browse(tmp_path):
    """A function from a file of ``tmp_path`` to its DOM after scripts, and the console's lines."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here")

    def browse(name, *options):
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        command = [CHROMIUM, *_FLAGS, *options, profile, (tmp_path / name).as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    return browse
