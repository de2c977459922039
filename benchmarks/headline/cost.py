"""Measure what a clip costs: ``python benchmarks/headline/cost.py ESC10_FOLDER``.

Writes the CPU seconds of one thread for a clip of 5 s, decoding included, to ``cost.json`` beside
this file. Features take turns, clip by clip, so that a busy machine slows all of them alike; the
median over clips counts. Ratios to `mfcc_stats` travel to other machines better than seconds.
"""

import json
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
CLIPS = 8
FEATURES = (
    "mfcc_stats",
    "mfcc",
    "logmel",
    "gammatone",
    "cqt",
    "random_filters",
    "random_cnn:arch=vgg",
    "random_cnn:arch=7x96",
    "random_cnn:arch=7x86",
    "random_cnn:arch=timbral",
    "random_cnn:arch=temporal",
    "random_cnn:arch=timbral_temporal",
    "random_cnn:arch=time",
    "random_cnn:arch=sample_level",
    "random_cnn:arch=frame_level",
    "altered:of=mfcc_stats",
    "altered:of=random_filters",
    "descriptors:Descriptors",
)


def measured(paths: list[Path], texts: tuple[str, ...]) -> dict[str, float]:
    """Return the median CPU seconds of each feature over the clips; the first clip warms up."""
    from featkit import audio
    from featkit.features import get_feature

    features = [get_feature(text) for text in texts]
    seconds: dict[str, list[float]] = {feature.canonical: [] for feature in features}
    for number, path in enumerate([paths[0], *paths]):
        for feature in features:
            begun = time.process_time()
            (row,) = feature.compute([audio.load(path)])
            taken = time.process_time() - begun
            if isinstance(row, Exception):
                raise row
            if number:
                seconds[feature.canonical].append(taken)
    return {name: statistics.median(each) for name, each in seconds.items()}


def main(folder: str, texts: tuple[str, ...]) -> None:
    """Measure and write; features that are not measured now keep what the file has."""
    import torch

    sys.path.insert(0, str(HERE))
    torch.set_num_threads(1)
    paths = sorted((Path(folder) / "audio").iterdir())
    paths = paths[:: len(paths) // CLIPS][:CLIPS]
    place = HERE / "cost.json"
    known = json.loads(place.read_text()) if place.exists() else {}
    now = measured(paths, texts)
    unit = now["mfcc_stats"]
    known |= {
        name: {"cpu_seconds": round(value, 4), "ratio": round(value / unit, 1)}
        for name, value in now.items()
    }
    place.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], ("mfcc_stats", *sys.argv[2:]) if sys.argv[2:] else FEATURES)
