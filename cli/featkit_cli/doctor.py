"""``featkit doctor``: what is installed, what is missing, and how to get it."""

import os
import platform
from typing import Any

import click

from featkit_cli.output import echo, json_option, print_json, print_table

# As setup.cfg lists them; a test compares the two.
NEEDED = (
    "click",
    "dask",
    "distributed",
    "filelock",
    "google-crc32c",
    "joblib",
    "librosa",
    "matplotlib",
    "nnAudio",
    "numba",
    "numcodecs",
    "numpy",
    "pandas",
    "pyarrow",
    "PyYAML",
    "safetensors",
    "scikit-learn",
    "scipy",
    "skops",
    "soundfile",
    "soxr",
    "threadpoolctl",
    "torch",
    "torchvision",
    "tqdm",
    "zarr",
)
ADVICE = (
    ", which is not writable: every process compiles them again, which takes seconds; "
    "set NUMBA_CACHE_DIR to a folder of your own"
)
OPTIONAL = {"s3fs": "featkit[s3]", "xarray": "featkit[xarray]"}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Report versions, devices and thread settings, and how to get what is missing.

    Exit status 1 if a required library is missing.
    """
    from importlib.metadata import PackageNotFoundError, version

    report: dict[str, Any] = {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "packages": {},
        "missing": {},
    }
    for name in (*NEEDED, *OPTIONAL):
        try:
            report["packages"][name] = version(name)
        except PackageNotFoundError:
            report["missing"][name] = f"pip install {OPTIONAL.get(name, name)}"
    report["devices"] = _devices()
    report["compiled"] = _compiled()
    report["threads"] = {
        name: os.environ.get(name, "not set") for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
    }
    if as_json:
        print_json(report)
    else:
        print_table(
            ("PACKAGE", "VERSION"), [("python", report["python"]), *report["packages"].items()]
        )
        echo(f"CPUs: {report['cpus']}; devices: {', '.join(report['devices'])}")
        echo(
            f"compiled kernels are kept in {report['compiled']['folder']}"
            + ("" if report["compiled"]["kept"] else ADVICE)
        )
        for name, how in report["missing"].items():
            echo(f"missing: {name} ({how})" + ("" if name in OPTIONAL else ", required"))
    if any(name not in OPTIONAL for name in report["missing"]):
        raise click.exceptions.Exit(1)


def _compiled() -> dict[str, Any]:
    """Return the folder where numba keeps compiled kernels, and whether it is writable."""
    from pathlib import Path

    import featkit

    own = os.environ.get("NUMBA_CACHE_DIR")
    beside = Path(featkit.__file__).parent / "dsp"
    user = Path.home() / ".cache" / "numba"
    place = Path(own) if own else beside if os.access(beside, os.W_OK) else user
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    return {"folder": str(place), "kept": os.access(there, os.W_OK)}


def _devices() -> list[str]:
    try:
        import torch
    except ImportError:
        return ["cpu"]
    return [
        "cpu",
        *(torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())),
    ]


COMMANDS = (doctor,)
