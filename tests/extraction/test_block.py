"""Bad files go to the ledger and cost no other clip."""

from pathlib import Path

import numpy as np
from conftest import LOGMEL, MFCC, counts, fill

from featkit import audio
from featkit.extraction import extract, failures
from featkit.store import Store


def hostile(folder: Path) -> dict[str, str]:
    """Write files that break others' pipelines; return those that must fail, with a word of the
    reason.
    """
    rng = np.random.default_rng(0)
    one = (0.1 * rng.standard_normal(8000)).astype(np.float32)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_text("no audio at all\n" * 9)
    audio.write(folder / "whole.ogg", (0.1 * rng.standard_normal(66150)).astype(np.float32), 22050)
    data = (folder / "whole.ogg").read_bytes()
    (folder / "cut.ogg").write_bytes(data[: int(0.6 * len(data))])
    data = (folder / "00.wav").read_bytes()
    (folder / "cut.wav").write_bytes(data[: len(data) // 2])
    audio.write(folder / "none.wav", one[:0], 8000)
    audio.write(folder / "three.wav", one[:3], 8000)
    for name, value in (("nan", np.nan), ("inf", np.inf)):
        bad = one.copy()
        bad[7] = value
        audio.write(folder / f"{name}.wav", bad, 8000, "FLOAT")
    for name, subtype in (("u8", "PCM_U8"), ("s24", "PCM_24"), ("float", "FLOAT")):
        audio.write(folder / f"{name}.wav", one, 8000, subtype)
    audio.write(folder / "six.wav", np.stack([one] * 6, axis=1), 8000)
    audio.write(folder / "k192.wav", one, 192000)
    reasons = {
        "empty.wav": "empty",
        "text.wav": "not readable",
        "cut.ogg": "cut short",
        "cut.wav": "cut short",
    }
    return reasons | {"none.wav": "0 samples", "nan.wav": "not finite", "inf.wav": "not finite"}


def test_hostile_files_cost_no_other_clip_and_have_one_line_each(audio_folder, tmp_path):
    folder = audio_folder(6)
    reasons = hostile(folder / "low")
    report = extract(str(folder), [MFCC, LOGMEL, "multires_logmel"], tmp_path / "s", jobs=2)
    lines = {Path(line.path).name: line for line in failures(Store(tmp_path / "s"))}
    assert len(report.failures) == len(lines) == len(reasons)
    for name, reason in reasons.items():
        assert lines[name].stage == "decode" and reason in lines[name].error
    for shelf in Store(tmp_path / "s").shelves():
        table = shelf.table()
        assert len(table) == 6 + 7 and table.n_missing == 7
        assert all(np.isfinite(row).all() and (row != 0).any() for row in table.X)
    from featkit.features import get_feature

    table = Store(tmp_path / "s")["mfcc_stats"].table()
    six, plain = (table.X[list(table.ids).index(f"low/{name}.wav")] for name in ("six", "float"))
    assert np.allclose(six, plain, rtol=1e-2, atol=0.3)
    assert np.array_equal(
        plain, get_feature("mfcc_stats")(audio.load(folder / "low" / "float.wav"))
    )


def test_a_mended_file_is_taken_up(audio_folder, tmp_path):
    folder = audio_folder(5)
    good = (folder / "low" / "02.wav").read_bytes()
    (folder / "low" / "02.wav").write_bytes(b"")
    assert counts(fill(folder, tmp_path / "s"))["mfcc_stats"] == (4, 0, 1)
    assert counts(fill(folder, tmp_path / "s"))["mfcc_stats"] == (0, 4, 1)
    (folder / "low" / "02.wav").write_bytes(good)
    assert counts(fill(folder, tmp_path / "s"))["mfcc_stats"] == (1, 4, 0)
    assert not failures(Store(tmp_path / "s"))
