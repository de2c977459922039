"""Adding is one file: parts made as the pages say keep the contracts, inside featkit and outside,
evaluate, and predict from a bundle.

To try a further kind of part: a line in `PARTS`, and one in `CONTRACTS`.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("featkit", "cli", "tests", "benchmarks", "docs")
FILES = ("pyproject.toml", "setup.cfg", "README.md")

# Page, folder of the parts, name of the file and what it defines.
PARTS = {
    "feature": (
        "docs/adding-a-feature.md", "features", "zero_crossing_rate", "ZeroCrossingRate"
    ),
    "classifier": ("docs/adding-a-classifier.md", "classifiers", "nearest_mean", "make"),
    "dataset": ("docs/adding-a-dataset.md", "datasets", "birds", "corpus"),
    "net": ("docs/adding-a-network.md", "nets", "linear", "Linear"),
}  # fmt: skip
CONTRACTS = {
    "feature": "tests/features/test_contract.py",
    "classifier": "tests/classifiers/test_contract.py",
    "dataset": "tests/datasets/test_corpora.py",
    "net": "tests/nets/test_catalog.py",
}
# Tests that list all parts, or pages of them.
LISTS = (
    "tests/features/test_contract.py",
    "tests/classifiers/test_contract.py",
    "tests/datasets/test_contract.py",
    "tests/datasets/test_corpora.py",
    "tests/benchmarks/test_gallery.py",
    "tests/report/test_pictures.py",
    "tests/docs/test_docs.py",
    "tests/nets/test_catalog.py",
    "tests/test_layers.py",
)
NEWCOMERS = (
    "zero_crossing_rate or nearest_mean or birds or linear or page or names or catalogue or tree "
    "or lists"
)

TREE = '''
def tree(root, write):
    """Four recordings of three species in the layout of the page."""
    rows = ["file,species,fold,recordist"]
    for number, species in enumerate(("wren", "robin", "blackbird", "wren")):
        rows.append(f"{number}.wav,{species},{number % 2 + 1},person{number}")
        write(root / f"{number}.wav")
    (root / "birds.csv").write_text("\\n".join(rows) + "\\n", encoding="utf-8")
'''

MAP = "logmel:n_mels=24,n_frames=40"
CHAIN = """
import sys, warnings
from featkit import Bundle, Store, evaluate, extract, train

warnings.simplefilter("error", UserWarning)
feature, classifier, trusted = sys.argv[1], sys.argv[2], sys.argv[3:]
extract("synthetic:60", [feature], "chain.zarr")
table = Store("chain.zarr").table(feature)
scores = evaluate(table, classifier)
assert scores and not any(score.error for score in scores), scores
bundle = train(table, classifier)
bundle.save("model")
index = Store("chain.zarr").index()
paths = [index.location(row) for row in range(4)]
read = Bundle.load("model", trusted=trusted).predict(paths)
assert not any(one.error for one in read), read
assert [one.probabilities for one in read] == [one.probabilities for one in bundle.predict(paths)]
"""


def source(kind):
    """The first Python block of a part's page."""
    page = (ROOT / PARTS[kind][0]).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[0]


def python(*arguments, cwd, root=ROOT, **more):
    """Run Python with featkit from ``root`` and modules in ``cwd``."""
    paths = os.pathsep.join(map(str, (root, root / "cli", cwd)))
    environment = {**os.environ, "PYTHONPATH": paths, "FEATKIT_CACHE": str(cwd / "cache"), **more}
    run = [sys.executable, "-B", *map(str, arguments)]
    done = subprocess.run(run, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def passed(output):
    """How many tests passed."""
    return int(re.findall(r"(\d+) passed", output)[-1])


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the project with a newcomer of each kind inside the package."""
    root = tmp_path_factory.mktemp("project")
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "*.png.bak")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, root)
    for kind, (_, folder, name, _) in PARTS.items():
        (root / "featkit" / folder / f"{name}.py").write_text(source(kind), encoding="utf-8")
    return root


@pytest.mark.slow
def test_newcomers_inside_pass_the_contracts_and_the_tests_that_list_parts(copied):
    run = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", NEWCOMERS, *LISTS]
    output = python(*run, cwd=copied, root=copied)
    assert "failed" not in output and passed(output) > 20


@pytest.mark.slow
def test_newcomers_inside_are_evaluated_and_predict_from_a_bundle(copied, tmp_path):
    python("-c", CHAIN, "zero_crossing_rate", "nearest_mean", cwd=tmp_path, root=copied)


@pytest.mark.slow
def test_a_net_inside_is_evaluated_and_predicts_from_a_bundle(copied, tmp_path):
    python("-c", CHAIN, MAP, "net:arch=linear,epochs=2", cwd=tmp_path, root=copied)


@pytest.mark.slow
@pytest.mark.parametrize("kind", PARTS)
def test_a_part_outside_passes_the_contract(kind, tmp_path):
    _, _, name, attribute = PARTS[kind]
    (tmp_path / f"my_{name}.py").write_text(source(kind), encoding="utf-8")
    (tmp_path / "my_tree.py").write_text(TREE, encoding="utf-8")
    part = f"my_{name}:{attribute}" + ("=my_tree:tree" if kind == "dataset" else "")
    run = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", f"my_{name}"]
    run += ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, ROOT / CONTRACTS[kind]]
    output = python(*run, cwd=tmp_path, FEATKIT_CONTRACT=part)
    assert "failed" not in output and passed(output) >= 2


@pytest.mark.slow
def test_parts_outside_are_evaluated_and_predict_from_a_bundle(tmp_path):
    for kind in ("feature", "classifier"):
        (tmp_path / f"my_{PARTS[kind][2]}.py").write_text(source(kind), encoding="utf-8")
    feature, classifier = "my_zero_crossing_rate:ZeroCrossingRate", "my_nearest_mean:make"
    python("-c", CHAIN, feature, classifier, feature, cwd=tmp_path)


@pytest.mark.slow
def test_a_net_outside_is_evaluated_and_predicts_from_a_bundle(tmp_path):
    (tmp_path / "my_linear.py").write_text(source("net"), encoding="utf-8")
    net = "my_linear:Linear"
    python("-c", CHAIN, MAP, f"net:arch={net},epochs=2", net, cwd=tmp_path)
