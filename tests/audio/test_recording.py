"""Excerpts of long files: the bytes that are read, and equality with what whole files give."""

import numpy as np
import pytest

from featkit import audio
from featkit.audio.recording import Recording
from featkit.errors import AudioError

SR = 8000


@pytest.fixture(scope="module", params=["wav", "flac", "ogg"])
def long_file(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / f"a.{request.param}"
    audio.write(
        path, (0.1 * np.random.default_rng(0).standard_normal(120 * SR)).astype(np.float32), SR
    )
    return str(path)


def test_looks_like_the_bytes(long_file):
    data = audio.read_bytes(long_file)
    with Recording(long_file) as found:
        assert len(found) == len(data) and found[7] == data[7]
        assert found[3:99] == data[3:99] and found[len(data) - 5 : len(data) + 5] == data[-5:]
        assert audio.content_hash(found, 1.0, 2.0) == audio.content_hash(data, 1.0, 2.0)
        assert audio.extent(found) == audio.extent(data)
        np.testing.assert_array_equal(
            audio.decode(found, 70.0, 1.0).samples, audio.decode(data, 70.0, 1.0).samples
        )


def test_an_excerpt_reads_a_small_fraction(tmp_path):
    """The bytes that pass through the file object: a second of 120 is under 5 % of it."""
    path = str(tmp_path / "a.wav")
    audio.write(path, np.zeros(120 * SR, dtype=np.float32), SR)
    read = []

    class Counted:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def read(self, size=-1):
            read.append(len(data := self.file.read(size)))
            return data

        def readinto(self, buffer):
            read.append(self.file.readinto(buffer))
            return read[-1]

    with Recording(path) as found:
        found.file = Counted(found.file)
        assert len(audio.decode(found, 100.0, 1.0).samples) == SR
        assert 2 * SR <= sum(read) < 0.05 * len(found)


def test_a_file_is_hashed_once_until_it_changes(tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    audio.write(path, np.zeros(SR, dtype=np.float32), SR)
    hashed, file_digest = [], __import__("hashlib").file_digest
    monkeypatch.setattr(
        "hashlib.file_digest", lambda *given: hashed.append(1) or file_digest(*given)
    )

    def look(start):
        with audio.part(str(path), start, 0.1) as data:
            return audio.content_hash(data, start, 0.1)

    assert len({look(number / 10) for number in range(10)}) == 10
    assert len(hashed) == 1
    before = look(0.5)
    audio.write(path, np.ones(SR + 1, dtype=np.float32), SR)
    assert look(0.5) != before and len(hashed) == 2


@pytest.mark.parametrize("suffix", ["wav", "ogg"])
def test_a_cut_file_fails_alike_in_memory_and_on_disk(tmp_path, suffix):
    whole, cut = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    audio.write(
        whole, (0.1 * np.random.default_rng(0).standard_normal(9 * SR)).astype(np.float32), SR
    )
    cut.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(AudioError) as expected:
        audio.decode(audio.read_bytes(str(cut)), 1.0, 1.0)
    with pytest.raises(AudioError) as got:
        audio.load(cut, 1.0, 1.0)
    assert str(got.value) == f"{cut}: {expected.value}"


def test_rows_of_one_long_file_hash_it_once(tmp_path, monkeypatch):
    from featkit import Store, extract

    path = tmp_path / "a.wav"
    audio.write(
        path, (0.1 * np.random.default_rng(1).standard_normal(60 * SR)).astype(np.float32), SR
    )
    lines = [f"a.wav,{'ab'[number % 2]},{number},1" for number in range(50)]
    (tmp_path / "t.csv").write_text("\n".join(["path,label,start,duration", *lines]))
    hashed, file_digest = [], __import__("hashlib").file_digest
    monkeypatch.setattr(
        "hashlib.file_digest", lambda *given: hashed.append(1) or file_digest(*given)
    )
    extract(str(tmp_path / "t.csv"), ["waveform:sr=8000"], tmp_path / "s.zarr")
    assert len(hashed) == 1
    rows = Store(tmp_path / "s.zarr")["waveform:sr=8000"].table().X
    np.testing.assert_array_equal(
        np.stack(list(rows)).reshape(-1), audio.load(path).samples[: 50 * SR]
    )
