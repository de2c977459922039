"""How to read the page, and what made it."""

import platform
from importlib.metadata import PackageNotFoundError, version

from featkit import __version__
from featkit.comparison.findings import Findings
from featkit.comparison.text.remarks import remarks
from featkit.report.markup import Html, scroll, tag

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "librosa", "zarr", "dask")
_PROTOCOLS = {
    "nested": "nested: hyper-parameters are chosen on inner folds of the training part; each test"
    " fold is seen once, by the final model.",
    "paper": "paper: the hyper-parameters are those with the best mean over the test folds, as in"
    " the publication. Optimistic: such a number says what could have been reached with knowledge"
    " of the test data, and is not comparable with nested ones.",
    "paper-weighted": "paper-weighted: as paper, with test folds weighted by their size."
    " Optimistic as well.",
}


def reading(findings: Findings) -> list[Html]:
    """Return what the protocols, folds and numbers of the page mean."""
    protocols = dict.fromkeys(system.protocol for system in findings.members)
    schemes = dict.fromkeys(
        f"{system.dataset}: {system.scheme or 'folds as given'}" for system in findings.members
    )
    texts = [*(_PROTOCOLS.get(name, name) for name in protocols), *schemes, *remarks(findings)]
    return [tag("ul", *(tag("li", text) for text in texts))]


def provenance(command: str) -> list[Html]:
    """Return the versions of what made the page, and the command if there is one."""
    parts = [tag("p", f"Written by {_versions()}")]
    if command:
        parts.append(tag("p", "The command that made this page:"))
        parts.append(scroll(tag("pre", tag("code", command)), "Command"))
    return parts


def _versions() -> str:
    versions = [f"featkit {__version__}", f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"{name} not installed")
    return ", ".join(versions) + f"; {platform.system()} {platform.machine()}."
