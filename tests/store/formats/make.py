"""Make the fixture of a store format: ``python make.py OUT.zip`` with the featkit of that format.

The zip holds the store ``s.zarr`` of eight clips, the audio (``audio/``), and ``expected.npz``:
what that featkit itself reads as tables. Clips 1 and 6 have failed, and clip 7 has left the
dataset. ``excerpts.zarr`` has three excerpts of clip 5 and one of its copy, as ``excerpts.csv``
names them; ``format1.zip`` and ``format2.zip`` lack it, and ``format2-excerpts.zip`` is only that.
The fixtures of a format were made by its last commit.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from featkit import audio, extract
from featkit.store import Store

FEATURES = ("mfcc_stats:sr=8000,n_mfcc=4", "logmel:sr=8000,n_fft=256,n_mels=8,hop_length=2")


def main(out: str) -> None:
    """Write the fixture."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for number in range(8):
            folder = place / "audio" / "ab"[number % 2]
            folder.mkdir(parents=True, exist_ok=True)
            samples = 0.1 * np.random.default_rng(number).standard_normal(400 + 100 * number)
            if number == 4:  # Long enough for a second shard along its frames, and silent.
                samples = np.zeros(140_000)
            audio.write(folder / f"{number}.wav", samples.astype(np.float32), 8000)
        for number in (1, 6):
            (place / "audio" / "ab"[number % 2] / f"{number}.wav").write_bytes(b"no audio")
        for _ in range(2):
            extract(str(place / "audio"), FEATURES, place / "s.zarr", shard_clips=3)
            (place / "audio" / "b" / "7.wav").unlink(missing_ok=True)
        tables = {}
        for number, text in enumerate(FEATURES):
            table = Store(place / "s.zarr")[text].table()
            rows = {f"{number}_row{i}": np.asarray(row) for i, row in enumerate(table.X)}
            columns = ("y", "folds", "groups", "ids", "contents", "splits")
            tables |= rows | {f"{number}_{column}": getattr(table, column) for column in columns}
        _excerpts(place)
        np.savez_compressed(place / "expected.npz", **tables)
        shutil.make_archive(out.removesuffix(".zip"), "zip", place)


def _excerpts(place: Path) -> None:
    """Write the store of excerpts."""
    shutil.copy(place / "audio" / "b" / "5.wav", place / "copy.wav")
    lines = [
        "path,label,start,duration",
        *(
            f"audio/b/5.wav,{label},{start},0.02"
            for label, start in (("a", 0), ("b", 0.03), ("a", 0.06))
        ),
        "copy.wav,b,0.04,0.02",
    ]
    (place / "excerpts.csv").write_text("\n".join(lines))
    extract(str(place / "excerpts.csv"), FEATURES, place / "excerpts.zarr", shard_clips=3)


main(sys.argv[1])
