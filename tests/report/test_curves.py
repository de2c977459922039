"""Learning curves as a picture."""

import pytest

from featkit.errors import ParameterError
from featkit.report import curves


def epochs(*parts):
    return [
        {"epoch": n, "lr": 1e-3, "seconds": 1.0}
        | {f"{part}_loss": 2.0 / (n + 1) for part in parts}
        | {f"{part}_accuracy": 0.1 * n for part in parts}
        for n in range(4)
    ]


@pytest.mark.parametrize("parts", [("train",), ("train", "valid"), ("train", "valid", "test")])
def test_each_part_has_a_line_in_both_panels(parts):
    loss, accuracy = curves.draw(epochs(*parts)).axes
    for place in (loss, accuracy):
        assert [line.get_label() for line in place.lines] == list(parts)
        assert place.lines[0].get_xdata().tolist() == [1, 2, 3, 4]
    assert loss.lines[0].get_ydata() == pytest.approx([2, 1, 2 / 3, 0.5])
    assert accuracy.lines[0].get_ydata() == pytest.approx([0, 10, 20, 30])
    assert accuracy.get_ylim() == (0, 100)


def test_values_without_accuracy_leave_its_panel_empty():
    rows = [{"epoch": 0, "train_loss": 1.0}]
    loss, accuracy = curves.draw(rows).axes
    assert loss.lines[0].get_marker() == "o" and not accuracy.lines


def test_no_epoch_is_refused():
    with pytest.raises(ParameterError, match="no epoch"):
        curves.draw([])


def test_train_draws_a_nets_curves_and_refuses_them_of_others(featkit, tmp_path):
    featkit("extract", "synthetic:20", "-f", "logmel:n_mels=8,n_frames=16", "--store", "s.zarr")
    feature = ("-f", "logmel:n_mels=8,n_frames=16")
    done = featkit("train", "s.zarr", *feature, "-c", "knn", "--out", "b", "--curves", "c.png")
    assert done.status == 2 and "knn" in done.err and not (tmp_path / "b").exists()
    done = featkit(
        "train",
        "s.zarr",
        *feature,
        "-c",
        "net:arch=cnn,epochs=2",
        "--out",
        "b",
        "--curves",
        "c.png",
    )
    assert done.status == 0, done.err
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
