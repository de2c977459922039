import numpy as np

from featkit.comparison.pooling import pool
from featkit.report.clips import MOST_PICTURES, clips_table
from featkit.report.specimen import Specimen


def test_without_errors_it_says_so(make_scores):
    assert "No clip was predicted wrongly" in clips_table(pool(make_scores([[1, 1]])))


def test_predictions_beyond_three_are_counted(make_scores):
    wrong = [
        score
        for number in range(5)
        for score in make_scores([[0]], classifier=f"c{number}", y_pred=(f"wrong{number}",))
    ]
    assert "wrong0, wrong1, wrong2 and 2 more" in clips_table(pool(wrong))


def test_the_first_clips_are_pictured_or_say_why_not(make_scores):
    systems = pool(make_scores(np.zeros((1, 20))))
    shown = Specimen(np.zeros((4, 4), np.uint8), np.linspace(0, 100, 5), 1.0)
    drawn = clips_table(systems, lambda dataset, clip: shown if clip != "1-0" else "it is gone")
    assert drawn.count("<figure") == MOST_PICTURES
    assert drawn.count("<svg") == MOST_PICTURES - 1 and "No spectrogram: it is gone." in drawn
