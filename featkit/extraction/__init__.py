"""How a store is filled: plan what is due, run one task per block of clips under Dask, report."""

from featkit.extraction.cutting import as_rows
from featkit.extraction.estimate import estimate
from featkit.extraction.job import extract, resolve_features
from featkit.extraction.result import Counts, Report
from featkit.extraction.standing import outdated
from featkit.extraction.status import failures, status
from featkit.extraction.target import check_target

__all__ = [
    "Counts",
    "Report",
    "as_rows",
    "check_target",
    "estimate",
    "extract",
    "failures",
    "outdated",
    "resolve_features",
    "status",
]
