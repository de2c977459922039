"""Every command in the pages' fences runs, on tiny recordings, or is listed with a reason."""

import re
import shlex
from pathlib import Path

import pytest

from featkit.nets import catalog
from featkit.training import weights

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "benchmarks" / "papers" / "README.md",
]
# What a page asks for, and what stands in for it here: no download, no GPU, less work.
INSTEAD = {
    "arch=densenet201,weights=imagenet,device=cuda": "arch=cnn",
    "run study.yaml": "run study.yaml --set dataset=synthetic:50",
    "--audio FILE": "--audio new.wav",
    # The page has the reader add the feature's file to the package; here it stays outside.
    "zero_crossing_rate": "zcr_plug_in:ZeroCrossingRate",
}
# Lines of shell that no test here runs, by how they begin, and why.
ELSEWHERE = {
    "python3 -m venv": "installs the package from the network; .ci/run and .ci/installed do it",
    ".venv-dev/bin/": "installs and checks the whole project; .ci/run does it",
    "python benchmarks/fuzz/run.py": "tests/benchmarks/test_fuzz.py runs the script",
    "python benchmarks/fuzz/crashes.py": "tests/benchmarks/test_crashes.py runs the script",
}
# Pages whose Python is run by another test file, which names them.
PYTHON = {
    "README.md": "docs/test_docs.py",
    "store.md": "docs/test_docs.py",
    "protocols.md": "docs/test_docs.py",
    "inspecting.md": "docs/test_docs.py",
    "interventions.md": "docs/test_docs.py",
    "adding-a-feature.md": "docs/test_docs.py",
    "adding-a-network.md": "docs/test_adding_a_network.py",
    "adding-a-classifier.md": "classifiers/test_contract.py",
    "adding-a-dataset.md": "datasets/test_contract.py",
    "systems.md": "docs/test_systems.py",
    "tutorial.md": "docs/test_commands.py",
}
YAML = {"experiments.md": "experiment/test_config.py"}


def fences(page):
    """(language, text) of each fence of a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def shell(page):
    """The lines of a page's fences of shell, continued lines joined, without comments."""
    for language, text in fences(page):
        if language == "sh":
            lines = re.sub(r" *\\\n *", " ", text).splitlines()
            yield from (re.sub(r" +# .*", "", line) for line in lines if line.strip())


def commands(page):
    """What is typed for ``featkit`` in a page, in order."""
    return [line for line in shell(page) if line.startswith("featkit ")]


def pages(test):
    """The pages that have fences of a language that a test runs."""
    return pytest.mark.parametrize("page", list(filter(test, PAGES)), ids=lambda page: page.name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_fence_has_a_language_and_a_test(page):
    languages = {language for language, _ in fences(page)}
    known = {"sh", "python", "yaml", "text", "{toctree}", "{eval-rst}"}
    assert languages <= known, "a fence is not run"
    for language, tests in (("python", PYTHON), ("yaml", YAML)):
        if language in languages:
            named = (ROOT / "tests" / tests[page.name]).read_text(encoding="utf-8")
            assert page.name in named
    for line in shell(page):
        assert line.startswith(("featkit ", *ELSEWHERE)), f"{line}: run it, or say why not"


def test_no_exception_is_left_over():
    lines = [line for page in PAGES for line in shell(page)]
    for start in ELSEWHERE:
        assert any(line.startswith(start) for line in lines), start
    text = "\n".join(line for page in PAGES for line in commands(page))
    for asked in INSTEAD:
        assert asked in text, asked


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """The feature of docs/adding-a-feature.md as a module outside featkit."""
    _, code = next(item for item in fences(ROOT / "docs/adding-a-feature.md") if "python" in item)
    (tmp_path / "zcr_plug_in.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.slow
@pages(lambda page: page.name != "systems.md" and commands(page))
def test_commands_run(page, recordings, plug_in, small, featkit, tmp_path):
    if "resnet18.safetensors" in page.read_text(encoding="utf-8"):
        weights.save(catalog.build("resnet18", (3, 64, 64), 2), tmp_path / "resnet18.safetensors")
    for typed in commands(page):
        for asked, instead in INSTEAD.items():
            typed = typed.replace(asked, instead)
        line = small(typed)
        done = featkit(*shlex.split(line)[1:])
        assert done.status == 0, f"{line}\n{done.err[-2000:]}"


@pytest.mark.slow
def test_the_python_of_the_tutorial_runs(recordings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for language, text in fences(ROOT / "docs" / "tutorial.md"):
        if language == "python":
            exec(text, {})
