"""Curves over prefixes of a backbone: which classifiers they measure, and what they share."""

import json

import numpy as np
import pytest
from scipy import stats

from featkit.analysis.transfer import classifiers, curve, t_interval
from featkit.classifiers import make_classifier
from featkit.errors import ParameterError
from featkit.evaluation import Folding
from featkit.results import read

SIZE = (32, 32)


@pytest.fixture
def table(make_table, patterns):
    X, y = patterns(12, SIZE, classes=2)
    return make_table(n=12, classes=2, n_folds=2, X=X, y=y, feature="patterns")


@pytest.fixture(scope="session")
def pretrained(tmp_path_factory):
    """A file of a ResNet-18 that was trained for one step."""
    rng, path = np.random.default_rng(3), tmp_path_factory.mktemp("weights") / "w.safetensors"
    net = make_classifier("net:arch=resnet18,recipe=instrument,epochs=1")
    rows = rng.normal(size=(4, *SIZE)).astype(np.float32)
    net.fit(rows, ["a", "b", "a", "b"]).save_weights(path)
    return path


def text(path, **changes):
    options = {"weights": path, "recipe": "instrument", "epochs": 1} | changes
    return "net:arch=resnet18," + ",".join(f"{key}={value}" for key, value in options.items())


def test_each_study_changes_one_thing_and_shares_the_whole_net():
    whole = text("w.pth")
    fused, frozen, cut = (
        classifiers(study, whole) for study in ("weight-fusion", "freeze", "cutoff")
    )
    assert list(fused) == list(frozen) == ["none", "stem", "block1", "block2", "block3", "block4"]
    assert list(cut) == ["block1", "block2", "block3", "block4"]
    assert fused["block4"] == frozen["none"] == cut["block4"] == whole
    assert fused["stem"] == f"{whole},prefix=stem" and frozen["block4"] == f"{whole},freeze=block4"
    assert cut["block2"] == (
        "net:arch=(resnet18:cut=block2),weights=w.pth,recipe=instrument,epochs=1"
    )
    assert list(classifiers("freeze", whole, ("block2", "none"))) == ["none", "block2"]


def test_options_of_the_backbone_stay():
    whole = "net:arch=(resnet50:size=64),weights=w.pth,recipe=finetune,milestones=3+4"
    assert classifiers("cutoff", whole)["block3"] == (
        "net:arch=(resnet50:size=64,cut=block3),weights=w.pth,recipe=finetune,milestones=3+4"
    )


@pytest.mark.parametrize(
    ("study", "whole", "levels", "message"),
    [
        ("freeze", "svm", (), "starts from net:arch"),
        ("freeze", "net:arch=resnet18", (), "no weights"),
        ("freeze", "net:arch=resnet18,weights=w.pth,prefix=stem", (), "without prefix"),
        ("cutoff", "net:arch=(resnet18:cut=block2),weights=w.pth", (), "without prefix"),
        ("freeze", "net:arch=vgg11,weights=w.pth", (), "not known"),
        ("freeze", "net:arch=cnn,weights=w.pth", (), "torchvision"),
        ("weight-fusion", "net:arch=inception_v3,weights=w.pth", ("block4",), "no prefix block4"),
        ("cutoff", "net:arch=resnet18,weights=w.pth", ("none",), "no prefix none"),
        ("sawing", "net:arch=resnet18,weights=w.pth", (), "not one of weight-fusion"),
    ],
)
def test_what_cannot_be_studied_is_refused(study, whole, levels, message):
    with pytest.raises(ParameterError, match=message):
        classifiers(study, whole, levels)


def test_intervals_are_students():
    values = [0.7, 0.8, 0.75]
    low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
    assert t_interval(values) == pytest.approx((low, high))
    assert t_interval([0.7]) is None


@pytest.mark.slow
def test_a_curve_is_measured_stored_and_not_measured_again(table, pretrained, tmp_path):
    results, one = tmp_path / "r.jsonl", Folding(only_folds=("1",))
    options = {"levels": ("block1", "block4"), "folding": one}
    fused = curve(table, "weight-fusion", text(pretrained), results, seeds=2, **options)
    assert [point.level for point in fused.points] == ["block1", "block4"]
    assert (fused.computed, fused.folds, fused.failed) == (4, ("1",), ())
    scores = read(results)
    for point in fused.points:
        own = [score.accuracy for score in scores if score.classifier == point.classifier]
        assert point.accuracies == tuple(own) and point.mean == pytest.approx(np.mean(own))
        assert point.interval == t_interval(own)
    again = curve(table, "weight-fusion", text(pretrained), results, seeds=2, **options)
    assert again.computed == 0 and again.points == fused.points
    where = text(pretrained, device="cpu")
    cut = curve(table, "cutoff", where, results, seeds=2, **options)
    assert cut.computed == 2 and cut.points[-1].accuracies == fused.points[-1].accuracies
    assert json.loads(json.dumps(cut.to_dict()))["study"] == "cutoff"


@pytest.mark.slow
def test_a_cell_that_fails_is_told_and_the_others_count(table, pretrained, tmp_path, monkeypatch):
    from featkit.training.loop import Trainer

    fit = Trainer.fit

    def fail(self, *args):
        if self.frozen:
            raise ParameterError("no more")
        return fit(self, *args)

    monkeypatch.setattr(Trainer, "fit", fail)
    options = {"levels": ("none", "block1"), "seeds": 1, "folding": Folding(only_folds=("1",))}
    frozen = curve(table, "freeze", text(pretrained), tmp_path / "r.jsonl", **options)
    assert [point.level for point in frozen.points] == ["none"]
    assert len(frozen.failed) == 1 and "no more" in frozen.failed[0]


@pytest.fixture
def store(featkit, pretrained, tmp_path):
    """A store of synthetic clips as images of 32 bands."""
    feature = "logmel:n_mels=32,hop_length=3446,n_frames=32"
    assert featkit("extract", "synthetic:20", "-f", feature, "--store", "s.zarr").status == 0
    return ("s.zarr", "-f", "logmel", "-c", text(pretrained), "--only-fold", "1")


@pytest.mark.slow
def test_the_commands_draw_curves_and_print_them(featkit, store, tmp_path):
    common = (*store, "--out", "r.jsonl", "--seeds", 1)
    levels = ("--level", "none", "--level", "block4")
    fused = featkit("analyze", "weight-fusion", *common, *levels, "--html", "p.html", "--json")
    assert fused.status == 0, fused.err
    assert [point["level"] for point in fused.json["points"]] == ["none", "block4"]
    assert fused.json["points"][0]["interval"] is None and fused.json["computed"] == 2
    page = (tmp_path / "p.html").read_text()
    assert page.count("data:image/png") == 1 and "pre-trained through".capitalize() in page
    frozen = featkit("analyze", "freeze", *common, *levels, "--png", "f.png")
    assert frozen.status == 0 and "block4" in frozen.out
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    cut = featkit("analyze", "cutoff", *common, "--level", "block4", "--json")
    assert cut.json["computed"] == 0
    assert cut.json["points"][0]["accuracies"] == fused.json["points"][1]["accuracies"]


@pytest.mark.slow
def test_the_command_compares_blocks_before_and_after(featkit, store, tmp_path):
    common = (*store, "--out", "c.jsonl", "--points", 400, "--png", "c.png", "--html", "c.html")
    done = featkit("analyze", "svcca", *common, "--json")
    assert done.status == 0, done.err
    assert len(done.json["changes"]) == 10
    assert "clips mixed up" in (tmp_path / "c.html").read_text()
    assert featkit("analyze", "svcca", *common).out.count("pretrained") == 5


def test_bad_input_is_told_before_work(featkit):
    for words in (("--level", "block9"), ("--png", "x.jpg")):
        done = featkit(
            "analyze", "cutoff", "none.zarr", "-f", "logmel", "-c", text("w.pth"), "--out", "r",
            *words,
        )  # fmt: skip
        assert done.status == 2 and done.out == ""
