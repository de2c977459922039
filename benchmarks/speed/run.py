"""Run the speed benchmarks and store the ratios.

Usage: ``python benchmarks/speed/run.py ESC10_FOLDER [NAME …]``, on an idle machine. Results go to
benchmarks/speed/results.json, by name; render.py turns them into benchmarks/RESULTS.md.
"""

import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import extraction
import learning

RESULTS = Path(__file__).with_name("results.json")


def main(esc10: Path, names: list[str]) -> None:
    """Run the benchmarks called ``names`` (all if none) and merge their rows into the results."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        benchmarks: dict[str, Any] = {
            "pack": lambda: [extraction.standard_pack(esc10, scratch)],
            "pack3": lambda: [extraction.standard_pack(esc10, scratch, copies=3)],
            "wav": lambda: [extraction.standard_pack(esc10, scratch, wav=True)],
            "memory": lambda: extraction.in_memory(esc10),
            "elm": lambda: [learning.elm_grid()],
            "svm": lambda: learning.svm_grid(),
            "svm_large": lambda: [learning.svm_large()],
            "nets": _nets,
            "training": lambda: _training(esc10, scratch),
            "dask": lambda: extraction.dask_overhead(esc10, scratch),
        }
        stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        for name in names or list(benchmarks):
            rows = benchmarks[name]()
            stored[name] = {
                "machine": f"{os.cpu_count()} CPUs, {platform.machine()}, "
                f"Python {platform.python_version()}",
                "rows": rows,
            }
            RESULTS.write_text(json.dumps(stored, indent=2) + "\n")
            for row in rows:
                print(
                    f"{row['ratio']:.2f}x ({row['ratio_min']:.2f}-{row['ratio_max']:.2f}), "
                    f"must {row['must']:.2f}: {row['name']}"
                )


def _nets() -> list[dict[str, Any]]:
    import nets

    return nets.random_nets()


def _training(esc10: Path, scratch: Path) -> list[dict[str, Any]]:
    import training

    return training.training(esc10, scratch)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
