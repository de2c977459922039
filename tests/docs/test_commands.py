"""Every ``featkit`` command in the pages' ``sh`` blocks runs, on tiny recordings."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# These commands are for a feature's file that the reader has added to the package.
WITHOUT = {"adding-a-feature.md"}
# What a page asks for, and what stands in for it here: no download, no GPU, less work.
INSTEAD = {
    "arch=densenet201,weights=imagenet,device=cuda": "arch=cnn,epochs=1",
    "run study.yaml": "run study.yaml --set dataset=synthetic:50",
    "--audio FILE": "--audio new.wav",
}


def commands(page):
    """The arguments of each command in a page, in order."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            for asked, instead in INSTEAD.items():
                line = line.replace(asked, instead)
            if line.startswith("featkit "):
                yield shlex.split(line, comments=True)[1:]


PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    if page.name not in WITHOUT and any(commands(page))
]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_run(page, recordings, featkit):
    for arguments in commands(page):
        done = featkit(*arguments)
        assert done.status == 0, f"featkit {shlex.join(arguments)}\n{done.err[-2000:]}"
