"""Windows as segments, and the files that hold them."""

import pytest

from featkit.bundle import Prediction
from featkit.bundle.segments import as_audacity, as_csv, as_rttm, merged
from featkit.errors import ParameterError


def window(start, end, label, dog=0.5, path="a b.wav", error=""):
    probabilities = {} if error else {"dog": dog, "cat": 1 - dog}
    return Prediction(path, label, probabilities, start, end, error)


def spans(segments):
    return [(one.path, one.start, one.end, one.label) for one in segments]


def test_overlaps_are_cut_in_the_middle_and_equal_labels_merged():
    windows = [
        window(0, 2, "dog", 0.9),
        window(1, 3, "dog", 0.7),
        window(2, 4, "cat", 0.1),
        window(3, 5, "dog", 0.6),
    ]
    segments = merged(windows)
    assert spans(segments) == [
        ("a b.wav", 0, 2.5, "dog"),
        ("a b.wav", 2.5, 3.5, "cat"),
        ("a b.wav", 3.5, 5, "dog"),
    ]
    assert segments[0].probabilities == pytest.approx({"dog": 0.8, "cat": 0.2})


def test_gaps_errors_and_other_recordings_end_a_segment():
    windows = [
        window(0, 1, "dog"),
        window(5, 6, "dog"),
        window(6, 7, "", error="damaged"),
        window(7, 8, "dog"),
        window(0, 1, "dog", path="c.wav"),
    ]
    segments = merged(windows)
    assert [(one.start, one.end) for one in segments] == [(0, 1), (5, 6), (6, 7), (7, 8), (0, 1)]
    assert [one.error for one in segments] == ["", "", "damaged", "", ""]
    assert merged([]) == []


def test_a_label_track_has_tabs_and_one_recording():
    text = as_audacity([window(0, 2.5, "big dog"), window(2.5, 3, "", error="damaged")])
    assert text == "0.000000\t2.500000\tbig dog\n"
    with pytest.raises(ParameterError, match="2"):
        as_audacity([window(0, 1, "dog"), window(0, 1, "dog", path="b.wav")])


def test_rttm_has_ten_fields_in_a_line():
    text = as_rttm([window(0.5, 2.75, "big dog")])
    fields = ["SPEAKER", "a_b.wav", "1", "0.500", "2.250", "<NA>", "<NA>", "big_dog"]
    assert text.split() == [*fields, "<NA>", "<NA>"] and len(text.splitlines()) == 1


def test_a_table_has_a_column_for_each_class_and_no_formulas():
    lines = as_csv([window(0, 1, "dog", 0.25, path="=1"), window(1, 2, "", error="bad")])
    assert lines.splitlines() == [
        "path,start,end,label,error,cat,dog",
        "'=1,0,1,dog,,0.75,0.25",
        "a b.wav,1,2,,bad,,",
    ]
