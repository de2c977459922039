import json
import re

from featkit.comparison.pooling import pool
from featkit.report.errors import error_browsers, error_data


def test_errors_are_numbers_into_clips_and_labels(make_scores):
    chances = ((0.6, 0.4), (0.1, 0.9), (0.3, 0.7))
    systems = pool(
        make_scores([[0, 1, 0]], classifier="x", probabilities=chances)
        + make_scores([[1, 0, 1]], classifier="y")
        + make_scores([[1, 0, 1]], classifier="y", seed=1)
    )
    data = error_data(systems, {system.label: system.classifier for system in systems})
    clips, labels = data["clips"], data["labels"]
    rows = [
        [(clips[clip], labels[true], labels[taken], *rest) for clip, true, taken, *rest in errors]
        for errors in (system["errors"] for system in data["systems"])
    ]
    assert rows == [
        [("1-0", "b", "a", 0.6, 1), ("1-2", "b", "a", 0.3, 1)],
        [("1-1", "a", "b", None, 2)],
    ]
    assert [system["runs"] for system in data["systems"]] == [1, 2]
    assert data["systems"][0]["name"] == "x, toy, nested, official folds"


def test_every_system_has_a_browser_and_the_data_cannot_end_the_script(make_scores):
    systems = pool(
        make_scores([[0, 1]], ids=("</script><b>", "c"), classifier="x")
        + make_scores([[0, 1]], classifier="y")
    )
    drawn = error_browsers(systems, {system.label: system.classifier for system in systems}, "k")
    assert re.findall(r'data-set="k" data-system="(\d)"', drawn) == ["0", "1"]
    (block,) = re.findall(r'<script type="application/json" id="errors-k">(.*?)</script>', drawn)
    assert json.loads(block)["clips"][0] == "</script><b>"
