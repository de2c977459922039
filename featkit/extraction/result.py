"""What an extraction did."""

from dataclasses import dataclass
from typing import Any

from featkit.extraction.task import Failure
from featkit.naming import display


@dataclass(frozen=True)
class Counts:
    """What was done for one feature, in clips."""

    name: str
    computed: int
    skipped: int
    failed: int


@dataclass(frozen=True)
class Report:
    """What an extraction did.

    Attributes
    ----------
    store : str
        Path of the store.
    features : dict of str to Counts
        By the feature's key.
    failures : tuple of Failure
        One line per clip and stage.
    seconds, audio_seconds : float
        Wall-clock time; length of the audio that was decoded.
    """

    store: str
    features: dict[str, Counts]
    failures: tuple[Failure, ...]
    seconds: float
    audio_seconds: float
    clips: int

    def __repr__(self) -> str:
        features = display.counted(len(self.features), "feature")
        failed = display.counted(len(self.failures), "failure")
        return f"Report({display.place(self.store)!r}, {features} of {self.clips} clips, {failed})"

    def _repr_html_(self) -> str:
        rows = [(c.name, c.computed, c.skipped, c.failed) for c in self.features.values()]
        failures = [(f.path, f.stage, f.error) for f in self.failures]
        return display.page(
            f"Extracted to {display.place(self.store)}",
            display.table(("feature", "computed", "there already", "failed"), rows),
            display.table(("file", "stage", "error"), failures) if failures else "",
        )

    @property
    def failed_fraction(self) -> float:
        """Fraction of the clips that failed for at least one feature."""
        return len({failure.id for failure in self.failures}) / max(1, self.clips)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, as ``featkit extract --json`` prints it."""
        features = {
            key: {
                "name": counts.name,
                "computed": counts.computed,
                "skipped": counts.skipped,
                "failed": counts.failed,
            }
            for key, counts in self.features.items()
        }
        failures = [
            {"id": f.id, "path": f.path, "stage": f.stage, "error": f.error} for f in self.failures
        ]
        return {
            "store": self.store,
            "features": features,
            "failures": failures,
            "seconds": round(self.seconds, 3),
            "audio_seconds": round(self.audio_seconds, 3),
        }
