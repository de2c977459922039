"""Damaged, mutated and inflated bundles: an error of featkit, before memory is taken."""

import hashlib
import io
import json
import shutil
import zipfile

import numpy as np
import pytest

from featkit.bundle import Bundle, card, train
from featkit.bundle.manifest import MANIFEST, MODEL, digest
from featkit.bundle.sizes import check_archive
from featkit.errors import BundleError, FeatkitError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A saved bundle: a linear SVM on one feature of six clips."""
    from featkit.store.table import Table

    rng = np.random.default_rng(0)
    table = Table(
        X=rng.standard_normal((12, 120)).astype(np.float32),
        y=np.array(["a", "b"] * 6),
        folds=np.arange(12) // 2 % 3,
        groups=np.array([f"g{row}" for row in range(12)]),
        ids=np.array([f"c{row}" for row in range(12)]),
        dataset="toy",
        feature="mfcc_stats",
        protocol="folds",
    )
    place = tmp_path_factory.mktemp("bundle") / "b"
    train(table, "knn").save(place)
    Bundle.load(place)
    return place


def sealed(place, change=lambda content: None, model=None):
    """Change a bundle and make its digests right again, as whoever wants to deceive would."""
    content = json.loads((place / MANIFEST).read_text())
    del content["digest"]
    if model is not None:
        (place / MODEL).write_bytes(model)
        content["files"][MODEL] = hashlib.sha256(model).hexdigest()
    change(content)
    (place / MANIFEST).write_text(json.dumps({**content, "digest": digest(content)}))


@pytest.fixture
def copy(bundle, tmp_path):
    return shutil.copytree(bundle, tmp_path / "copy")


def rewritten(data, change):
    """An archive with each member as ``change(name, content)`` has it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", 8) as new:
        for item in old.infolist():
            new.writestr(item.filename, change(item.filename, old.read(item)))
    return buffer.getvalue()


def test_what_unpacks_to_more_than_the_limit_is_refused(copy, monkeypatch):
    data = (copy / MODEL).read_bytes()
    monkeypatch.setenv("FEATKIT_MAX_BUNDLE_GIB", "0.01")
    Bundle.load(copy)
    bomb = io.BytesIO(data)
    with zipfile.ZipFile(bomb, "a", 8) as archive:
        archive.writestr("zeros", bytes(20 << 20))
    assert len(bomb.getvalue()) < 1 << 20
    sealed(copy, model=bomb.getvalue())
    with pytest.raises(BundleError, match="FEATKIT_MAX_BUNDLE_GIB"):
        Bundle.load(copy)
    monkeypatch.delenv("FEATKIT_MAX_BUNDLE_GIB")
    assert Bundle.load(copy).classes == ("a", "b")
    monkeypatch.setenv("FEATKIT_MAX_BUNDLE_GIB", "much")
    with pytest.raises(FeatkitError, match="much"):
        Bundle.load(copy)


def test_an_archive_in_an_archive_counts(monkeypatch):
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", 8) as archive:
        archive.writestr("zeros", bytes(20 << 20))
    with zipfile.ZipFile(outer, "w", 8) as archive:
        archive.writestr("matrix.npz", inner.getvalue())
    check_archive(outer.getvalue(), "it")
    monkeypatch.setenv("FEATKIT_MAX_BUNDLE_GIB", "0.01")
    with pytest.raises(BundleError, match="20,"):
        check_archive(outer.getvalue(), "it")


def test_an_array_that_claims_more_than_it_has_is_refused(copy):
    def claim(name, content):
        if not name.endswith(".npy"):
            return content
        array = np.load(io.BytesIO(content))
        stream = io.BytesIO()
        header = {"descr": array.dtype.str, "fortran_order": False, "shape": (10**15,)}
        np.lib.format.write_array_header_1_0(stream, header)
        return stream.getvalue() + array.tobytes()

    sealed(copy, model=rewritten((copy / MODEL).read_bytes(), claim))
    with pytest.raises(BundleError, match="claims the shape"):
        Bundle.load(copy)


@pytest.mark.parametrize(
    "schema", [b"[" * 100_000, b"{}", b"[]", b"\xff", b'{"__class__": "x"}', b"1" * 5000]
)
def test_a_schema_that_makes_no_sense_is_a_bundle_error(schema, copy):
    data = (copy / MODEL).read_bytes()
    sealed(copy, model=rewritten(data, lambda name, old: schema if "schema" in name else old))
    with pytest.raises(BundleError):
        Bundle.load(copy)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("feature", "shape", "x"),
        ("feature", "dtype", None),
        ("feature", "pooled", "yes"),
        ("feature", "text", 3),
        ("classifier", "text", None),
        ("data", "dataset", ["x"]),
        ("files", MODEL, 7),
    ],
)
def test_a_manifest_that_misstates_a_field_is_a_bundle_error(part, name, value, copy):
    sealed(copy, lambda content: content[part].update({name: value}))
    with pytest.raises(BundleError, match=name.replace(".", r"\.")):
        Bundle.load(copy)


def test_a_manifest_nested_too_deep_is_a_bundle_error(copy):
    (copy / MANIFEST).write_text("[" * 100_000)
    with pytest.raises(BundleError):
        Bundle.load(copy)


def test_a_later_format_names_the_version_that_it_needs(copy):
    sealed(copy, lambda content: content.update(featkit_bundle=2, versions={"featkit": "0.9.0"}))
    with pytest.raises(BundleError, match=r"format 2.*0\.9\.0"):
        Bundle.load(copy)


def test_mutated_archives_are_values_or_bundle_errors(copy, rng):
    """Digests are made right, so that what is behind them is reached."""
    data, outcomes = (copy / MODEL).read_bytes(), []
    for _ in range(60):
        damaged = bytearray(data)
        for place in rng.integers(0, len(data), rng.integers(1, 4)):
            damaged[place] ^= 1 << rng.integers(8)
        sealed(copy, model=bytes(damaged))
        try:
            Bundle.load(copy)
            outcomes.append("value")
        except BundleError:
            outcomes.append("error")
    assert outcomes.count("error") > 20


def test_names_in_a_card_are_not_markup(bundle):
    about = dict(Bundle.load(bundle).about)
    evil = "x|y`<script>\n# [a](b)"
    about["classes"] = [evil, "b"]
    about["data"] = about["data"] | {
        "dataset": evil,
        "selection": evil,
        "notes": [evil],
        "clips_of_class": {evil: 1, "b": 2},
    }
    text = card.card(about)
    outside = "".join(text.split("`")[::2])
    assert "<script>" not in outside and "[a](b)" not in outside
    lines = text.splitlines()
    # The title, and a section each on data, classes, feature, classifier, use, limits, versions.
    assert sum(line.startswith("#") for line in lines) == 8
    assert all(line.count("|") == 3 for line in lines if line.startswith("|"))
