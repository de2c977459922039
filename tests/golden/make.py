"""Make the fixtures of the featkit that is installed: ``python make.py FOLDER``.

Writes ``results.zip`` (a file of results, its predictions and, as ``expected.json``, what that
featkit says of them) and ``bundles.zip`` (a bundle, two recordings, and what it predicts for
these). Fixtures are never made anew: ``*1.zip`` come from the last commit before format 2 of
results, ``*2.zip`` from format 2. ``bundles1_gammatone1.zip`` has the same of a bundle on
``mfcc_stats`` and ``gammatone`` side by side, when the latter had version 1.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

STATS = "mfcc_stats:sr=8000,n_mfcc=4"


def featkit(place: Path, *words: str) -> str:
    """Run the command line in a folder and return what it prints."""
    command = [sys.executable, "-m", "featkit_cli", *words]
    return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout


def main(out: str) -> None:
    """Write the fixtures."""
    from featkit import audio

    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for number in range(12):
            folder = place / "set" / "ab"[number % 2]
            folder.mkdir(parents=True, exist_ok=True)
            noise = np.random.default_rng(number).standard_normal(2400)
            tone = np.sin(np.arange(2400) * (0.3 + 0.5 * (number % 2)))
            samples = 0.2 * tone + 0.2 * noise
            audio.write(folder / f"{number}.wav", samples.astype(np.float32), 8000)
        featkit(place, "extract", "set", "-f", STATS, "--store", "s.zarr")
        results, bundles = place / "results", place / "bundles"
        results.mkdir()
        bundles.mkdir()
        _results(place)
        featkit(place, "train", "s.zarr", "-f", STATS, "-c", "knn", "--out", "bundles/knn")
        files = [f"set/{clip}.wav" for clip in ("a/0", "b/1")]
        (bundles / "knn.json").write_text(
            featkit(place, "predict", "bundles/knn", *files, "--json")
        )
        for file in files:
            shutil.copy(place / file, bundles)
        for folder in (results, bundles):
            shutil.make_archive(str(Path(out).resolve() / folder.name), "zip", folder)


def _results(place: Path) -> None:
    """Measure two classifiers, one of them also under another protocol, and fuse them."""
    measure = ("evaluate", "s.zarr", "-f", STATS, "--n-folds", "3", "--out", "results/r.jsonl")
    featkit(place, *measure, "-c", "knn", "-c", "logistic")
    featkit(place, *measure, "-c", "knn", "--protocol", "paper")
    featkit(place, "fuse", "results/r.jsonl", "--out", "results/r.jsonl")
    said = featkit(place, "compare", "results/r.jsonl", "--json")
    keep = ("dataset", "feature", "classifier", "protocol", "mean", "clips")
    rows = [{key: row.get(key) for key in keep} for row in json.loads(said)["systems"]]
    (place / "results" / "expected.json").write_text(json.dumps(rows))


if __name__ == "__main__":
    main(sys.argv[1])
