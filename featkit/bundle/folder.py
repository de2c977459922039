"""A bundle's folder: ``bundle.json``, ``classifier.skops`` and ``README.md``, written whole, and
read only if all of it is right.

``bundle.json`` has the SHA-256 of the other files and, as ``digest``, that of its own canonical
content: damage and edits are seen. It is no signature: whoever can compute a digest can make a
bundle, so that types and code are checked as well.
"""

import hashlib
import json
import os
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import skops.io

from featkit.bundle.card import card
from featkit.errors import BundleError, FeatkitError
from featkit.features import Feature, get_feature, texts
from featkit.naming import fingerprint
from featkit.naming.spec import parse
from featkit.nets import catalog

FORMAT = 1
MANIFEST, MODEL, CARD = "bundle.json", "classifier.skops", "README.md"
# Beyond what skops trusts by itself.
ALLOWED = frozenset(
    {
        "featkit.classifiers.elm.ELM",
        "featkit.classifiers.ensemble.Ensemble",
        "featkit.classifiers.knn.KNN",
        "featkit.classifiers.svm.SVMGrid",
        "featkit.classifiers._net.NetClassifier",
        "featkit.classifiers.deep_svm.DeepSVM",
        "featkit.classifiers.net_ensemble.MeanEnsemble",
        "featkit.classifiers.net_grid.NetGrid",
        "featkit.classifiers.segments.SegmentVoting",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.model_selection._split.PredefinedSplit",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
    }
)


def write(path: str | os.PathLike[str], classifier: Any, about: dict[str, Any]) -> None:
    """Write a bundle aside and rename it to ``path``.

    Raises
    ------
    BundleError
        If there is something at ``path`` that is neither an empty folder nor a bundle and nothing
        else.
    """
    target = Path(os.path.abspath(path))
    replaced = _replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        new = aside / "new"
        new.mkdir()
        skops.io.dump(classifier, new / MODEL)
        types = set(skops.io.get_untrusted_types(file=new / MODEL)) - ALLOWED
        outside = sorted({*types, *_outside(about["feature"]["text"]), *_code_of_nets(classifier)})
        (new / CARD).write_text(card(about, outside), encoding="utf-8")
        content = {
            "featkit_bundle": FORMAT,
            **about,
            "files": {name: _sha256(new / name) for name in (MODEL, CARD)},
        }
        text = json.dumps({**content, "digest": digest(content)}, indent=2, ensure_ascii=False)
        (new / MANIFEST).write_text(text + "\n", encoding="utf-8")
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
    about = manifest(place)
    for name, expected in about["files"].items():
        if not (place / name).is_file():
            raise BundleError(f"{place}: the bundle's file {name} is missing")
        found = _sha256(place / name)
        if found != expected:
            raise BundleError(
                f"{place}: {name} was changed: its SHA-256 is {found[:16]}…, bundle.json says {expected[:16]}…"
            )
    feature = _feature(place, about["feature"], trusted)
    classifier = _classifier(place, trusted)
    if [str(label) for label in getattr(classifier, "classes_", ())] != about["classes"]:
        raise BundleError(f"{place}: the classifier's classes are not those of bundle.json")
    return (
        feature,
        classifier,
        {
            key: value
            for key, value in about.items()
            if key not in ("featkit_bundle", "files", "digest")
        },
    )


def manifest(place: Path) -> dict[str, Any]:
    """Return the content of a folder's ``bundle.json``, if its format is known and its digest
    right.

    Raises
    ------
    BundleError
        Otherwise, with the reason.
    """
    try:
        content = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(f"{place} is no bundle: it has no {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise BundleError(f"{place}: {MANIFEST} cannot be read: {error}") from error
    if not isinstance(content, dict) or "featkit_bundle" not in content:
        raise BundleError(f"{place} is no bundle of featkit: its {MANIFEST} is something else")
    if content["featkit_bundle"] != FORMAT:
        raise BundleError(
            f"{place} has format {content['featkit_bundle']!r}; this version of featkit reads format {FORMAT}"
        )
    claimed = content.pop("digest", None)
    if claimed != digest(content):
        raise BundleError(f"{place}: {MANIFEST} was changed: its digest does not fit its content")
    parts = {
        "feature": dict,
        "classifier": dict,
        "classes": list,
        "data": dict,
        "versions": dict,
        "files": dict,
    }
    wrong = [name for name, kind in parts.items() if not isinstance(content.get(name), kind)]
    if wrong or set(content["files"]) != {MODEL, CARD}:
        raise BundleError(f"{place}: {MANIFEST} lacks or misstates {', '.join(wrong) or 'files'}")
    return content


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a JSON object, whatever the order of its keys."""
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def _feature(place: Path, front: dict[str, Any], trusted: Sequence[str]) -> Feature:
    text = str(front.get("text"))
    try:
        _check_outside(place, _outside(text), trusted)
        feature = get_feature(text)
        key = feature.key
    except BundleError:
        raise
    except FeatkitError as error:
        raise BundleError(
            f"{place}: this version of featkit cannot compute the bundle's feature {text}: {error}"
        ) from error
    if key != front.get("key"):
        raise BundleError(
            f"{place}: the feature {text} was {front.get('key')}; this version of featkit has {key}: train again"
        )
    code = f"{fingerprint.of_feature(feature):016x}"
    if code != front.get("code"):
        warnings.warn(
            f"{place}: the code of {text} is not that of training; its numbers may differ",
            stacklevel=4,
        )
    return feature


def _classifier(place: Path, trusted: Sequence[str]) -> Any:
    allowed = ALLOWED | set(trusted)
    try:
        untrusted = skops.io.get_untrusted_types(file=place / MODEL)
        strange = sorted(set(untrusted) - allowed)
        if strange:
            raise BundleError(
                f"{place}: {MODEL} holds types that are not trusted: {', '.join(strange)}"
            )
        classifier = skops.io.load(place / MODEL, trusted=untrusted)
        _check_outside(place, _code_of_nets(classifier), trusted)
    except BundleError:
        raise
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        ImportError,
        zipfile.BadZipFile,
    ) as error:
        raise BundleError(
            f"{place}: {MODEL} cannot be read: {type(error).__name__}: {error}"
        ) from error
    return classifier


def _outside(text: str) -> list[str]:
    """Return the code outside featkit that the feature ``text`` runs."""
    named = (parse(part) for part in texts(text))
    codes = (
        name if ":" in name else given.get("module", "") if name == "hear" else ""
        for name, given in named
    )
    return [code for code in codes if code]


def _code_of_nets(classifier: Any) -> list[str]:
    """Return the code outside featkit that nets inside a classifier run, as architecture or
    front-end.
    """
    nets = [part for part in map(vars, _parts(classifier, {})) if "arch" in part]
    names = list(filter(None, (catalog.outside(str(net["arch"])) for net in nets)))
    return names + [
        name for net in nets if net.get("front") for name in _outside(str(net["front"]))
    ]


def _check_outside(place: Path, names: Sequence[str], trusted: Sequence[str]) -> None:
    strange = sorted(set(names) - set(trusted))
    if strange:
        raise BundleError(
            f"{place}: the bundle runs code outside featkit that is not trusted: {', '.join(strange)}"
        )


def _parts(thing: Any, seen: dict[int, Any]) -> Iterator[Any]:
    """Yield every object with attributes inside ``thing``, itself included."""
    if id(thing) in seen or isinstance(thing, (str, bytes, int, float, type)):
        return
    seen[id(thing)] = thing
    inside: Any = ()
    if isinstance(thing, dict):
        inside = thing.values()
    elif isinstance(thing, (list, tuple, set, frozenset)):
        inside = thing
    elif hasattr(thing, "__dict__"):
        yield thing
        inside = vars(thing).values()
    for part in inside:
        yield from _parts(part, seen)


def _replaceable(target: Path) -> bool:
    """Return whether there is a folder to replace at ``target``."""
    if not target.exists():
        return False
    if not target.is_dir():
        raise BundleError(f"{target} is a file; a bundle is a folder")
    names = {item.name for item in target.iterdir()}
    if not names:
        return True
    try:
        manifest(target)
    except BundleError as error:
        raise BundleError(f"{target} is not empty and not overwritten: {error}") from error
    if names - {MANIFEST, MODEL, CARD}:
        raise BundleError(
            f"{target} is not overwritten: beside a bundle it holds {', '.join(sorted(names)[:5])}"
        )
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
