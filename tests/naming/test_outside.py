"""Code outside featkit: found in texts, and imported only where that is allowed."""

import sys

import pytest

from featkit.classifiers import make_classifier
from featkit.datasets import get_dataset
from featkit.errors import FeatkitError
from featkit.features import get_feature
from featkit.naming import outside
from featkit.nets import catalog


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A module that must not be imported, in a package of its own; its dotted name."""
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "__init__.py").write_text("")
    (tmp_path / "strange" / "inner.py").write_text("Thing = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "strange.inner"
    for name in ("strange", "strange.inner"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a.b:C", ["a.b:C"]),
        ("a.b:C:key=value,other=1", ["a.b:C"]),
        ("a:C+mfcc_stats+d.e:F:x=1", ["a:C", "d.e:F"]),
        ("net:arch=a.b:Net,front=(c.d:Mel:n=3)", ["a.b:Net", "c.d:Mel"]),
        ("data.sets:Mine:/place/of it", ["data.sets:Mine"]),
        ("hear:module=my.model,weights=w.pt", ["my.model"]),
        ("net:arch=timm:resnet18", []),
        ("logmel:preset=elmarc", []),
        ("esc50:/data/esc50", []),
        ("s3://bucket/clips.csv", []),
    ],
)
def test_names_are_found_at_any_depth(text, names):
    assert outside.names_in(text) == names


@pytest.mark.parametrize(
    ("use", "ending"),
    [
        (get_feature, ":Thing"),
        (make_classifier, ":Thing"),
        (catalog.check, ":Thing"),
        (get_dataset, ":Thing:/place"),
        (lambda name: get_feature(f"hear:module={name}").shape, ""),
    ],
    ids=["feature", "classifier", "net", "dataset", "hear"],
)
def test_what_nobody_allowed_is_not_imported(use, ending, stranger):
    with outside.restricted(), pytest.raises(outside.UntrustedError, match="--trust strange"):
        use(stranger + ending)
    assert not {"strange", "strange.inner"} & set(sys.modules)


@pytest.mark.parametrize("allowed", ["strange.inner:Thing", "strange.inner", "strange"])
def test_what_is_allowed_is_imported(allowed, stranger):
    with outside.restricted([allowed]):
        assert outside.module_of("strange.inner:Thing", "part").Thing == 3
        with pytest.raises(outside.UntrustedError):
            outside.check("other.inner:Thing", "part")
    outside.check("other.inner:Thing", "part")


@pytest.mark.parametrize(
    "body",
    ["import sys; sys.exit(0)", "raise KeyError('x')", "class E(Exception):\n"
     "    def __str__(self):\n        raise SystemExit\nraise E"],
)  # fmt: skip
def test_a_module_that_cannot_be_imported_is_an_error(body, stranger, tmp_path):
    (tmp_path / "strange" / "inner.py").write_text(body + "\n")
    with pytest.raises(FeatkitError, match="strange"):
        get_feature("strange.inner:Thing")
