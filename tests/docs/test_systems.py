"""The registry of the papers' systems: its page, what it points to, and its commands."""

import ast
import importlib.util
import re
import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNTS = {"F": 12, "R": 10, "C": 3, "X": 2, "P": 9, "A": 6, "D": 12, "M": 10, "T": 9, "G": 2}
# Protocols and baselines of the papers beside their systems.
FURTHER = {"S1B", "S3P", "ESCB", "PANNS"}


def script(path):
    """A file outside the packages as a module."""
    spec = importlib.util.spec_from_file_location(f"outside_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


registry = script(ROOT / "benchmarks" / "systems.py")
SYSTEMS = {one.key: one for systems in registry.chapters().values() for one in systems}
RUN = [key for key, one in SYSTEMS.items() if one.commands]


def test_the_page_is_what_the_registry_says():
    page = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")
    assert page == registry.page(), "run python benchmarks/systems.py"


def test_every_system_is_there_once():
    ids = {f"{letter}{n}" for letter, count in COUNTS.items() for n in range(1, count + 1)}
    assert set(SYSTEMS) == ids | FURTHER
    listed = re.findall(r"^  (\w+):", (ROOT / "benchmarks/systems.yaml").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(SYSTEMS)


@pytest.mark.parametrize("key", SYSTEMS)
def test_a_state_has_what_it_needs(key):
    one = SYSTEMS[key]
    assert one.state in registry.STATES
    assert bool(one.missing) == (one.state == "in part")
    if one.state == "planned":
        assert not (one.commands or one.tests or one.measured)
        return
    assert one.commands and one.tests
    if one.state == "works":
        assert one.measured or not one.published, "the paper has a figure; where is ours?"
    if re.fullmatch("F[1-9]", key):
        assert any(entry["kind"].startswith("parity") for entry in one.measured)


def test_figures_are_read_where_the_entries_point(tmp_path):
    accuracy = {
        "kind": "accuracy",
        "from": "benchmarks/papers/t1_cnn_esc10.jsonl",
        "feature": "logmel:n_frames=128,hop_length=862",
        "classifier": "net:arch=cnn",
    }
    # The five folds of the file: 59, 65, 62, 65 and 62 of 80 clips.
    assert (
        registry.figure(accuracy)
        == f"{(59 + 65 + 62 + 66 + 66) / 4:.1f} % on esc10 (nested, 5 folds)"
    )
    spread = {
        "kind": "deviation of accuracy",
        "from": "benchmarks/papers/p6_transfer.jsonl",
        "feature": "logmel:n_frames=128,hop_length=862",
        "classifier": "net:arch=resnet18,recipe=instrument,epochs=10,precision=bfloat16,"
        "weights=benchmarks/papers/stores/p6_resnet18.safetensors",
    }
    # 60, 66 and 69 of 80 clips: √21 clips.
    assert registry.figure(spread) == "5.7 % on esc10 (nested, fold 1, 3 runs)"
    nested = {
        "from": "benchmarks/papers/waveforms/mst_fold1_27_epochs.json",
        "at": "curves.1.epoch",
    }
    assert registry.figure(nested) == "1"
    cell = {"from": "docs/parity.md", "row": "waveform", "column": "tolerance"}
    assert registry.figure(cell) == "1e-06"


@pytest.mark.parametrize(
    "changes",
    [
        {"classifier": "net:arch=cnn,epochs=31"},
        {"feature": "logmel:n_frames=127"},
        {"from": "docs/parity.md", "row": "waveform", "column": "no such column"},
        {"from": "benchmarks/papers/x1_batch_norm_leak.json", "at": "cells.0.no_such_key"},
    ],
)
def test_a_figure_that_is_not_there_is_an_error(changes):
    entry = {
        "kind": "accuracy",
        "from": "benchmarks/papers/t1_cnn_esc10.jsonl",
        "feature": "logmel:n_frames=128,hop_length=862",
        "classifier": "net:arch=cnn",
    }
    with pytest.raises(LookupError):
        registry.figure(entry | changes)


def test_tests_exist():
    for one in SYSTEMS.values():
        for node in one.tests:
            path, _, name = node.partition("::")
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            defined = {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}
            assert name in defined, node


ONE_FOLD = [
    (r"(evaluate(?!.*--only-fold).*--folds rotating)", r"\1 --only-fold 1v5"),
    (r"(evaluate(?!.*--(?:only-fold|folds)))", r"\1 --only-fold 1"),
]
# DenseNet-201 runs for its own row; a smaller net stands in for it where the row is of something
# else.
SMALLER = {key: [("densenet201", "resnet18")] for key in ("P4", "P5", "P7", "P8", "P9")}
# Weights that are published elsewhere.
SMALLER["PANNS"] = [(r"arch=panns_cnn14,weights=\S+", "arch=(panns_cnn14:width=0.01)")]
TREES = {
    "gtzan:GTZAN": "gtzan",
    "urbansound8k:UrbanSound8K": "urbansound8k",
    "gtzan_80_20:GTZAN": "gtzan",
    "extended_ballroom:ExtendedBallroom": "extended_ballroom",
    "tau2020_mobile:TAU2020-mobile": "tau2020_mobile",
    "tau2020_3class:TAU2020-3class": "tau2020_3class",
}
QUICK = ("F1", "F8", "R2", "C1", "D11", "S3P", "G1")


@pytest.fixture
def corpora(recordings, tmp_path, write_wav):
    """Make the miniature tree of a corpus in its folder of the page."""
    trees = script(ROOT / "tests" / "datasets" / "test_corpora.py").TREES

    def make(command):
        for text, name in TREES.items():
            folder = tmp_path / text.partition(":")[2]
            if text in command and not folder.exists():
                folder.mkdir()
                trees[name](folder, write_wav)

    return make


@pytest.mark.parametrize(
    "key", [pytest.param(key, marks=[pytest.mark.slow] * (key not in QUICK)) for key in RUN]
)
def test_the_commands_run(key, featkit, corpora, small):
    names = {}
    for command in SYSTEMS[key].commands:
        typed = small(command, (*ONE_FOLD, *SMALLER.get(key, ())))
        if not command.startswith("featkit "):
            exec(compile(typed, key, "single"), names)
            continue
        corpora(typed)
        done = featkit(*shlex.split(typed)[1:])
        # A corpus that is not whole has problems, which validate reports by the exit status 1.
        expected = {0, 1} if "datasets validate" in command else {0}
        assert done.status in expected, f"{typed}\n{done.out[-500:]}{done.err[-2000:]}"


def test_the_small_command_is_the_pages_with_less_work(small):
    typed = SYSTEMS["D12"].commands[1]
    assert small(typed, ONE_FOLD) == (
        "featkit evaluate --only-fold 1 esc10.zarr -f logmel:preset=dcase "
        '-c "windows:length=172,net=(net:epochs=1,iterations=0,'
        'arch=(scene_cnn:width=0.1))" '
        '-c "windows:length=172,hop=86,net=(net:epochs=1,iterations=0,'
        'arch=(scene_cnn:width=0.1))" --out results.jsonl'
    )
