"""What code a row was made by: which edits are seen and which are not."""

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import python

from featkit.features import get_feature, lineage
from featkit.naming import fingerprint, source


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A function that writes a package ``toy`` from texts by file name and returns the fingerprint
    of one of its modules.
    """
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(module="toy.feature", **files):
        for name, text in {"__init__": "", "feature": "", **files}.items():
            file = tmp_path / "toy" / f"{name.replace('__of__', '/')}.py"
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        fingerprint.forget()
        return fingerprint.of_module(module)

    yield make
    fingerprint.forget()
    assert not any(name.partition(".")[0] == "toy" for name in sys.modules), (
        "nothing may be imported for a fingerprint"
    )


def test_comments_docstrings_and_layout_do_not_count(package):
    plain = package(feature="def f(a, b=1):\n    return a + b\n")
    assert (
        package(feature='# why\ndef f(a, b = 1):\n    """Say."""\n\n    return (a + b)\n') == plain
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f = 1", "f = 2"),
        ("def f(*, a, b=1): ...", "def f(*, a=1, b): ..."),
        ("f = {**a, 'k': b}", "f = {'k': a, **b}"),
        ("f = x[1:]", "f = x[:1]"),
        ("def f(a): return a", "async def f(a): return a"),
    ],
)
def test_every_change_of_the_code_is_seen(package, one, other):
    assert package(feature=one) != package(feature=other)


@pytest.mark.parametrize(
    "imported",
    [
        "import toy.helper",
        "from toy import helper",
        "from toy.helper import f",
        "from .helper import f",
        "from . import helper",
    ],
)
def test_what_is_imported_counts_also_inside_functions(package, imported):
    text = f"def g():\n    {imported}\n"
    assert package(feature=text, helper="f = 1") != package(feature=text, helper="f = 2")


def test_an_import_of_an_import_counts(package):
    files = {"feature": "from toy.middle import f", "middle": "from toy.helper import f"}
    assert package(**files, helper="f = 1") != package(**files, helper="f = 2")


def test_relative_imports_of_a_package_itself_count(package):
    files = {"feature": "from toy.sub import f", "sub__of____init__": "from .impl import f"}
    assert package(**files, sub__of__impl="f = 1") != package(**files, sub__of__impl="f = 2")


def test_the_packages_in_which_a_module_lies_count(package):
    files = {"feature": "from toy.sub.impl import f", "sub__of__impl": "f = 1"}
    assert package(**files, sub__of____init__="") != package(
        **files, sub__of____init__="import os; os.environ['X'] = '1'"
    )


def test_modules_that_are_not_imported_do_not_count(package):
    assert package(other="f = 1") == package(other="f = 2")


def test_what_is_taken_from_featkit_counts_and_audio_always_does(package):
    mel, dct = "from featkit.dsp.mel import MelBank", "from featkit.dsp.cepstrum import MelBank"
    assert package(feature=mel) != package(feature=dct)
    assert fingerprint.of_module("toy.feature") != fingerprint.of_module("toy.feature", hears=False)


@pytest.fixture
def own(tmp_path):
    """A function that writes a package ``featkit`` from texts by file name and returns the
    fingerprint of one of its modules, taken in a process of its own.
    """
    for module in (fingerprint, source):
        code = Path(module.__file__).read_text(encoding="utf-8")
        alone = code.replace("featkit.naming.source", "source_alone")
        name = module.__name__.rpartition(".")[2]
        (tmp_path / f"{name}_alone.py").write_text(alone, encoding="utf-8")

    def make(module, **files):
        shutil.rmtree(tmp_path / "featkit", ignore_errors=True)
        for name, text in {"__init__": "", "audio": "", **files}.items():
            file = tmp_path / "featkit" / f"{name.replace('__of__', '/')}.py"
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        code = f"import fingerprint_alone as f; print(f.of_module('featkit.{module}'))"
        run = [sys.executable, "-B", "-c", code]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
        return int(done.stdout)

    return make


HELPER = "def f(x):\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("imported", "moved"),
    [
        ("from featkit.new import f", {"new": HELPER}),
        (
            "from featkit.room import f",
            {
                "room__of____init__": "from .wall import f\n__all__ = ['f']",
                "room__of__wall": HELPER,
            },
        ),
        (
            "from featkit.room.wall import f",
            {"room__of____init__": "", "room__of__wall": HELPER},
        ),
        ("from .old import f", {"old": "# Twice.\n" + HELPER}),
    ],
)
def test_a_module_of_featkit_that_is_moved_as_it_is_does_not_count(own, imported, moved):
    use = "\ndef g(x):\n    return f(x) + 1\n"
    before = own("part", part="from featkit.old import f" + use, old=HELPER)
    assert own("part", part=imported + use, **moved) == before
    assert own("elsewhere", elsewhere=imported + use, **moved) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"old": HELPER.replace("2", "3")},
        {"part": "from featkit.old import f\ng = f(2)"},
        {"part": "from featkit.other import f\ng = f(1)"},
        {"part": "from featkit.old import h as f\ng = f(1)"},
        {"part": "from math import exp as f\ng = f(1)"},
        {"audio": "rate = 8000"},
    ],
)
def test_an_edit_inside_featkit_counts(own, changes):
    files = {
        "part": "from featkit.old import f\ng = f(1)",
        "old": HELPER,
        "other": HELPER.replace("2", "4"),
        "audio": "from featkit import old, other",
    }
    assert own("part", **{**files, **changes}) != own("part", **files)


def test_features_differ_and_joined_ones_have_that_of_their_parts():
    texts = ["mfcc_stats", "cqt", "mfcc_stats+cqt", "cqt+mfcc_stats", "mfcc_stats+gammatone"]
    assert len({lineage.fingerprint(get_feature(text)) for text in texts}) == 5


def test_no_fingerprint_loads_torch():
    code = (
        "import sys; from featkit.features import get_feature, lineage\n"
        "for name in ('random_cnn', 'cqt', 'waveform', 'logmel', 'hear:module=numpy'):\n"
        "    lineage.fingerprint(get_feature(name))\n"
        "assert not {'torch', 'librosa', 'numba'} & set(sys.modules), set(sys.modules)"
    )
    assert python(code).status == 0


def test_installed_modules_are_not_neighbours(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "plugged.py").write_text("")
    (tmp_path / "boxed").mkdir()
    (tmp_path / "boxed" / "__init__.py").write_text("")
    fingerprint.forget()
    assert fingerprint.home("plugged") == fingerprint.home("boxed") == tmp_path
    assert fingerprint.home("numpy") is None and fingerprint.home("no_such_module") is None
