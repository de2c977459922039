"""Which code computes a feature, and which earlier code computed the same rows.

A row keeps the fingerprint of the code that made it, so that an edit is seen even where the
feature's version was not raised. An edit that leaves every number as it was is no reason to compute
rows again: `ANCESTORS` lists the fingerprints of such earlier code, and
``tests/features/test_lineage.py`` proves that today's code still gives what it gave.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from featkit.features.base import Feature
from featkit.features.joining import Joined, get_feature
from featkit.naming import spec
from featkit.naming.fingerprint import of_module

# What every feature shares without the stored rows depending on it.
NEUTRAL = frozenset(
    f"featkit.features{name}" for name in ("", ".base", ".joining", ".lineage", ".pooling")
)

# Name and version of a feature: fingerprints of earlier code with equal rows, the newest last.
# When the numbers change, raise the feature's version: its ancestors then no longer apply.
ANCESTORS: dict[tuple[str, int], tuple[int, ...]] = {
    ("cqt", 1): (0x43505B5B32260F46,),
    ("gammatone", 2): (0xAC07947C1E44553B,),
    ("hear", 1): (0x2AF77D4A7240BC70,),
    ("logmel", 1): (0x7BC393526D231F11,),
    ("mfcc", 1): (0x0EE01D07DFB05160,),
    ("mfcc_stats", 1): (0x847F49A0D180A5C3,),
    ("multires_logmel", 2): (0x0179C07DD417F023,),
    ("random_cnn", 1): (0x3513C0E79E0E8EEA, 0x50818E26FCC2D94A),
    ("random_filters", 1): (0x99C95FB7BA907A9E,),
    ("spectrogram", 1): (0x4C8B15665121C9E0,),
    ("waveform", 1): (0x6815A44406D0CBB9,),
}


def fingerprint(feature: Feature) -> int:
    """Return 64 bits that identify the source code behind ``feature`` and its parts."""
    codes = [fingerprint(part) for part in feature.parts]
    if not feature.virtual:
        codes = [of_module(type(feature).__module__, neutral=NEUTRAL), *codes]
    return _joined(codes) if feature.parts else codes[0]


def accepted(feature: Feature) -> tuple[int, ...]:
    """Return the fingerprints of all code that gives the rows of ``feature``: today's, then its
    ancestors'.
    """
    parts = [accepted(part) for part in feature.parts]
    if feature.virtual:
        return tuple(map(_joined, product(*parts)))
    # Names of code outside featkit have a colon, so none of it is listed.
    own = of_module(type(feature).__module__, neutral=NEUTRAL)
    codes = own, *ANCESTORS.get((feature.name, feature.version), ())
    return tuple(map(_joined, product(codes, *parts))) if parts else codes


def successor(specification: Mapping[str, Any]) -> Feature | None:
    """Return today's feature with the rows of an earlier version; None if there is none, or if the
    specification is of today's version.

    >>> old = {"name": "gammatone", "version": 1, "params": {"sr": 44100, "n_filters": 32}}
    >>> successor(old).canonical
    'gammatone:n_filters=32,bits=16'
    """
    name, params = specification["name"], dict(specification["params"])
    if name == "joined":
        parts = [successor(part) or _same(part) for part in params["parts"]]
        known = [part for part in parts if part is not None]
        return Joined(tuple(known)) if len(known) == len(parts) else None
    match name, specification["version"]:
        case "gammatone", 1:
            return get_feature(name, **params, bits=16)
        # Only spectra of an odd n_fft = sr / 10 have changed.
        case "multires_logmel", 1 if round(params["sr"] / 10) % 2 == 0:
            return get_feature(name, **params)
    return None


def _same(specification: Mapping[str, Any]) -> Feature | None:
    """Return the feature of a specification of today's version."""
    feature = get_feature(specification["name"], **specification["params"])
    return feature if feature.key.endswith(spec.digest(specification)) else None


def _joined(codes: Sequence[int]) -> int:
    text = " ".join(map(str, codes))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
