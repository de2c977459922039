"""A feature of recordings that were changed on purpose: ``feature@intervention``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from featkit.audio import Signal
from featkit.audio.interventions import Intervention, parse
from featkit.errors import ParameterError
from featkit.features.base import Array, Feature, single
from featkit.features.wrapping import Wrapping
from featkit.naming.plugins import FAULTS, as_exception

SIGN = "@"


@dataclass(frozen=True)
class Intervened(Wrapping):
    """A feature after an `Intervention`; everything but the samples is as the feature has it.

    Parameters
    ----------
    feature : Feature
    intervention : Intervention
    """

    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {}

    feature: Feature
    intervention: Intervention

    @property
    def name(self) -> str:
        """``intervened``."""
        return "intervened"

    @property
    def canonical(self) -> str:
        """The text that gives this feature."""
        return f"{self.feature.canonical}{SIGN}{self.intervention.text}"

    @property
    def spec(self) -> dict[str, object]:
        """The specification of the feature, and the intervention."""
        params = {"feature": self.feature.spec, "intervention": self.intervention.text}
        return {"name": self.name, "params": params, "version": self.version}

    @property
    def units(self) -> str:  # type: ignore[override]
        """Those of the feature."""
        return self.feature.units

    def __call__(self, signal: Signal) -> Array:
        """Return the feature of one changed clip."""
        return self.feature(self.intervention(signal))

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return one array, or the error that it raised, for each signal."""
        changed: list[Signal | Exception] = []
        for signal in signals:
            try:
                changed.append(self.intervention(signal))
            except FAULTS as error:
                changed.append(as_exception(error))
        rows = iter(
            self.feature.compute([one for one in changed if isinstance(one, Signal)], device)
        )
        return [next(rows) if isinstance(one, Signal) else one for one in changed]


def part(text: str, params: Mapping[str, object]) -> Feature:
    """Return the feature that ``name:key=value,…`` or ``name:key=value,…@intervention`` describes.

    Raises
    ------
    ParameterError
        For an unknown name, field, preset, value or intervention.
    """
    inner, sign, changes = split(text)
    feature = single(inner, params)
    return Intervened(feature, parse(changes)) if sign else feature


def split(text: str) -> tuple[str, str, str]:
    """Return the feature, the sign ``@`` where there is an intervention, and the intervention.

    A path among the parameters may hold the sign too.

    >>> split("mfcc_stats@highpass=20"), split("hear:weights=/a@b/c.pt")
    (('mfcc_stats', '@', 'highpass=20'), ('hear:weights=/a@b/c.pt', '', ''))
    """
    inner, sign, changes = text.rpartition(SIGN)
    if not sign or "/" in changes or "." in changes.partition("=")[0]:
        return text, "", ""
    if not inner:
        raise ParameterError(f"{text!r} names no feature; expected feature{SIGN}intervention")
    return inner, sign, changes


def intervened(text: str, intervention: str) -> str:
    """Return the text of a single feature after an intervention.

    Raises
    ------
    ParameterError
        If the intervention is unknown, or the feature has one.
    """
    if split(text)[1]:
        raise ParameterError(f"{text!r} is computed from changed recordings already")
    return f"{text}{SIGN}{parse(intervention).text}"
