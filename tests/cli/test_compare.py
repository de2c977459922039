"""``featkit compare``: what it prints and what it writes."""

import pytest

from featkit import evaluate
from featkit.results import append, read

STARTS = {
    "o.html": "<!doctype html>",
    "o.md": "## toy, nested",
    "o.tex": "% toy, nested\n\\begin{tabular}",
    "o.csv": "dataset,feature,classifier,",
}


@pytest.fixture
def results(make_table, tmp_path):
    """The file r.jsonl with two systems on five folds."""
    for classifier in ("knn", "logistic"):
        append(tmp_path / "r.jsonl", evaluate(make_table(n=30), classifier))
    return tmp_path / "r.jsonl"


def test_each_file_is_written_in_the_format_of_its_suffix_and_named(results, featkit, tmp_path):
    done = featkit("compare", "r.jsonl", *(word for name in STARTS for word in ("--out", name)))
    assert done.status == 0
    for name, start in STARTS.items():
        assert (tmp_path / name).read_text(encoding="utf-8").lower().startswith(start), name
    assert done.out.splitlines()[-4:] == [f"written: {name}" for name in STARTS]
    assert not any(sign in done.out for sign in ("|", "\\", "##"))


def test_earlier_spellings_write_the_same(results, featkit, tmp_path):
    featkit("compare", "r.jsonl", "--out", "o.md", "--out", "o.csv", "--out", "o.tex")
    earlier = ("--markdown", "a", "--csv", "b", "--latex", "c")
    assert featkit("compare", "r.jsonl", *earlier).status == 0
    for new, old in zip(("o.md", "o.csv", "o.tex"), "abc", strict=True):
        assert (tmp_path / old).read_text() == (tmp_path / new).read_text()


@pytest.mark.parametrize(
    "options", [("--out", "o.xml"), ("--out", "no/o.md"), ("--out", "o.md", "--store", "s.zarr")]
)
def test_what_cannot_be_written_is_refused(options, results, featkit, tmp_path):
    before = sorted(tmp_path.iterdir())
    assert featkit("compare", "r.jsonl", *options).status == 2
    assert sorted(tmp_path.iterdir()) == before


def test_without_f_every_feature_of_the_store_is_measured(featkit, audio_folder, tmp_path):
    audio_folder(8)
    features = ("-f", "mfcc_stats", "-f", "logmel:sr=8000,n_fft=256,n_mels=20")
    assert featkit("extract", "set", *features, "--store", "s.zarr").status == 0
    assert (
        featkit("evaluate", "s.zarr", "-c", "knn", "--n-folds", 2, "--out", "e.jsonl").status == 0
    )
    assert {score.feature for score in read(tmp_path / "e.jsonl")} == set(features[1::2])
