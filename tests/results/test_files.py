import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from featkit.errors import ParameterError
from featkit.results import Note, Score, append, done, predictions_path, read

SCORE = Score(
    "toy",
    "mfcc:n=1",
    "knn",
    "nested",
    "1",
    accuracy=0.5,
    n_test=2,
    params={"k": 3},
    data="d",
    notes=(Note("missing", "a note"),),
    classes=("a", "b"),
    ids=("x", "y"),
    groups=("g", "h"),
    y_true=("a", "b"),
    y_pred=("a", "a"),
    probabilities=((0.75, 0.25), (1.0, 0.0)),
)


def on_fold(fold, **changes):
    return dataclasses.replace(SCORE, fold=str(fold), **changes)


def test_what_is_written_is_read_back(tmp_path):
    append(tmp_path / "r.jsonl", [SCORE, on_fold(2)])
    assert read(tmp_path / "r.jsonl") == [SCORE, on_fold(2)]


def test_a_line_of_results_has_the_metrics_and_no_clips(tmp_path):
    append(tmp_path / "r.jsonl", [SCORE])
    line = json.loads((tmp_path / "r.jsonl").read_text())
    row = SCORE.row()
    assert row.pop("intervention") == "" and line == {**row, "format": 2}
    assert line["notes"] == [{"kind": "missing", "text": "a note"}]
    assert not {"ids", "y_true", "y_pred", "probabilities"} & set(line)


def test_the_last_result_of_a_cell_counts_and_failures_run_again(tmp_path):
    path = tmp_path / "r.jsonl"
    failed = on_fold(2, error="ValueError: no", accuracy=None)
    append(path, [SCORE, failed])
    assert done(path) == {SCORE.cell: "d"}
    append(path, [on_fold(2)])
    assert done(path) == {SCORE.cell: "d", failed.cell: "d"}
    assert read(path) == [SCORE, on_fold(2)]


def test_a_missing_file_has_nothing_done_and_cannot_be_read(tmp_path):
    assert done(tmp_path / "none") == {}
    with pytest.raises(ParameterError, match="no results at"):
        read(tmp_path / "none")


@pytest.mark.parametrize("cut", [1, 10, 150])
def test_a_torn_last_line_is_left_out_and_mended_by_the_next_append(tmp_path, cut):
    path = tmp_path / "r.jsonl"
    append(path, [SCORE, on_fold(2)])
    for torn in (path, predictions_path(path)):
        torn.write_bytes(torn.read_bytes()[:-cut])
    if cut > 1:
        assert [score.fold for score in read(path)] == ["1"]
    append(path, [on_fold(2)])
    assert read(path) == [SCORE, on_fold(2)]


def test_damage_elsewhere_is_named(tmp_path):
    path = tmp_path / "r.jsonl"
    append(path, [SCORE, on_fold(2)])
    lines = path.read_text().splitlines()
    path.write_text("\n".join(["{oops", lines[1]]) + "\n")
    with pytest.raises(ParameterError, match="line 1: not JSON"):
        read(path)
    path.write_text('{"some": "json"}\n')
    with pytest.raises(ParameterError, match="line 1: not a result"):
        read(path)
    path.write_text("[1]\n")
    with pytest.raises(ParameterError, match="not a result of featkit but list"):
        read(path)


def test_writers_at_the_same_time_lose_nothing(tmp_path):
    path = tmp_path / "r.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda fold: append(path, [on_fold(fold)]), range(40)))
    assert sorted(int(score.fold) for score in read(path)) == list(range(40))


def test_numbers_that_json_lacks_are_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        append(tmp_path / "r.jsonl", [on_fold(1, log_loss=float("nan"))])


def test_a_whole_last_line_without_its_line_end_is_kept(tmp_path):
    path = tmp_path / "r.jsonl"
    append(path, [SCORE, on_fold(2)])
    path.write_bytes(path.read_bytes()[:-1])
    append(path, [on_fold(3)])
    assert [score.fold for score in read(path)] == ["1", "2", "3"]
    path.write_bytes(path.read_bytes()[:-5])
    append(path, [on_fold(4)])
    assert [score.fold for score in read(path)] == ["1", "2", "4"]


def test_lines_of_format_1_are_read_and_go_on_in_format_2(tmp_path):
    path = tmp_path / "r.jsonl"
    append(path, [SCORE])
    line = json.loads(path.read_text())
    del line["format"]
    path.write_text(json.dumps(line | {"notes": ["leakage allowed: 3 clips"]}) + "\n")
    append(path, [on_fold(2)])
    leakage = Note("leakage", "leakage allowed: 3 clips")
    assert read(path) == [dataclasses.replace(SCORE, notes=(leakage,)), on_fold(2)]
    assert done(path) == {SCORE.cell: "d", on_fold(2).cell: "d"}


@pytest.mark.parametrize(
    "changes",
    [{"format": 4}, {"format": "2"}, {"notes": ["text"]}, {"notes": [{"kind": "odd", "text": ""}]}],
)
def test_lines_of_another_format_are_refused_by_number(changes, tmp_path):
    path = tmp_path / "r.jsonl"
    append(path, [SCORE])
    path.write_text(json.dumps(json.loads(path.read_text()) | changes) + "\n")
    with pytest.raises(ParameterError, match="line 1: not a result of featkit"):
        read(path)


def test_a_score_of_changed_recordings_is_another_cell_that_earlier_versions_refuse(tmp_path):
    path = tmp_path / "r.jsonl"
    changed = dataclasses.replace(SCORE, intervention="reverse", accuracy=None, error="why")
    append(path, [SCORE, changed])
    assert [score.intervention for score in read(path)] == ["", "reverse"]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["format"] for line in lines] == [2, 3]
    assert "intervention" not in lines[0] and changed.cell == (*SCORE.cell, "reverse")
