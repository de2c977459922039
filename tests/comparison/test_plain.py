import json

import numpy as np

from featkit.comparison.overview import compare


def test_to_dict_is_json(scores):
    whole = json.loads(json.dumps(compare(scores).to_dict(), allow_nan=False))
    assert [row["classifier"] for row in whole["systems"]] == ["svm", "forest", "linear", "knn"]
    assert {"a", "b", "p", "p_adjusted"} <= set(whole["tests"][0]) and whole["variance"] == []
    low, high = whole["systems"][0]["ci95"]
    assert low < whole["systems"][0]["mean"] < high


def test_infinite_statistics_are_none_in_json(make_scores):
    scores = make_scores(np.ones((3, 4)), classifier="a") + make_scores(
        np.zeros((3, 4)), classifier="b"
    )
    found = compare(scores).to_dict()
    assert found["tests"][0]["statistic"] is None and found["tests"][0]["p"] == 0.0
    json.dumps(found, allow_nan=False)
