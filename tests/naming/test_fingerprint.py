"""What code a row was made by: which edits are seen and which are not."""

import subprocess
import sys
import textwrap

import pytest

from featkit import get_feature
from featkit.naming import fingerprint


def _forget():
    for cached in (fingerprint.of_module, fingerprint._read, fingerprint._top):
        cached.cache_clear()


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
        _forget()
        return fingerprint.of_module(module)

    yield make
    _forget()
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


def test_what_is_taken_from_featkit_counts_and_audio_always_does(package, monkeypatch):
    files = []
    original = fingerprint._file
    monkeypatch.setattr(fingerprint, "_file", lambda name: (files.append(name), original(name))[1])
    package(feature="from featkit.dsp.mel import MelBank")
    assert {
        "featkit.dsp.mel",
        "featkit.dsp.stft",
        "featkit.audio",
        "featkit.audio.recording",
    } <= set(files)


def test_features_differ_and_joined_ones_have_that_of_their_parts():
    texts = ["mfcc_stats", "cqt", "mfcc_stats+cqt", "cqt+mfcc_stats", "mfcc_stats+gammatone"]
    assert len({fingerprint.of_feature(get_feature(text)) for text in texts}) == 5


def test_no_fingerprint_loads_torch():
    code = (
        "import sys; from featkit import get_feature, fingerprint\n"
        "for name in ('random_cnn', 'cqt', 'waveform', 'logmel', 'hear:module=numpy'):\n"
        "    fingerprint.of_feature(get_feature(name))\n"
        "assert not {'torch', 'librosa', 'numba'} & set(sys.modules), set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
