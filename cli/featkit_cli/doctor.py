"""``featkit doctor``: what is installed, what is missing, and how to get it."""

import os
import platform
from typing import Any

import click

from featkit_cli.output import json_option, print_json, print_table

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
ADVICE = ", which cannot be written: every process compiles them again for seconds; set NUMBA_CACHE_DIR to a folder of yours"
OPTIONAL = {"s3fs": "featkit[s3]", "xarray": "featkit[xarray]"}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Report versions, devices and thread settings; name what is missing and how to get it. Exit 1
    if a library is missing.
    """
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, Any] = {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "packages": {},
        "missing": {},
    }
    for name in (*NEEDED, *OPTIONAL):
        try:
            found["packages"][name] = version(name)
        except PackageNotFoundError:
            found["missing"][name] = f"pip install {OPTIONAL.get(name, name)}"
    found["devices"] = _devices()
    found["compiled"] = _compiled()
    found["threads"] = {
        name: os.environ.get(name, "not set") for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
    }
    if as_json:
        print_json(found)
    else:
        print_table(
            ("PACKAGE", "VERSION"), [("python", found["python"]), *found["packages"].items()]
        )
        click.echo(f"CPUs: {found['cpus']}; devices: {', '.join(found['devices'])}")
        click.echo(
            f"compiled kernels are kept in {found['compiled']['folder']}"
            + ("" if found["compiled"]["kept"] else ADVICE)
        )
        for name, how in found["missing"].items():
            click.echo(f"missing: {name} ({how})" + ("" if name in OPTIONAL else " — needed"))
    if any(name not in OPTIONAL for name in found["missing"]):
        raise click.exceptions.Exit(1)


def _compiled() -> dict[str, Any]:
    """Return where numba keeps compiled kernels, and whether it can; if not, every process compiles
    them again.
    """
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
