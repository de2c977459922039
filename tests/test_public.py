"""The public names, and how the objects that they make show themselves."""

import ast
from pathlib import Path

import numpy as np
import pytest

import featkit
import featkit.store
from featkit import audio
from featkit.evaluation import Folding

LABEL, ESCAPED = "<b>low", "&lt;b&gt;low"


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    """Everything from a folder, one of whose classes is called ``<b>low``, to a bundle."""
    place = tmp_path_factory.mktemp("shown")
    for number in range(12):
        folder = place / "set" / (LABEL, "high")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        wave = np.sin(np.arange(1600) * (0.1, 0.9)[number % 2] * (1 + number / 100))
        audio.write(folder / f"{number}.wav", wave.astype(np.float32), 8000)
    dataset = featkit.get_dataset(str(place / "set"))
    report = featkit.extract(dataset, ["mfcc_stats"], place / "s.zarr")
    store = featkit.Store(place / "s.zarr")
    table = store["mfcc_stats"].table()
    scores = featkit.evaluate(store, classifiers=["knn", "logistic"], folding=Folding(n_folds=2))
    return {
        "dataset": dataset,
        "report": report,
        "store": store,
        "shelf": store["mfcc_stats"],
        "table": table,
        "score": scores[0],
        "scores": scores,
        "comparison": featkit.compare(scores),
        "bundle": featkit.train(table, "knn", folding=Folding(n_folds=2)),
    }


NAMES = (
    *("dataset", "report", "store", "shelf", "table"),
    *("score", "scores", "comparison", "bundle"),
)


@pytest.mark.parametrize("name", NAMES)
def test_objects_show_themselves_on_a_line_and_as_escaped_html(objects, name):
    text, page = repr(objects[name]), objects[name]._repr_html_()
    assert "\n" not in text and len(text) < 250
    assert text.startswith(type(objects[name]).__name__ + "(")
    assert LABEL not in page
    assert (ESCAPED in page) == (name in ("dataset", "table", "bundle"))


@pytest.mark.parametrize("name", ["dataset", "store", "shelf", "table", "report"])
def test_their_pages_count_the_clips(objects, name):
    assert ">12<" in objects[name]._repr_html_()


def test_a_comparison_shows_every_system_with_its_number(objects):
    page = objects["comparison"]._repr_html_()
    for row in objects["comparison"].systems:
        assert row["classifier"] in page and f"{100 * row['mean']:.1f}" in page


def test_completion_lists_public_names_only():
    assert dir(featkit) == sorted(featkit.__all__)
    assert dir(featkit.store) == sorted(featkit.store.__all__)
    assert not [name for name in dir(featkit) if name.startswith("_") and name != "__version__"]


def test_the_stub_for_type_checkers_has_the_names_that_are_imported_when_used():
    tree = ast.parse(Path(featkit.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    listed = {alias.name: node.module for node in imports for alias in node.names}
    assert listed.keys() | {"__version__"} == set(featkit.__all__)
    for name, module in listed.items():
        home = __import__(module, fromlist=[name])
        assert getattr(home, name) is getattr(featkit, name)
