"""A table's columns: which are used, which are named as ignored, and which raise a warning."""

import pytest

from featkit.datasets import get_dataset
from featkit.datasets.columns import sources
from featkit.datasets.validation import validate
from featkit.errors import DatasetError, ParameterError

NAMES = ["speaker", "subject", "session", "source", "patient", "user", "recording", "device"]


@pytest.fixture
def table(tmp_path, write_wav):
    for name in "abcd":
        write_wav(tmp_path / f"{name}.wav")
    (tmp_path / "clips.csv").write_text(
        "path,label,speaker,genre,take\n"
        "a.wav,x,ann,rock,1\nb.wav,y,ann,jazz,2\nc.wav,x,bob,rock,1\nd.wav,y,bob,jazz,2\n"
    )
    return tmp_path / "clips.csv"


@pytest.mark.parametrize("name", NAMES)
def test_names_of_sources_are_known_in_their_usual_forms(name):
    forms = [name, f"{name}s", f"{name}_id", f"{name}_ids", name.title() + "ID", f"{name} name"]
    assert sources([*forms, name.upper(), f"{name}id", f"Id_{name}"]) == (
        *forms,
        name.upper(),
        f"{name}id",
        f"Id_{name}",
    )


def test_other_names_are_not_sources():
    assert sources(["genre", "snr_db", "loudness", "title", "resources", "id", "", "2"]) == ()


def test_unused_columns_are_named_and_one_of_speakers_warned_about(table):
    dataset = get_dataset(table)
    assert dataset.columns_ignored == ("speaker", "genre", "take")
    assert dataset.group_column == "" and {clip.group for clip in dataset.clips} == {""}
    (warning,) = dataset.warnings
    assert "--group-column speaker" in warning
    report = validate(dataset)
    assert report.ok and report.columns_ignored == dataset.columns_ignored
    assert report.warnings == dataset.warnings


def test_chosen_columns_are_used_and_no_longer_ignored(table):
    dataset = get_dataset(table, group_column="speaker", label_column="genre", fold_column="take")
    assert [clip.group for clip in dataset.clips] == ["ann", "ann", "bob", "bob"]
    assert [clip.label for clip in dataset.clips] == ["rock", "jazz", "rock", "jazz"]
    assert [clip.fold for clip in dataset.clips] == [1, 2, 1, 2]
    assert (dataset.protocol, dataset.group_column) == ("folds", "speaker")
    assert dataset.columns_ignored == ("label",) and dataset.warnings == ()


def test_parquet_has_the_same_columns(table):
    import pandas as pd

    pd.read_csv(table).to_parquet(table.with_suffix(".parquet"))
    for options in ({}, {"group_column": "speaker"}):
        assert get_dataset(table.with_suffix(".parquet"), **options) == get_dataset(
            table, **options
        )


def test_columns_that_cannot_be_chosen(table, tmp_path, write_wav):
    with pytest.raises(DatasetError, match=r"'singer' is missing; there are path, label, speaker"):
        get_dataset(table, group_column="singer")
    write_wav(tmp_path / "set" / "x" / "a.wav")
    for name in (tmp_path / "set", "synthetic:10"):
        with pytest.raises(ParameterError, match="table"):
            get_dataset(name, group_column="speaker")
    with pytest.raises(DatasetError, match=r"line 2: genre='rock'; expected a whole number"):
        get_dataset(table, fold_column="genre")


def test_with_groups_chosen_other_sources_are_named_without_a_warning(table):
    table.write_text("path,label,speaker,session\na.wav,x,ann,1\nb.wav,y,bob,2\n")
    assert len(get_dataset(table).warnings) == 2
    dataset = get_dataset(table, group_column="speaker")
    assert dataset.columns_ignored == ("session",) and dataset.warnings == ()
