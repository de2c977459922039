"""The pages: their Python runs, and the README's results are the stored ones."""

import re
from pathlib import Path

import numpy as np
import pytest

from featkit import Signal, get_feature

ROOT = Path(__file__).resolve().parents[2]
RUN = ["README.md", "docs/store.md", "docs/protocols.md", "docs/inspecting.md"]


def blocks(name, language="python"):
    """The fenced blocks of one language in a document."""
    return re.findall(
        rf"^```{language}\n(.*?)^```",
        (ROOT / name).read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """The feature of docs/adding-a-feature.md as a module outside featkit."""
    (tmp_path / "zcr_plug_in.py").write_text(
        blocks("docs/adding-a-feature.md")[0], encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "zcr_plug_in:ZeroCrossingRate"


def test_the_feature_of_the_documents_is_2f_over_sr_on_a_sine(plug_in):
    sr = 16000
    for f in (250, 500, 2000):  # whole periods in 1024 samples
        sine = np.sin(2 * np.pi * f / sr * (np.arange(sr) + 0.5)).astype(np.float32)
        np.testing.assert_array_equal(
            get_feature(f"{plug_in}:sr=16000")(Signal(sine, sr)), [2 * f / sr, 0.0]
        )


def test_the_test_of_the_documents_passes(plug_in):
    source = blocks("docs/adding-a-feature.md")[1]
    assert '"zero_crossing_rate:' in source
    names = {}
    exec(source.replace('"zero_crossing_rate:', f'"{plug_in}:'), names)
    names["test_a_sine_crosses_zero_twice_in_a_period"]()


def test_a_plug_in_is_stored_and_read(plug_in, tmp_path, write_wav):
    from featkit import Store, extract

    for label in ("a", "b"):
        for number in range(2):
            write_wav(tmp_path / "data" / label / f"{number}.wav")
    feature = f"{plug_in}:sr=8000"
    extract(str(tmp_path / "data"), [feature], tmp_path / "zcr.zarr")
    table = Store(tmp_path / "zcr.zarr")[feature].table()
    assert table.X.shape == (4, 2)
    # White noise changes sign at every other sample: 0.5 ± 0.018 over 799 pairs.
    np.testing.assert_allclose(table.X[:, 0], 0.5, atol=0.09)


@pytest.mark.parametrize("name", RUN)
def test_python_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEATKIT_CACHE", str(tmp_path / "cache"))
    sources = blocks(name)
    assert sources
    names = {}
    for source in sources:
        exec(source, names)


def test_the_results_of_the_readme_are_those_that_are_stored():
    from featkit.results import read

    folds = {}
    for name in ("random_cnn_small", "esc10_headline", "random_filters_esc10", "wide_esc10"):
        for score in read(ROOT / "benchmarks" / "papers" / f"{name}.jsonl"):
            folds.setdefault((name, score.feature, score.classifier), []).append(score.accuracy)
    stored = {
        (key[2], f"{100 * np.mean(values):.2f}")
        for key, values in folds.items()
        if len(values) == 5
    }
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("<!-- results: ESC-10, nested -->")[1].split("<!-- end of results -->")[0]
    rows = [line.split("|")[2:4] for line in block.strip().splitlines()[2:]]
    printed = [
        (re.findall("`(.*?)`", cell)[0], number)
        for cell, numbers in rows
        for number in re.findall(r"\d+\.\d+", numbers)
    ]
    assert len(printed) == 25
    assert set(printed) <= stored
