"""Who may import whom, and that every package on disk is one that is installed."""

import ast
import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "featkit").rglob("*.py"))
ONLY = {
    "zarr": ("store/",),
    "dask": ("extraction/",),
    "distributed": ("extraction/",),
    "soundfile": ("audio.py",),
    "soxr": ("audio.py",),
    "torch": ("nets/", "training/", "analysis/", "classifiers/net.py", "extraction/", "features/"),
}
NEVER = {
    "errors.py": ("featkit.",),
    "dsp/": (
        "featkit.features",
        "featkit.store",
        "featkit.datasets",
        "featkit.nets",
        "featkit.extraction",
    ),
    "audio.py": ("featkit.features", "featkit.store", "featkit.datasets", "featkit.extraction"),
    "datasets/": ("featkit.features", "featkit.store", "featkit.extraction", "featkit.classifiers"),
    "features/": (
        "featkit.store",
        "featkit.extraction",
        "featkit.classifiers",
        "featkit.evaluation.running",
    ),
    "store/": ("featkit.extraction", "featkit.classifiers", "featkit.evaluation.running"),
    "classifiers/": (
        "featkit.store",
        "featkit.extraction",
        "featkit.evaluation.running",
        "featkit.comparison.overview",
    ),
    "evaluation.py": (
        "featkit.store",
        "featkit.extraction",
        "featkit.comparison.overview",
        "featkit.report",
    ),
    "measuring.py": (
        "featkit.store",
        "featkit.extraction",
        "featkit.comparison.overview",
        "featkit.report",
    ),
    "comparison.py": (
        "featkit.store",
        "featkit.extraction",
        "featkit.features",
        "featkit.evaluation.running",
    ),
    "statistics/": ("featkit.store", "featkit.evaluation.running", "featkit.report"),
    "report/": (
        "featkit.store",
        "featkit.extraction",
        "featkit.evaluation.running",
        "featkit.features",
    ),
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_place_allows(path):
    place, found = path.relative_to(ROOT / "featkit").as_posix(), imports(path)
    for library, places in ONLY.items():
        used = any(name == library or name.startswith(library + ".") for name in found)
        assert not used or place.startswith(places), f"{library} belongs in {places}"
    assert not any(name.startswith("featkit_cli") for name in found)
    for start, forbidden in NEVER.items():
        if place.startswith(start):
            wrong = {
                name
                for name in found
                for bad in forbidden
                if (name + ".").startswith(bad.rstrip(".") + ".")
            }
            assert not wrong - {"featkit.features.base"}, wrong


def test_every_package_on_disk_is_installed():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    listed = set(settings["options"]["packages"].split())
    disk = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "featkit").rglob("__init__.py")
    }
    assert listed == disk | {"featkit_cli"}
