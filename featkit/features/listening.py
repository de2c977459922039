"""Features as layers of a net, by nnAudio: gradients flow to their kernels and to the samples."""

import torch
from nnAudio.features.stft import STFT
from torch import Tensor, nn

from featkit.dsp import mel
from featkit.dsp.logarithm import DB_PER_NEPER, Scale
from featkit.dsp.stft import Stft
from featkit.errors import ParameterError
from featkit.features.cqt import Cqt
from featkit.features.joining import get_feature
from featkit.features.logmel import Logmel
from featkit.features.spectrogram import Spectrogram
from featkit.nets import cqt_layer, spectra

# Least power under a root or logarithm of magnitudes: a root has no slope at 0. The square of the
# CQT's floor.
_LEAST = 1e-20


class Listening(nn.Module):  # type: ignore[misc]
    """A feature of waveforms as a layer: samples (B, n) → rows (B, frames, values), those of the
    feature to rounding.

    Convolutions take the place of the Fourier transform, in full float32 whatever the precision of
    the net behind them.

    Parameters
    ----------
    front : str
        FEATURE text: ``logmel``, ``spectrogram`` or ``cqt`` with any of their parameters but
        ``n_frames``.
    sr : int
        Rate of the samples in Hz; must be the feature's.
    trainable : bool
        Whether the kernels (and a log-mel's filters) are learned with the net; gradients reach the
        samples either way.

    Raises
    ------
    ParameterError
        For another feature, a length rule, or another rate.
    """

    def __init__(self, front: str, sr: int, trainable: bool = False) -> None:
        super().__init__()
        feature = get_feature(front)
        if not isinstance(feature, (Logmel, Spectrogram, Cqt)):
            raise ParameterError(
                f"front={front} cannot be a layer; inside= works with logmel, spectrogram and cqt"
            )
        if feature.sr != sr:
            raise ParameterError(
                f"front={front} is for {feature.sr} Hz, but sr={sr}; inside a net nothing resamples"
            )
        if feature.n_frames is not None or feature.seconds is not None:
            raise ParameterError(
                f"front={front} sets n_frames or seconds; inside a net the waveform's n_samples "
                "decides the length"
            )
        if feature.normalize != "none":
            raise ParameterError(
                f"front={front} normalises the level; inside a net the samples stay as they are"
            )
        self.layer = _layer(feature, trainable)
        for module in [] if trainable else self.layer.modules():
            for name, buffer in list(module.named_buffers(recurse=False)):
                # Made anew from the FEATURE text, so not part of a stored net.
                module.register_buffer(name, buffer, persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """Return the rows of ``samples``, time first."""
        exact = torch.backends.cudnn.flags(allow_tf32=False)
        with torch.autocast(samples.device.type, enabled=False), exact:
            rows: Tensor = self.layer(samples.float())
        return rows

    def shape(self, n_samples: int) -> tuple[int, ...]:
        """Return the shape of the row of a waveform of ``n_samples``."""
        with torch.inference_mode():
            return tuple(self(torch.zeros(1, n_samples)).shape[1:])


class _Spectrum(nn.Module):  # type: ignore[misc]
    """|X|² by nnAudio's STFT, (B, n) → (B, frames, bins)."""

    def __init__(self, stft: Stft, trainable: bool) -> None:
        super().__init__()
        self.numbers = stft
        lengths = {
            "n_fft": stft.n_fft,
            "win_length": stft.win_length,
            "hop_length": stft.hop_length,
        }
        self.stft = STFT(
            **lengths, center=False, trainable=trainable, output_format="Complex", verbose=False
        )

    def forward(self, samples: Tensor) -> Tensor:
        return self.stft(spectra.pad(samples, self.numbers)).square().sum(-1).transpose(1, 2)


class _Mel(nn.Module):  # type: ignore[misc]
    """Mel bands of a power or magnitude spectrum, (B, frames, bins) → (B, frames, n_mels); learned
    ones keep their edges.
    """

    def __init__(self, bank: mel.MelBank, power: int, trainable: bool) -> None:
        super().__init__()
        self.power = power
        filters = torch.from_numpy(mel.filters(bank).T.copy())
        if trainable:
            self.filters = nn.Parameter(filters)
        else:
            self.register_buffer("filters", filters)

    def forward(self, power: Tensor) -> Tensor:
        # A learned weight may fall below zero, which has no logarithm: its magnitude counts.
        return (power if self.power == 2 else power.clamp(min=_LEAST).sqrt()) @ self.filters.abs()


class _Log(nn.Module):  # type: ignore[misc]
    """`featkit.nets.spectra.logarithm`."""

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, values: Tensor) -> Tensor:
        return spectra.logarithm(values, self.scale)


class _Cqt(nn.Module):  # type: ignore[misc]
    """nnAudio's constant-Q transform on its logarithmic scale, (B, n) → (B, frames, n_bins)."""

    def __init__(self, feature: Cqt, trainable: bool) -> None:
        super().__init__()
        self.cqt = cqt_layer.make(**feature.kernels(), trainable=trainable)

    def forward(self, samples: Tensor) -> Tensor:
        spectrum = self.cqt(cqt_layer.lengthened(samples, self.cqt), output_format="Complex")
        return spectrum.square().sum(-1).clamp(min=_LEAST).log().transpose(1, 2) * (
            DB_PER_NEPER / 2
        )


def _layer(feature: Logmel | Spectrogram | Cqt, trainable: bool) -> nn.Module:
    if isinstance(feature, Cqt):
        return _Cqt(feature, trainable)
    spectrum, scale = _Spectrum(feature.stft(), trainable), _Log(feature.log_scale())
    if isinstance(feature, Spectrogram):
        return nn.Sequential(spectrum, scale)
    return nn.Sequential(spectrum, _Mel(feature.bank(), feature.power, trainable), scale)
