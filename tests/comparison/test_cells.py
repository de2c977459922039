import pytest

from featkit.comparison.text.cells import p_equals, p_text, points, system_cells


def test_numbers_are_percentages_with_their_interval():
    row = {"rank": 1, "mean": 0.7712, "std": 0.0345, "std_over": "seeds", "ci95": [0.7, 0.8]}
    row |= {"n_runs": 3, "n_folds": 5, "macro_f1": None, "marks": ["optimistic"]}
    assert system_cells(row, "f + c") == (
        *("1", "f + c", "77.1 ± 3.5 (seeds)", "[70.0, 80.0]", "3 × 5", "–", "optimistic"),
    )


def test_differences_are_in_points_with_a_sign():
    assert [points(value) for value in (0.0712, -0.1, 0.0, None)] == ["+7.1", "−10.0", "+0.0", "–"]


def test_small_p_values():
    assert [p_text(p) for p in (0.0004, 0.0312, 1.0, float("nan"))] == [
        "< 0.001",
        "0.031",
        "1.000",
        "–",
    ]


def test_p_after_the_letter_p():
    assert [p_equals(p) for p in (0.0004, 0.25)] == ["< 0.001", "= 0.250"]


@pytest.mark.parametrize("output", ["to_markdown", "to_latex", "to_csv"])
def test_optimistic_leaky_and_failed_are_visible_everywhere(mixed, output):
    text = getattr(mixed, output)()
    assert "optimistic" in text and "leakage allowed" in text and "incomplete: 0 of 5 folds" in text
