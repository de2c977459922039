"""A bundle's folder: ``bundle.json``, ``classifier.skops`` and ``README.md``, written whole, and
read only if all of it checks out.

``bundle.json`` has the SHA-256 of the other files and, as ``digest``, that of its own canonical
content: damage and edits are seen. It is not a signature: whoever can compute a digest can make a
bundle, so types and code are checked as well.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from featkit.bundle import manifest, sizes, trust
from featkit.bundle.card import card
from featkit.bundle.manifest import CARD, MANIFEST, MODEL
from featkit.bundle.migration import migrated
from featkit.bundle.persistence import io
from featkit.errors import BundleError, FeatkitError
from featkit.features import Feature, get_feature, lineage
from featkit.naming import outside, spec
from featkit.naming.plugins import reason


def write(
    path: str | os.PathLike[str], classifier: Any, about: dict[str, Any], overwrite: bool = False
) -> None:
    """Write a bundle aside and rename it to ``path``.

    Raises
    ------
    BundleError
        As `check_place`.
    """
    target = Path(os.path.abspath(path))
    replaced = check_place(target, overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        new = aside / "new"
        new.mkdir()
        io.dump(classifier, new / MODEL)
        strangers = {
            *trust.untrusted(io.get_untrusted_types(file=new / MODEL)),
            *trust.code_of_feature(about["feature"]["text"]),
            *trust.code_of_nets(classifier),
        }
        (new / CARD).write_text(card(about, sorted(strangers)), encoding="utf-8")
        manifest.write(new, about)
        if replaced:
            target.rename(aside / "old")
        try:
            new.rename(target)
        except OSError:
            if replaced:
                (aside / "old").rename(target)
            raise
    finally:
        shutil.rmtree(aside)


def read(
    path: str | os.PathLike[str], trusted: Sequence[str] = ()
) -> tuple[Feature, Any, dict[str, Any]]:
    """Return the feature, the fitted classifier and what ``bundle.json`` says, after all checks.

    Raises
    ------
    BundleError
        See `featkit.bundle.Bundle.load`.
    """
    place = Path(path)
    about = manifest.read(place)
    manifest.check_files(place, about["files"])
    feature = _feature(place, about["feature"], trusted)
    classifier = _classifier(place, trusted)
    if [str(label) for label in getattr(classifier, "classes_", ())] != about["classes"]:
        raise BundleError(f"{place}: the classifier's classes are not those of {MANIFEST}")
    beside = ("featkit_bundle", "files")
    return feature, classifier, {key: about[key] for key in about if key not in beside}


def _feature(place: Path, front: dict[str, Any], trusted: Sequence[str]) -> Feature:
    text = str(front.get("text"))
    try:
        _check_outside(trust.code_of_feature(text), trusted)
        feature = get_feature(text)
        if feature.key != front.get("key"):
            feature = _successor(front) or feature
    except BundleError as error:
        raise BundleError(f"{place}: {error}") from error
    except FeatkitError as error:
        raise BundleError(
            f"{place}: this version of featkit cannot compute the bundle's feature {text}: {error}"
        ) from error
    if feature.key != front.get("key") and _successor(front) is None:
        raise BundleError(
            f"{place}: the feature {text} was {front.get('key')}; "
            f"this version of featkit has {feature.key}: train again"
        )
    if front.get("code") not in {f"{code:016x}" for code in lineage.accepted(feature)}:
        warnings.warn(
            f"{place}: the code of {text} is not that of training; its numbers may differ",
            stacklevel=4,
        )
    return feature


def _successor(front: dict[str, Any]) -> Feature | None:
    """Return today's feature with the rows of the one that the bundle was trained on, if it is of
    an earlier version.
    """
    specification = front["spec"]
    name = str(specification.get("name")).rpartition(":")[2]
    if front.get("key") != f"{name}-{spec.digest(specification)}":
        return None
    return lineage.successor(specification)


def _classifier(place: Path, trusted: Sequence[str]) -> Any:
    try:
        sizes.check_size((place / MODEL).stat().st_size, MODEL)
        data = (place / MODEL).read_bytes()
        sizes.check_archive(data, MODEL)
        data = migrated(data)
        types = io.get_untrusted_types(data=data)
        if strange := trust.untrusted(types, trusted):
            raise BundleError(
                f"{MODEL} holds types that are not trusted: {', '.join(strange)}; {_how(strange)}"
            )
        classifier = io.loads(data, trusted=types)
        _check_outside(trust.code_of_nets(classifier), trusted)
    except FeatkitError as error:
        raise BundleError(f"{place}: {error}") from error
    except Exception as error:  # A damaged file makes skops raise errors of every kind.
        raise BundleError(f"{place}: {MODEL} cannot be read: {reason(error)}") from error
    return classifier


def _check_outside(names: Sequence[str], trusted: Sequence[str]) -> None:
    strange = sorted({name for name in names if not outside.covers(trusted, name)})
    if strange:
        raise BundleError(
            f"the bundle runs code outside featkit that is not trusted: {', '.join(strange)}; "
            f"{_how(strange)}"
        )


def _how(names: Sequence[str]) -> str:
    """Return how names are trusted."""
    options = " ".join(f"--trust {name}" for name in names)
    return f"if you trust whoever wrote it, load it with trusted={list(names)} ({options})"


def check_place(path: str | os.PathLike[str], overwrite: bool = False) -> bool:
    """Return whether there is a folder to replace at ``path``.

    Raises
    ------
    BundleError
        If there is something at ``path`` that is neither an empty folder nor, with ``overwrite``, a
        bundle and nothing else.
    """
    target = Path(os.path.abspath(path))
    if not target.exists():
        return False
    if not target.is_dir():
        raise BundleError(f"{target} is a file; a bundle is a folder")
    names = {item.name for item in target.iterdir()}
    if not names:
        return True
    try:
        manifest.read(target)
    except BundleError as error:
        raise BundleError(f"{target} is not empty and not overwritten: {error}") from error
    if names - {MANIFEST, MODEL, CARD}:
        others = ", ".join(sorted(names)[:5])
        raise BundleError(f"{target} is not overwritten: beside a bundle it holds {others}")
    if not overwrite:
        raise BundleError(
            f"{target} holds a bundle already; overwrite=True (--overwrite) replaces it"
        )
    return True
