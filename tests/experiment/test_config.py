"""The configuration of an experiment: what a file may say, and what the messages about the rest
name.
"""

import dataclasses
import re
from pathlib import Path

import pytest

from featkit.errors import ParameterError
from featkit.evaluation import Folding
from featkit.experiment import Experiment, Fusion, Systems, check, load

ROOT = Path(__file__).resolve().parents[2]
MINIMAL = """\
dataset: synthetic:50
store: s.zarr
results: r.jsonl
systems:
  - features: mfcc_stats
    classifiers: knn
"""


@pytest.fixture
def written(tmp_path):
    """A function that writes a configuration and returns its path."""

    def write(text, name="c.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def test_one_value_may_stand_alone_and_the_rest_has_defaults(written, tmp_path):
    assert load(written(MINIMAL)) == Experiment(
        dataset=("synthetic:50",),
        store=str(tmp_path / "s.zarr"),
        results=str(tmp_path / "r.jsonl"),
        systems=(Systems(features=("mfcc_stats",), classifiers=("knn",)),),
    )


def test_everything_that_a_file_may_hold(written, tmp_path, monkeypatch):
    monkeypatch.setenv("CORPORA", "/corpora")
    text = """\
dataset: ["esc10:${CORPORA}/esc10", own/clips.csv]
store: s3://bucket/{dataset}.zarr
results: /results/r.jsonl
report: page.html
jobs: 3
device: cuda
scheduler: processes
dtype: float16
limit: 7
baseline: mfcc_stats
fuse:
  name: both
  rule: vote
  across_seeds: true
  members: [mfcc_stats + knn, "mfcc_stats + elm:seed=0-1"]
systems:
  - features: ["random_cnn:arch=7x96,seed=0-2", mfcc_stats]
    classifiers: ["elm:seed=0-1", knn]
    seeds: 2
    protocol: [nested, paper]
    folds: drawn
    n_folds: 3
    fold_seed: 4
    only_folds: [1of3@4]
    dataset: esc50:esc50
    test: fsdd:../fsdd
    allow_leakage: true
"""
    block = Systems(
        features=("random_cnn:arch=7x96,seed=0-2", "mfcc_stats"),
        classifiers=("elm:seed=0", "elm:seed=1", "knn"),
        seeds=2,
        protocol=("nested", "paper"),
        dataset=(f"esc50:{tmp_path}/esc50",),
        test=f"fsdd:{tmp_path}/../fsdd",
        folding=Folding("drawn", 3, 4, ("1of3@4",), allow_leakage=True),
    )
    assert load(written(text)) == Experiment(
        dataset=("esc10:/corpora/esc10", f"{tmp_path}/own/clips.csv"),
        store="s3://bucket/{dataset}.zarr",
        results="/results/r.jsonl",
        report=f"{tmp_path}/page.html",
        systems=(block,),
        fuse=(
            Fusion(
                name="both",
                rule="vote",
                across_seeds=True,
                members=("mfcc_stats + knn", "mfcc_stats + elm:seed=0-1"),
            ),
        ),
        baseline="mfcc_stats",
        jobs=3,
        device="cuda",
        scheduler="processes",
        dtype="float16",
        limit=7,
    )
    assert block.canonical() == [
        *(f"random_cnn:arch=7x96{seed}" for seed in ("", ",seed=1", ",seed=2")),
        "mfcc_stats",
    ]


def test_members_of_a_fusion_are_expanded():
    fusion = Fusion(
        name="f", members=("random_cnn:arch=vgg,seed=0-1 + svm", "mfcc_stats + elm:seed=1-2")
    )
    features = {("random_cnn", "svm"), ("random_cnn:seed=1", "svm")}
    assert fusion.pairs() == features | {("mfcc_stats", "elm:seed=1"), ("mfcc_stats", "elm:seed=2")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("esc10:data", "esc10:{here}/data"),
        ("esc10:https://host/esc10", "esc10:https://host/esc10"),
        ("synthetic:pitch", "synthetic:pitch"),
        ("s3://bucket/clips.csv", "s3://bucket/clips.csv"),
        ("my.corpora:Birds:data", "my.corpora:Birds:{here}/data"),
        ("my.corpora:Birds", "my.corpora:Birds"),
        ("clips", "{here}/clips"),
        ("./absent", "{here}/absent"),
        ("absent", "absent"),
    ],
)
def test_paths_of_datasets_start_at_the_file(written, tmp_path, text, expected):
    (tmp_path / "clips").mkdir()
    actual = load(written(MINIMAL.replace("synthetic:50", text))).dataset
    assert actual == (expected.format(here=tmp_path),)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "store: s.zarr",
            "stores: s.zarr",
            r"c.yaml, line 2: stores: unknown key 'stores'. Did you mean 'store'\? Allowed: da",
        ),
        (
            "store: s.zarr",
            "seeds: 3",
            r"line 2: seeds: unknown key 'seeds'. It belongs to an item of 'systems'",
        ),
        (
            "    classifiers",
            "    classifier",
            r"line 6: systems\[0\].classifier: unknown key .* Did you mean 'classifiers'",
        ),
        ("store: s.zarr\n", "", r"c.yaml, line 1: store is missing"),
        ("store: s.zarr", "store:", r"line 2: store: there is no value"),
        ("store: s.zarr", "store: {a: b}", r"line 2: store: \{'a': 'b'\} is not a single value"),
        (
            "store: s.zarr",
            "store: a\nstore: b",
            r"c.yaml, line 3: 'store' is given twice, first in line 2",
        ),
        ("store: s.zarr", "store: [a", r"c.yaml, line 3: not YAML"),
        (
            "store: s.zarr",
            "store: &a [*a]",
            r"c.yaml, line 2: the alias .a is not allowed",
        ),
        ("store: s.zarr", "? [a, b]\n: 1", r"c.yaml, line 2: not YAML: found unhashable key"),
        (
            "store: s.zarr",
            "store: ${NOT_SET_ANYWHERE}",
            r"line 2: store: the environment variable NOT_SET_ANYWHERE is not set",
        ),
        (
            "store: s.zarr",
            "store: s.zarr\njobs: many",
            r"line 3: jobs='many' is not a whole number",
        ),
        ("store: s.zarr", "store: s.zarr\njobs: 0", r"jobs=0, limit=None: at least 1"),
        (
            "store: s.zarr",
            "store: s.zarr\ndevice: tpu",
            r"line 3: device='tpu' is not one of cpu, cuda",
        ),
        (
            "mfcc_stats",
            "mfcc_stat",
            r"line 5: systems\[0\].features: unknown feature 'mfcc_stat'. Did you mean 'mfcc_sta",
        ),
        (
            "mfcc_stats",
            "[logmel:n_mels=4,n_frames=9]",
            r"features\[1\]: 'n_frames=9' has no name; inside \[ \] a comma",
        ),
        (
            "mfcc_stats",
            "[logmel: n_mels=4]",
            r"features\[0\]: .* not a single value; after a colon .* no space",
        ),
        ("mfcc_stats", "[]", r"systems\[0\]: features is empty"),
        (
            "knn",
            "[knn, 'knn:k=1']",
            r"line 6: systems\[0\].classifiers\[1\]: knn has no parameter 'k'",
        ),
        ("knn", "knn\n    seeds: 0", r"line 5: systems\[0\]: seeds=0 is not between 1"),
        ("knn", "knn\n    n_folds: 1", r"line 5: systems\[0\]: n_folds=1: at least 2"),
        ("knn", "knn\n    n_folds: x", r"line 7: systems\[0\].n_folds='x' is not a whole number"),
        ("knn", "knn\n    folding: {n_folds: 3}", r"systems\[0\].folding: unknown key"),
        ("knn", "knn\n    weighted: true", r"systems\[0\].weighted: unknown key"),
        (
            "knn",
            "knn\n    protocol: honest",
            r"line 7: systems\[0\].protocol='honest' is not one of nested, paper",
        ),
        ("knn", "knn\nfuse: [{name: a}, {name: a}]", r"two fusions have one name: a, a"),
        (MINIMAL, "- a", r"\['a'\] is not a mapping with the keys dataset, store"),
        (MINIMAL, "", r"c.yaml: dataset, store, results, systems is missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(written, old, new, message):
    assert old in MINIMAL
    with pytest.raises(ParameterError, match=message):
        load(written(MINIMAL.replace(old, new)))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ParameterError, match=r"'absent.yaml' cannot be read: No such file"):
        load("absent.yaml")


def test_changes_go_before_the_file(written, monkeypatch):
    monkeypatch.setenv("SCRATCH", "/scratch")
    path = written(MINIMAL)
    changed = load(
        path,
        [
            "limit=40",
            "systems.0.seeds=3",
            "systems.0.classifiers=[knn, elm]",
            "store=${SCRATCH}/x.zarr",
        ],
    )
    assert (changed.limit, changed.systems[0].seeds, changed.systems[0].classifiers) == (
        40,
        3,
        ("knn", "elm"),
    )
    assert changed.store == "/scratch/x.zarr"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("limit", "'limit' is not key=value"),
        ("=3", "'=3' is not key=value"),
        ("limit=[1", "'limit=\\[1': the value is not YAML"),
        (
            "system.0.seeds=3",
            "there is no 'system' to set; there is: dataset, store, results, systems",
        ),
        ("systems.1.seeds=3", "there is no 1 to set; there is: 0"),
        ("store.name=3", "there is nothing of that name to set"),
        ("lmit=3", "c.yaml: lmit: unknown key 'lmit'. Did you mean 'limit'"),
    ],
)
def test_a_change_that_fits_nowhere_is_refused(written, change, message):
    with pytest.raises(ParameterError, match=message):
        load(written(MINIMAL), [change])


def test_the_files_of_the_documents_can_be_read(written, monkeypatch):
    monkeypatch.setenv("FEATKIT_ESC10", "/esc10")
    text = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    first, second = (
        load(written(block))
        for block in re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    )
    assert [
        len(block.canonical()) * len(block.classifiers) * block.seeds for block in first.systems
    ] == [8, 3]
    assert (second.systems[0].folding.folds, second.systems[0].classifiers) == (
        "groups",
        ("svm", "elm"),
    )
    keys = {cls: {field.name for field in dataclasses.fields(cls)} for cls in (Experiment, Systems)}
    keys[Systems] ^= {"folding"} | {field.name for field in dataclasses.fields(Folding)}
    for cls, tables in ((Experiment, 0), (Systems, 1)):
        table = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)[tables]
        named = {
            name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])
        }
        assert named == keys[cls]


STUDIES = {
    "random_cnn_small": 510,
    "esc10_headline": 145,
    "t1_cnn_esc10": 10,
    "t5_scaling_esc10": 10,
}
STUDIES |= {"resnet18_scratch_esc10": 1}


@pytest.mark.parametrize(("name", "cells"), STUDIES.items())
def test_the_studies_are_sound_and_as_large_as_their_document_says(esc10, name, cells):
    plan = check(load(ROOT / "benchmarks" / "papers" / f"{name}.yaml"))
    assert len(plan.cells) == cells
    assert f"| {cells} |" in (ROOT / "benchmarks" / "papers" / "README.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    "lines",
    [
        "results: x.html\nreport: x.html",
        "results: x.md\nreport: x.html",
        "results: s.zarr\nstore: s.zarr",
        "results: x\nstore: x.predictions",
    ],
)
def test_an_experiment_whose_outputs_are_one_file_is_refused(lines, tmp_path):
    store = "" if "store" in lines else "\nstore: s.zarr"
    systems = "systems: {features: mfcc_stats, classifiers: knn}"
    (tmp_path / "e.yaml").write_text(f"dataset: synthetic:50\n{lines}{store}\n{systems}\n")
    with pytest.raises(ParameterError, match="name one file twice"):
        load(tmp_path / "e.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: " + "[" * 60 + "]" * 60, "more than 50 values in each other"),
        ("a: " + "x" * 1_000_001, "more than 1000000 characters"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "line 2: the alias .a is not allowed"),
        ("a: 2001-99-99", "not YAML"),
    ],
)
def test_a_small_file_cannot_become_a_large_one(written, text, message):
    with pytest.raises(ParameterError, match=message):
        load(written(text))


def test_columns_of_tables_are_chosen(written, write_wav, tmp_path):
    rows = [f"{n}.wav,x{n % 2},{'ab'[n % 2]},{1 + n // 2},s{n}" for n in range(4)]
    (tmp_path / "c.csv").write_text("\n".join(["path,label,kind,part,speaker", *rows]))
    for number in range(4):
        write_wav(tmp_path / f"{number}.wav")
    columns = "label_column: kind\ngroup_column: speaker\nfold_column: part\n"
    text = columns + MINIMAL.replace("synthetic:50", "c.csv")
    (corpus,) = check(load(written(text))).corpora.values()
    assert [(clip.label, clip.group, clip.fold) for clip in corpus.dataset.clips] == [
        ("a", "s0", 1),
        ("b", "s1", 1),
        ("a", "s2", 2),
        ("b", "s3", 2),
    ]
    with pytest.raises(ParameterError, match=r"group_column=speaker.*no dataset is a table"):
        load(written("group_column: speaker\n" + MINIMAL))
