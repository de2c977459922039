"""The text that names a feature or classifier: read, written, and what is refused."""

import string
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from featkit.errors import ParameterError
from featkit.naming import spec

NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12)
VALUES = st.text(string.ascii_letters + string.digits + "._-+/", min_size=1, max_size=12)


@given(NAMES, st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_written_is_read_again(name, params):
    assert spec.parse(spec.write(name, params)) == (name, params)


@given(st.dictionaries(NAMES, st.integers() | st.booleans() | st.none(), min_size=1, max_size=4))
def test_the_digest_does_not_depend_on_the_order_of_keys(params):
    assert spec.digest(params) == spec.digest(dict(reversed(params.items())))
    changed = {**params, "one more": 1}
    assert spec.digest(changed) != spec.digest(params)


@pytest.mark.parametrize(
    ("text", "name", "params"),
    [
        ("svm", "svm", {}),
        (" cqt : n_bins=60 , fmin=32.7 ", "cqt ", {"n_bins": "60", "fmin": "32.7"}),
        ("package.module:Name:key=1", "package.module:Name", {"key": "1"}),
        ("package.module:Name", "package.module:Name", {}),
        (
            "hear:module=torchopenl3,weights=C:/a.pt",
            "hear",
            {"module": "torchopenl3", "weights": "C:/a.pt"},
        ),
    ],
)
def test_texts_are_read(text, name, params):
    assert spec.parse(text) == (name, params)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no name"),
        (":a=1", "no name"),
        ("cqt:a=1,a=2", "twice"),
        ("cqt:a=1,b", "not key=value"),
        ("cqt:=1", "not key=value"),
    ],
)
def test_anything_but_text_is_refused(text, message):
    with pytest.raises(ParameterError, match=message):
        spec.parse(text)


@given(st.integers(0, 50), st.integers(0, 5))
def test_a_range_is_one_text_for_each_seed(first, more):
    actual = spec.expand_ranges(f"random_cnn:arch=vgg,seed={first}-{first + more},size=small")
    assert actual == [
        f"random_cnn:arch=vgg,seed={seed},size=small" for seed in range(first, first + more + 1)
    ]


def test_only_seeds_have_ranges_and_not_backwards():
    assert spec.expand_ranges("random_cnn:noseed=1-2") == ["random_cnn:noseed=1-2"]
    assert spec.expand_ranges("net:milestones=1-2") == ["net:milestones=1-2"]
    with pytest.raises(ParameterError, match="backwards"):
        spec.expand_ranges("random_cnn:seed=3-1")


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("true", bool, True),
        ("0", bool, False),
        ("12", int, 12),
        (3.0, int, 3),
        ("1e-3", float, 1e-3),
        ("none", int | None, None),
        ("7", int | None, 7),
        ("none", Literal["none", "bin"] | None, "none"),
        ("none", Literal["balanced"] | None, None),
        ("1+2", tuple[int, ...], (1, 2)),
        ([1, "2"], tuple[int, ...], (1, 2)),
        ("3", tuple[float, ...], (3.0,)),
    ],
)
def test_values_become_the_type_that_is_asked_for(value, kind, expected):
    actual = spec.convert(value, kind, "x")
    assert actual == expected and type(actual) is type(expected)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1.5", int),
        (True, int),
        ("nan", float),
        ("many", float),
        ("perhaps", bool),
        ("a+b", tuple[int, ...]),
    ],
)
def test_a_value_of_another_type_is_named(value, kind):
    with pytest.raises(ParameterError, match="where it is"):
        spec.convert(value, kind, "where it is")


@pytest.mark.parametrize(
    "text", ["a:seed=0-2222222222", "a:seed=1-10001", "a:seed=0-" + "9" * 5000]
)
def test_a_range_of_seeds_is_bounded(text):
    assert len(spec.expand_ranges("a:seed=1-10000")) == 10_000
    with pytest.raises(ParameterError, match="at most"):
        spec.expand_ranges(text)
