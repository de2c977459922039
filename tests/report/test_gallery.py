"""The page of a set of explanations: what is wrong comes first, memory and page are bounded."""

import re

import numpy as np
import pytest

from featkit.analysis.explanation.parts import Explanation
from featkit.analysis.explanation.ranking import Judged, labels_of_folders, ranked
from featkit.bundle import Prediction
from featkit.report.gallery import Set, page


def predicted(path, label, probability):
    other = {"cat": "dog", "dog": "cat"}[label]
    return Prediction(path, label, {label: probability, other: 1 - probability})


PREDICTIONS = [
    predicted("a.wav", "cat", 0.9),
    predicted("b.wav", "cat", 0.6),
    predicted("c.wav", "dog", 0.7),
    predicted("d.wav", "dog", 0.95),
    Prediction("e.wav", error="damaged"),
]
TRUTHS = {"a.wav": "cat", "b.wav": "dog", "c.wav": "cat"}


def test_wrong_ones_come_first_then_the_least_sure():
    judged = ranked(PREDICTIONS, TRUTHS)
    assert [one.prediction.path for one in judged] == ["c.wav", "b.wav", "a.wav", "d.wav"]
    assert [one.wrong for one in judged] == [True, True, False, False]


def test_a_folder_is_a_label_where_it_is_a_class():
    labels = labels_of_folders(["x/dog/1.wav", "x/bird/2.wav", "3.wav"], ("cat", "dog"))
    assert labels == {"x/dog/1.wav": "dog"}


@pytest.fixture
def explained():
    def make(path):
        return Explanation(
            path=path,
            label="cat",
            top=(("cat", 0.9), ("dog", 0.1)),
            method="occlusion",
            completeness_error=None,
            attribution=np.ones((4, 3), np.float32),
            times=np.arange(4.0),
            frequencies=np.arange(3.0),
            unit="Hz",
            samples=np.zeros(4000, np.float32),
            sr=1000,
        )

    return lambda: ((one, make(one.prediction.path)) for one in ranked(PREDICTIONS, TRUTHS)[:2])


def test_the_page_has_a_card_for_each_and_states_the_rest(explained):
    about = Set("mfcc + svm", 4, 2, 3, [("e.wav", "<damaged>")])
    text = page(about, explained(), embed=False)
    assert text.count("<img") == text.count("data:image/png;base64,") == 2
    assert text.index("c.wav") < text.index("b.wav")
    assert text.count(">wrong<") == 2 and "the first 2 are explained" in text
    assert "2 of 3" in text and "&lt;damaged&gt;" in text and "<audio" not in text
    assert all(re.findall(r'<img [^>]*alt="[^"]+', text))


def test_a_recording_that_is_gone_has_no_player_but_a_card(explained):
    text = page(Set("m", 2, 2, 2), explained())
    assert text.count("<img") == 2 and text.count("no player") == 2


def test_what_judges_is_the_label():
    assert not Judged(PREDICTIONS[0]).wrong and Judged(PREDICTIONS[0], "dog").wrong
