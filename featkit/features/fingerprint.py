"""The spectrogram that copies of a recording are recognised by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from featkit.features.base import registry
from featkit.features.logmel import Logmel


@registry.register
@dataclass(frozen=True)
class Fingerprint(Logmel):
    """Levels of 33 bands from 200 to 5000 Hz in windows of 0.37 s, 43 a second.

    Audio fingerprints after [Haitsma2002] are made from it: whether the difference between
    neighbouring bands rises or falls hardly depends on coding, and not at all on gain. Windows this
    long make a shift of half a frame harmless. `featkit inspect` compares clips by it; it is not
    meant for classifiers.

    Parameters
    ----------
    seconds, normalize, n_frames, fill, sr, n_fft, win_length, hop_length, n_mels, fmin, fmax
        As those of `Logmel`, with other defaults.
    scale, norm, power, pad_mode, log, floor, top_db
        As those of `Logmel`, with other defaults.
    """

    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {}

    sr: int = 11025
    n_fft: int = 4096
    hop_length: int = 256
    n_mels: int = 33
    fmin: float = 200.0
    fmax: float | None = 5000.0
    norm: Literal["area", "none"] = "none"
    top_db: float | None = None
