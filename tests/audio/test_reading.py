"""What is no recording, or never answers, is a reason and not a wait."""

import os
import time

import pytest

from featkit import audio
from featkit.audio.reading import PATIENCE_VARIABLE
from featkit.audio.recording import Recording
from featkit.errors import AudioError, ParameterError


@pytest.fixture
def strange(tmp_path):
    """Paths that are no recordings, each with the reason."""
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "zero.wav").symlink_to("/dev/zero")
    (tmp_path / "round.wav").symlink_to("round.wav")
    reasons = {
        "pipe.wav": "a named pipe",
        "folder.wav": "a folder",
        "zero.wav": "a device",
        "round.wav": "symbolic links|loop",
        "nul\0.wav": "not a path",
        "nothing.wav": "No such file",
    }
    return {str(tmp_path / name): reason for name, reason in reasons.items()}


def test_pipes_devices_folders_and_loops_are_reasons(strange):
    for path, reason in strange.items():
        with pytest.raises(AudioError, match=reason):
            audio.load(path)
        for read in (audio.read_bytes, audio.stamp, lambda path: audio.part(path, 1.0, 1.0)):
            with pytest.raises(OSError):
                read(path)


@pytest.mark.parametrize("url", ["nosuch://place/a.wav", "memory://nothing.wav", "http://"])
def test_urls_that_cannot_be_read_are_os_errors(url):
    for read in (audio.read_bytes, audio.stamp):
        with pytest.raises(OSError):
            read(url)


def test_a_url_that_never_answers_fails_after_a_while(monkeypatch):
    import fsspec

    monkeypatch.setattr(fsspec, "open", lambda *_: time.sleep(5))
    monkeypatch.setattr(fsspec.core, "url_to_fs", lambda *_: time.sleep(5))
    monkeypatch.setenv(PATIENCE_VARIABLE, "0.05")
    for read in (audio.read_bytes, audio.stamp):
        begun = time.monotonic()
        with pytest.raises(AudioError, match=r"no answer for 0\.05 s"):
            read("memory://a.wav")
        assert time.monotonic() - begun < 3
    monkeypatch.setenv(PATIENCE_VARIABLE, "soon")
    with pytest.raises(ParameterError, match="soon"):
        audio.read_bytes("memory://a.wav")


def test_a_url_and_its_file_are_the_same_bytes(tmp_path):
    import fsspec

    with fsspec.open("memory://featkit/x.bin", "wb") as file:
        file.write(b"12345")
    (tmp_path / "x.bin").write_bytes(b"12345")
    for place in ("memory://featkit/x.bin", str(tmp_path / "x.bin"), f"file://{tmp_path}/x.bin"):
        assert audio.read_bytes(place) == b"12345"
        assert audio.stamp(place)[0] == 5


def test_a_file_above_the_limit_is_opened_and_not_read(tmp_path, monkeypatch):
    monkeypatch.setenv("FEATKIT_MAX_CLIP_GIB", "1e-8")
    (tmp_path / "a.bin").write_bytes(bytes(11))
    with pytest.raises(AudioError, match="FEATKIT_MAX_CLIP_GIB"):
        audio.read_bytes(str(tmp_path / "a.bin"))
    with audio.part(str(tmp_path / "a.bin")) as data:
        assert isinstance(data, Recording) and len(data) == 11
