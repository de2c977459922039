"""Learning curves and chosen hyper-parameters on the page."""

import re

import pytest

from featkit.comparison.overview import compare
from featkit.comparison.pooling import pool
from featkit.report.learning import choices, kept_epoch, learning_curves


def epochs(losses, *parts, **more):
    return tuple(
        {"epoch": n, "lr": 1e-3}
        | {f"{part}_loss": loss for part in parts}
        | {f"{part}_accuracy": 0.1 * n for part in parts}
        | more
        for n, loss in enumerate(losses)
    )


def drawn(systems):
    return learning_curves(systems, {system.label: "a net" for system in systems})


def test_every_fold_has_a_line_in_both_panels(make_scores):
    (system,) = pool(make_scores([[1, 0], [1, 1]], curves=epochs([4.0, 1.0], "train", "test")))
    figure = drawn([system])
    # Two folds, two parts, two panels.
    assert (
        len(re.findall(r'<path d="M[^"]*L[^"]*" class="(?:train|test)"', figure)) == 2 * 2 * 2 + 2
    )
    # The legend has a line for each of three parts, so "valid" is drawn once.
    assert figure.count('class="valid"') == 1


def test_the_highest_loss_is_at_the_top_and_zero_at_the_bottom(make_scores):
    (system,) = pool(make_scores([[1, 0]], curves=epochs([4.0, 2.0, 0.0], "train")))
    (path,) = re.findall(r'<path d="M([^"]*)" class="train"/><circle', drawn([system]))[:1]
    places = [tuple(map(float, point.split())) for point in path.split("L")]
    assert [x for x, _ in places] == [44.0, 188.0, 332.0]
    assert [y for _, y in places] == [22.0, 91.0, 160.0]


@pytest.mark.parametrize(
    ("parts", "losses", "kept"),
    [
        (("train",), [3.0, 1.0, 2.0], 2),
        (("train", "valid"), [3.0, 1.0, 2.0], 1),
        (("train", "valid"), [3.0, 1.0, 1.0], 1),
    ],
)
def test_the_dot_is_at_the_epoch_whose_weights_were_kept(parts, losses, kept, make_scores):
    rows = epochs(losses, *parts)
    assert kept_epoch(rows) == kept
    (system,) = pool(make_scores([[1, 0]], curves=rows))
    dots = re.findall(r'<circle cx="([^"]*)"', drawn([system]))
    assert set(dots) == {f"{44 + 288 * kept / 2:.1f}"} and len(dots) == 2 * len(parts)


def test_members_of_an_ensemble_are_lines_of_their_own(make_scores):
    rows = (*epochs([2.0, 1.0], "train", member=0), *epochs([3.0, 1.0], "train", member=1))
    (system,) = pool(make_scores([[1, 0]], curves=rows))
    assert len(re.findall(r'<path d="M[^"]*" class="train"/><circle', drawn([system]))) == 2 * 2


def test_choices_are_counted_over_folds_and_seeds(make_scores):
    one = make_scores([[1, 0], [1, 1]], params={"C": 8.0, "kernel": "rbf"})
    other = make_scores(
        [[1, 0]], params={"C": 2.0, "kernel": "rbf", "numbers": {"last": 1}}, seed=1
    )
    (system,) = pool(one + other)
    cells = re.findall(r"<td>([^<]*)</td>", choices([system], {system.label: "svm"}))
    assert cells == ["C", "8 ×2, 2", "kernel", "rbf ×3"]


def test_the_page_has_them_only_where_there_is_something(make_scores):
    plain = compare(make_scores([[1, 0], [1, 1]])).to_html()
    assert "Learning curves" not in plain and "Chosen hyper-parameters" not in plain
    scores = make_scores([[1, 0], [1, 1]], params={"C": 8.0}, curves=epochs([1.0], "train"))
    page = compare(scores).to_html()
    assert "Learning curves" in page and "Chosen hyper-parameters" in page
    assert "training rows" in page
