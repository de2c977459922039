"""``featkit evaluate``: the folds that its options ask for."""

from featkit.results import scores

SYSTEM = ("-f", "mfcc_stats", "-c", "knn")


def test_evaluate_draws_the_folds_asked_for(featkit, audio_folder):
    audio_folder(12)
    featkit("extract", "set", "-f", "mfcc_stats", "--store", "s.zarr")
    command = ("evaluate", "s.zarr", *SYSTEM, "--out", "e.jsonl")
    command += ("--folds", "drawn", "--n-folds", 2, "--fold-seed", 3)
    one = featkit(*command, "--only-fold", "2of2@3", "--json").json
    assert [(score["fold"], score["n_test"]) for score in one["scores"]] == [("2of2@3", 6)]
    assert featkit(*command, "--json").json["computed"] == 1
    done = featkit(*command, "--only-fold", "1")
    assert done.status == 2 and "1of2@3, 2of2@3" in done.err


def test_one_speaker_is_left_out_at_a_time(featkit, audio_folder, tmp_path):
    audio_folder(12)
    rows = ["path,label,group"]
    for number in range(12):
        label = "high" if number % 2 else "low"
        rows.append(f"set/{label}/{number:02d}.wav,{label},speaker{number // 4}")
    (tmp_path / "clips.csv").write_text("\n".join(rows), encoding="utf-8")
    featkit("extract", "clips.csv", "-f", "mfcc_stats", "--store", "g.zarr")
    command = ("evaluate", "g.zarr", *SYSTEM, "--folds", "groups", "--out", "g.jsonl", "--json")
    printed = featkit(*command).json["scores"]
    assert [(score["fold"], score["n_test"]) for score in printed] == [
        (f"group speaker{k}", 4) for k in range(3)
    ]
    assert {score["scheme"] for score in printed} == {"leave one group out"}
    for score in scores.read(tmp_path / "g.jsonl"):
        assert set(score.groups) == {score.fold.removeprefix("group ")}
