"""``bundle.json``: what it must say, and the digests by which damage and edits are seen."""

import hashlib
import json
from pathlib import Path
from typing import Any

from featkit.audio.windows import Windows
from featkit.bundle.sizes import LARGEST_JSON, check_size
from featkit.errors import BundleError

FORMAT = 1
MANIFEST, MODEL, CARD = "bundle.json", "classifier.skops", "README.md"
PARTS = {
    "feature": dict,
    "classifier": dict,
    "classes": list,
    "data": dict,
    "versions": dict,
    "files": dict,
}
# What a bundle is used by, once it is loaded.
FIELDS: dict[str, dict[str, Any]] = {
    "feature": {
        "text": str,
        "key": str,
        "code": str,
        "dtype": str,
        "shape": list,
        "input": str,
        "pooled": bool,
    },
    "classifier": {"text": str},
    "data": {"dataset": str},
    "files": {MODEL: str, CARD: str},
}


def write(folder: Path, about: dict[str, Any]) -> None:
    """Write ``bundle.json`` into a folder that holds the other files."""
    content = {
        "featkit_bundle": FORMAT,
        **about,
        "files": {name: sha256(folder / name) for name in (MODEL, CARD)},
    }
    text = json.dumps({**content, "digest": digest(content)}, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """Return the content of a folder's ``bundle.json``, if its format is known and its digest
    correct.

    Raises
    ------
    BundleError
        Otherwise, with the reason.
    """
    try:
        check_size((folder / MANIFEST).stat().st_size, f"{folder}: {MANIFEST}", LARGEST_JSON)
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(f"{folder} is not a bundle: it has no {MANIFEST}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"{folder}: {MANIFEST} cannot be read: {error}") from error
    if not isinstance(content, dict) or "featkit_bundle" not in content:
        raise BundleError(f"{folder} is not a bundle of featkit: its {MANIFEST} is something else")
    if content["featkit_bundle"] != FORMAT:
        raise BundleError(
            f"{folder} has format {content['featkit_bundle']!r}; this version of featkit reads "
            f"format {FORMAT}: it needs the version {_maker(content)}, or a later one"
        )
    claimed = content.pop("digest", None)
    if claimed != digest(content):
        raise BundleError(
            f"{folder}: {MANIFEST} was changed: its digest does not match its content"
        )
    wrong = [name for name, kind in PARTS.items() if not isinstance(content.get(name), kind)]
    if wrong or set(content["files"]) != {MODEL, CARD}:
        raise BundleError(f"{folder}: {MANIFEST} lacks or misstates {', '.join(wrong) or 'files'}")
    wrong = [
        f"{part}.{name}"
        for part, kinds in FIELDS.items()
        for name, kind in kinds.items()
        if not isinstance(content[part].get(name), kind)
    ]
    if "windows" in content and Windows.read(content["windows"]) is None:
        wrong.append("windows")
    if wrong or not all(isinstance(label, str) for label in content["classes"]):
        raise BundleError(f"{folder}: {MANIFEST} misstates {', '.join(wrong) or 'classes'}")
    return content


def _maker(content: dict[str, Any]) -> str:
    """Return the version of featkit that wrote a bundle, as far as it says."""
    versions = content.get("versions")
    return str(versions.get("featkit")) if isinstance(versions, dict) else "that wrote it"


def check_files(folder: Path, digests: dict[str, str]) -> None:
    """Raise BundleError for the first file of a bundle that is missing or was changed."""
    for name, expected in digests.items():
        if not (folder / name).is_file():
            raise BundleError(f"{folder}: the bundle's file {name} is missing")
        actual = sha256(folder / name)
        if actual != expected:
            raise BundleError(
                f"{folder}: {name} was changed: its SHA-256 is {actual[:16]}…, "
                f"{MANIFEST} says {expected[:16]}…"
            )


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a JSON object, whatever the order of its keys."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
