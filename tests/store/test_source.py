"""What a store that Python filled remembers of its dataset."""

import numpy as np
import pytest

from featkit import audio, extract
from featkit.datasets import get_dataset
from featkit.store import Store
from featkit.store.source import changes


@pytest.fixture
def table(tmp_path, rng):
    """``write(labels)``: a table of four recordings with a column of speakers, and its path."""
    for number in range(4):
        noise = rng.uniform(-0.5, 0.5, 2000).astype(np.float32)
        audio.write(tmp_path / f"{number}.wav", noise, 8000)

    def write(labels):
        rows = [f"{n}.wav,{label},{label},s{n // 2}" for n, label in enumerate(labels)]
        (tmp_path / "clips.csv").write_text("\n".join(["path,label,kind,speaker", *rows]))
        return tmp_path / "clips.csv"

    return write


@pytest.mark.parametrize("by_name", [False, True])
def test_changes_and_warnings_are_known_without_the_command_line(
    table, tmp_path, monkeypatch, by_name
):
    table("abab")
    monkeypatch.chdir(tmp_path)
    extract("clips.csv" if by_name else get_dataset("clips.csv"), "mfcc_stats", "s.zarr")
    monkeypatch.chdir("/")
    store = Store(tmp_path / "s.zarr")
    (warning,) = store["mfcc_stats"].table().warnings
    assert "speaker" in warning and changes(store.about, store.index()) == ()
    table("baab")
    assert changes(store.about, store.index()) == ("2 clips have another label now: 0.wav, 1.wav",)


def test_chosen_columns_and_roots_are_known(table, tmp_path):
    path = table("abab")
    dataset = get_dataset(path, label_column="kind", group_column="speaker")
    extract(dataset, "mfcc_stats", tmp_path / "s.zarr")
    store = Store(tmp_path / "s.zarr")
    assert store["mfcc_stats"].table().warnings == ()
    assert dict(dataset.source.columns) == {"label": "kind", "group": "speaker"}
    path.write_text(path.read_text().replace("s1", "s0"))
    (change,) = changes(store.about, store.index())
    assert change.startswith("2 clips have another group now")
    made = get_dataset("synthetic:10", tmp_path / "made")
    assert made.source.text == f"synthetic:10:{tmp_path / 'made'}" and not made.source.columns
