"""What features of one clip share."""

from featkit.audio import Signal
from featkit.dsp.spectra import power
from featkit.dsp.stft import Power, Stft


def shared_power(signal: Signal, sr: int, stft: Stft) -> Power:
    """Return the power spectrogram of ``signal`` at ``sr`` Hz, computed once for all features that
    ask for the same.
    """
    return signal.memo(("power", sr, stft), lambda: power(signal.at(sr), stft))
