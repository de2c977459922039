import re

import numpy as np
import pytest

from featkit.comparison.labels import short_labels
from featkit.comparison.overview import compare
from featkit.report.summary import matrix


@pytest.fixture
def comparison(make_scores):
    scores = []
    for dataset, good in (("esc", "a"), ("urban", "b")):
        for name in "ab":
            right = np.ones((2, 4)) if name == good else np.eye(2, 4)
            scores += make_scores(right, feature=f"f:arch={name},n=2", dataset=dataset)
    paper = {"feature": "f:arch=a,n=2", "dataset": "esc", "protocol": "paper"}
    return compare(scores + make_scores(np.eye(2, 4), **paper))


def test_rows_are_systems_and_columns_datasets(comparison):
    drawn = matrix(comparison, short_labels(comparison.members))
    body = re.search(r"<tbody>(.*?)</tbody>", drawn)[1]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in body.split("<tr>")[1:]]
    assert rows == [
        ["f", "a", "100.0", "25.0", "nested"],
        ["f", "b", "25.0", "100.0", "nested"],
        ["f", "a", "25.0", "†", "–", "paper", "optimistic"],
    ]
    assert body.count("<b>") == 3


def test_names_are_in_full_beside_the_table_and_on_hover(comparison):
    drawn = matrix(comparison, short_labels(comparison.members))
    names = [
        (short, re.sub("<wbr>", "", full))
        for short, full in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", drawn)
    ]
    assert names == [("f a", "f:arch=a,n=2 + knn"), ("f b", "f:arch=b,n=2 + knn")]
    assert 'title="f:arch=a,n=2 + knn"' in drawn


def test_whole_names_have_no_legend(make_scores):
    comparison = compare(make_scores(np.eye(3)))
    assert "Names in full" not in matrix(comparison, short_labels(comparison.members))
