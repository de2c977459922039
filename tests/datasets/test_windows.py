"""A dataset cut into windows: ids, groups, lengths from headers, files that cannot be read."""

from dataclasses import replace

import numpy as np
import pytest

from featkit import audio
from featkit.datasets import Clip, Dataset, Windows, cut, get_dataset, windows_of
from featkit.datasets import windows as module
from featkit.errors import ParameterError

SR = 8000


@pytest.fixture
def folder(tmp_path):
    """Recordings of 2.5 s, 1 s, 0.4 s, and a file that is none."""
    for name, seconds in (("dog/long", 2.5), ("dog/one", 1.0), ("cat/short", 0.4)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        samples = np.full(round(seconds * SR), 0.1, dtype=np.float32)
        audio.write(tmp_path / f"{name}.wav", samples, SR)
    (tmp_path / "cat" / "text.wav").write_text("no audio")
    return tmp_path


def spans(dataset):
    return {clip.id: (clip.start, clip.duration) for clip in dataset.clips}


def test_clips_become_windows_that_keep_label_and_name(folder):
    windows = cut(get_dataset(str(folder)), Windows(1.0, 0.5))
    assert spans(windows) == {
        "cat/short.wav@0-end": (0.0, None),
        "cat/text.wav@0-end": (0.0, None),
        "dog/long.wav@0-1": (0.0, 1.0),
        "dog/long.wav@0.5-1.5": (0.5, 1.0),
        "dog/long.wav@1-2": (1.0, 1.0),
        "dog/long.wav@1.5-2.5": (1.5, 1.0),
        "dog/one.wav@0-end": (0.0, None),
    }
    assert {clip.label for clip in windows.clips if clip.id.startswith("dog")} == {"dog"}
    assert {clip.group for clip in windows.clips if "long" in clip.id} == {"dog/long.wav"}
    assert windows_of(windows.about) == Windows(1.0, 0.5)


def test_a_group_a_fold_and_a_split_stay(folder):
    whole = get_dataset(str(folder))
    clips = [replace(clip, group="ann", fold=3, split="train") for clip in whole.clips]
    windows = cut(replace(whole, clips=tuple(clips)), Windows(1.0, 1.0))
    assert {(clip.group, clip.fold, clip.split) for clip in windows.clips} == {("ann", 3, "train")}


def test_windows_of_an_excerpt_lie_within_it(folder):
    path = str(folder / "dog" / "long.wav")
    clips = (
        Clip("middle", path, "dog", start=0.5, duration=1.5),
        Clip("end", path, "dog", start=1.5),
        Clip("beyond", path, "dog", start=2.0, duration=3.0),
    )
    windows = cut(Dataset("set", clips), Windows(0.5, 0.5))
    assert spans(windows) == {
        "middle@0.5-1": (0.5, 0.5),
        "middle@1-1.5": (1.0, 0.5),
        "middle@1.5-2": (1.5, 0.5),
        "end@1.5-2": (1.5, 0.5),
        "end@2-2.5": (2.0, 0.5),
        "beyond@2-5": (2.0, 3.0),  # what is missing is the extraction's to name
    }


@pytest.mark.parametrize("sr", [8000, 11025, 22050, 44100])
def test_windows_are_those_of_a_prediction_at_any_rate(tmp_path, sr):
    audio.write(tmp_path / "a.wav", np.zeros(3 * sr + 77, dtype=np.float32), sr)
    windows = cut(Dataset("set", (Clip("a", str(tmp_path / "a.wav"), "x"),)), Windows(0.25, 0.1))
    expected = Windows(0.25, 0.1).spans(3 * sr + 77, sr)
    assert [(clip.start, clip.duration) for clip in windows.clips] == expected


def test_known_windows_need_no_file(folder, monkeypatch):
    whole = get_dataset(str(folder))
    before = cut(whole, Windows(1.0, 0.5))
    known = {"dog/long.wav": [(0.0, 1.0), (0.5, 1.0)]}
    opened = []
    monkeypatch.setattr(module, "_header", lambda path: opened.append(path))
    after = cut(whole, Windows(1.0, 0.5), known)
    assert [clip.id for clip in after.clips if "long" in clip.id] == [
        "dog/long.wav@0-1",
        "dog/long.wav@0.5-1.5",
    ]
    assert len(opened) == 3 and not any("long" in path for path in opened)
    assert len(before) == 7


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_lengths_come_from_headers_without_decoding(tmp_path, suffix, monkeypatch):
    audio.write(tmp_path / f"a.{suffix}", np.zeros(2 * SR, dtype=np.float32), SR)
    monkeypatch.setattr("featkit.audio.decoding._read", None)  # nothing decodes
    windows = cut(Dataset("set", (Clip("a", str(tmp_path / f"a.{suffix}"), "x"),)), Windows(1, 1))
    assert [clip.id for clip in windows.clips] == ["a@0-1", "a@1-2"]


def test_a_url_is_cut_too(tmp_path):
    audio.write(tmp_path / "a.wav", np.zeros(2 * SR, dtype=np.float32), SR)
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://windows/a.wav", "wb") as file:
        file.write((tmp_path / "a.wav").read_bytes())
    windows = cut(Dataset("set", (Clip("a", "memory://windows/a.wav", "x"),)), Windows(1, 1))
    assert [clip.id for clip in windows.clips] == ["a@0-1", "a@1-2"]


def test_windows_are_not_cut_again(folder):
    windows = cut(get_dataset(str(folder)), Windows(1.0, 0.5))
    with pytest.raises(ParameterError, match="already"):
        cut(windows, Windows(0.5, 0.5))
