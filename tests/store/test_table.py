import sys

import numpy as np
import pytest

from featkit.errors import ParameterError, listed
from featkit.store.joining import join


def test_columns_of_different_length_are_refused(make_table):
    with pytest.raises(ParameterError, match=r"differ in length.*'folds': 3"):
        make_table(n=6, folds=np.array([1, 2, 3]))


def test_vectors_flatten_maps(make_table):
    maps = np.arange(6 * 2 * 3, dtype=np.float32).reshape(6, 2, 3)
    assert np.array_equal(make_table(n=6, X=maps).vectors()[1], np.arange(6, 12))


def test_vectors_of_ragged_rows_are_mean_and_deviation(make_table):
    rows = [np.array([[1.0, 10.0], [3.0, 10.0]]), np.ones((5, 2)), np.zeros((1, 2))]
    vectors = make_table(n=3, X=rows, pooling="mean_std").vectors()
    assert vectors[0].tolist() == [2.0, 10.0, 1.0, 0.0]
    assert vectors[1].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_a_row_without_frames_is_named(make_table):
    with pytest.raises(ParameterError, match="clip1"):
        rows = [np.ones((2, 2)), np.ones((0, 2)), np.ones((1, 2))]
        make_table(n=3, X=rows, pooling="mean_std").vectors()


def test_one_odd_row_changes_no_other_vector(make_table, rng):
    maps = rng.normal(size=(4, 5, 3))
    odd = [*maps[:3], rng.normal(size=(9, 3))]
    even = make_table(n=4, X=maps, pooling="mean_std").vectors()
    assert even.shape == (4, 6)
    assert np.array_equal(even[:3], make_table(n=4, X=odd, pooling="mean_std").vectors()[:3])
    with pytest.raises(ParameterError, match="mean_std"):
        make_table(n=4, X=odd).vectors()
    with pytest.raises(ParameterError, match="'max' is not one of flatten, mean_std"):
        make_table(n=4, X=maps, pooling="max")


def test_the_pooling_of_even_rows_counts_for_the_fingerprint(make_table, rng):
    maps = rng.normal(size=(4, 5, 3))
    flat, pooled = (make_table(n=4, X=maps, pooling=how) for how in ("flatten", "mean_std"))
    assert flat.fingerprint != pooled.fingerprint
    with pytest.raises(ParameterError, match="different features"):
        join(flat, pooled)


def test_select_keeps_columns_aligned(make_table):
    table = make_table(n=9, contents=np.array([f"h{row}" for row in range(9)]))
    part = table.select(np.array([7, 2]))
    assert part.ids.tolist() == ["clip7", "clip2"]
    assert part.contents.tolist() == ["h7", "h2"]
    assert np.array_equal(part.X, table.X[[7, 2]])
    assert table.select(table.y == "class1").ids.tolist() == ["clip1", "clip4", "clip7"]


def test_the_fingerprint_changes_with_any_part(make_table):
    table = make_table(n=9)
    assert (
        table.fingerprint
        == make_table(n=9).fingerprint
        == make_table(n=9, dataset="renamed").fingerprint
    )
    other = [
        make_table(n=9, seed=1),
        make_table(n=9, X=table.X.astype(np.float64)),
        make_table(n=9, y=table.y[::-1]),
        make_table(n=9, folds=table.folds + 1),
        make_table(n=9, groups=np.array(["g"] * 9)),
        make_table(n=9, spec={"version": 2}),
        make_table(n=9, contents=np.array(["h"] * 9)),
    ]
    assert len({table.fingerprint, *(each.fingerprint for each in other)}) == 8


def test_the_fingerprint_of_ragged_rows_sees_where_rows_end(make_table):
    ones = [
        make_table(n=3, X=[np.ones(length) for length in lengths]).fingerprint
        for lengths in ((1, 2, 3), (2, 1, 3))
    ]
    assert ones[0] != ones[1]


def test_listed_counts_what_it_leaves_out():
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcdefg")) == "a, b, c, d, e … (7 in all)"


def test_a_frame_has_the_vectors_beside_the_clips(make_table):
    table = make_table(n=6, X=np.arange(12.0).reshape(6, 2), groups=np.array(list("uuvvww")))
    frame = table.to_frame()
    assert list(frame.columns) == ["id", "label", "fold", "group", "x0", "x1"]
    assert frame.x1.tolist() == [1.0, 3.0, 5.0, 7.0, 9.0, 11.0]
    assert frame.group.tolist() == list("uuvvww") and frame.fold.tolist() == table.folds.tolist()


def test_an_array_with_named_axes_is_a_view(make_table):
    pytest.importorskip("xarray")
    maps = np.arange(24.0).reshape(4, 3, 2)
    array = make_table(n=4, X=maps, dims=("time", "mel")).to_xarray()
    assert array.dims == ("clip", "time", "mel") and np.shares_memory(array.values, maps)
    assert array.sel(clip=array["id"] == "clip2").values.tolist() == [maps[2].tolist()]
    assert make_table(n=4, X=maps).to_xarray().dims == ("clip", "axis1", "axis2")
    with pytest.raises(ParameterError, match="differ in length"):
        make_table(n=2, X=[np.ones((2, 1)), np.ones((3, 1))]).to_xarray()


def test_without_xarray_the_extra_is_named(make_table, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ParameterError, match=r"featkit\[xarray\]"):
        make_table(n=4).to_xarray()
