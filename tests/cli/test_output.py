import logging

from featkit.classifiers._search import countdown
from featkit_cli.output import narrated

LOG = logging.getLogger("featkit")


def test_lines_of_the_log_appear_on_stderr_escaped_and_only_inside(capsys):
    LOG.info("before")
    with narrated():
        LOG.info("on \x1b[2J%d rows", 3)
    LOG.info("after")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "on \\x1b[2J3 rows\n"


def test_evaluate_says_how_long_a_search_will_take_and_took(featkit, monkeypatch):
    monkeypatch.setattr(countdown, "LONG", 0.0)
    assert featkit("extract", "synthetic:30", "-f", "mfcc_stats", "--store", "s.zarr").status == 0
    done = featkit(
        "evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "svm:kernel=linear", "--out", "r.jsonl"
    )
    assert done.status == 0
    lines = [line for line in done.err.splitlines() if "svm: 4 candidates on" in line]
    assert [": about " in lines[0], ": took " in lines[-1]] == [True, True]
