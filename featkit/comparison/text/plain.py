"""A comparison in the types that JSON has."""

import math
from dataclasses import asdict
from typing import Any

from featkit.comparison.findings import Findings

_PLAIN = (
    *("systems", "tests", "variance", "interventions", "failures", "notes"),
    *("baseline", "all_pairs"),
)


def as_dict(findings: Findings) -> dict[str, Any]:
    """Return the findings as a dict; numbers that are not finite become None."""
    whole = {name: getattr(findings, name) for name in _PLAIN}
    whole["rankings"] = [asdict(ranking) for ranking in findings.rankings]
    plain: dict[str, Any] = _finite(whole)
    return plain


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
