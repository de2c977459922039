import dataclasses

from featkit.comparison.hits import hits_of
from featkit.comparison.pooling import pool


def test_hits_are_averaged_over_runs_by_clip(make_scores):
    first, second = make_scores([[1, 0, 1]])[0], make_scores([[1, 1, 0]], seed=1)[0]
    order = [2, 0, 1]
    shuffled = {
        name: tuple(getattr(second, name)[at] for at in order)
        for name in ("ids", "groups", "y_true", "y_pred")
    }
    (system,) = pool([first, dataclasses.replace(second, **shuffled)])
    assert dict(zip(system.hits["1"].ids, system.hits["1"].fraction, strict=True)) == {
        "1-0": 1.0,
        "1-1": 0.5,
        "1-2": 0.5,
    }


def test_only_clips_of_all_runs_count_and_ids_are_sorted(make_scores):
    first = make_scores([[1, 0, 1]])[0]
    second = make_scores([[0, 1]], seed=1)[0]
    hits = hits_of([first, second])
    assert hits.ids.tolist() == ["1-0", "1-1"] and hits.fraction.tolist() == [0.5, 0.5]
    assert hits.groups.tolist() == ["1-0", "1-1"]
