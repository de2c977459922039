"""The spectral front-ends in torch, on batches of clips of one length: what ``--device cuda`` runs.

Windows, filter matrices and scales come from `featkit.dsp`, which also holds the numpy definitions.
Inputs are float32 tensors (clips, samples) on any device; results stay there. They agree with the
numpy path to 1e-3 dB or ln units wherever a band exceeds the logarithm's floor. Neither librosa nor
numba is imported.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from featkit.audio import Signal
from featkit.dsp import cepstrum, gammatone, mel
from featkit.dsp import resize as resizing
from featkit.dsp.logarithm import DB_PER_NEPER, Scale
from featkit.dsp.stft import Stft, hann, lengthen
from featkit.errors import MissingDependencyError

Array = NDArray[np.float32]

# Samples in one batch: 72 clips of 5 s at 44.1 kHz, whose spectra take 0.6 GB at n_fft 4410 and hop
# 441.
BATCH_SAMPLES = 16_000_000


def on(array: NDArray[np.floating], like: Tensor) -> Tensor:
    """Return ``array`` as a float32 tensor on the device of ``like``."""
    return torch.from_numpy(np.array(array, dtype=np.float32)).to(like.device)


def pad(samples: Tensor, stft: Stft) -> Tensor:
    """Return clips padded on both sides as ``stft.pad_mode`` says; see `featkit.dsp.stft.pad`."""
    samples = functional.pad(samples, (0, max(0, stft.shortest - samples.shape[1])))
    mode = "reflect" if stft.pad_mode == "reflect" else "constant"
    return functional.pad(samples[:, None], stft.padding, mode=mode)[:, 0]


def power(samples: Tensor, stft: Stft) -> Tensor:
    """Return |X|², shape (clips, frames, bins); see `featkit.dsp.stft.power`."""
    padded = pad(samples, stft)
    window = on(hann(stft.win_length), samples)
    spectrum = torch.stft(
        padded,
        stft.n_fft,
        stft.hop_length,
        stft.win_length,
        window,
        center=False,
        onesided=True,
        return_complex=True,
    )
    return torch.view_as_real(spectrum).square().sum(-1).transpose(1, 2)


def mel_bands(spectrum: Tensor, bank: mel.MelBank) -> Tensor:
    """Return spectra (clips, frames, bins) in mel bands, (clips, frames, n_mels)."""
    return spectrum @ on(mel.filters(bank), spectrum).T


def logarithm(values: Tensor, scale: Scale) -> Tensor:
    """Return ``values`` (clips, frames, bands) on a logarithmic scale.

    The cut-off is relative to the largest value of each clip.
    """
    if scale.log == "none":
        return values
    if scale.log == "ln":
        return torch.log(values + scale.floor)
    decibels = torch.log(values.clamp(min=scale.floor)) * (2 / scale.power * DB_PER_NEPER)
    if scale.top_db is None:
        return decibels
    return torch.maximum(decibels, decibels.amax(dim=(1, 2), keepdim=True) - scale.top_db)


def log_mel(samples: Tensor, stft: Stft, bank: mel.MelBank, scale: Scale) -> Tensor:
    """Return log-mels, (clips, frames, n_mels), of magnitudes if ``scale.power`` is 1."""
    spectrum = power(samples, stft)
    return logarithm(mel_bands(spectrum.sqrt() if scale.power == 1 else spectrum, bank), scale)


def mfcc(
    samples: Tensor,
    stft: Stft,
    bank: mel.MelBank,
    scale: Scale,
    n_mfcc: int,
    n_frames: int = 0,
) -> Tensor:
    """Return cepstral coefficients, (clips, frames, n_mfcc).

    Frames of silence extend a clip of fewer than ``n_frames`` frames.
    """
    bands = mel_bands(power(samples, stft), bank)
    bands = functional.pad(bands, (0, 0, 0, max(0, n_frames - bands.shape[1])))
    return logarithm(bands, scale) @ on(cepstrum.dct_matrix(bank.n_mels, n_mfcc), samples).T


def statistics(frames: Tensor) -> Tensor:
    """Return mean and deviation over time of frames and of their first and second differences.

    From (clips, frames, n) to (clips, 6 · n), float32.
    """
    values, parts = frames.double(), []
    for _ in range(3):
        empty = values.new_zeros(values.shape[0], values.shape[2])
        some = values.shape[1] > 0
        parts += [values.mean(dim=1), values.std(dim=1, correction=0)] if some else [empty, empty]
        values = values.diff(dim=1)
    return torch.cat(parts, dim=1).float()


def multires_log_mel(
    samples: Tensor, stfts: Sequence[Stft], bank: mel.MelBank, offset: float, width: int
) -> Tensor:
    """Return log-mel images, (clips, resolutions, n_mels, width), resized to ``width`` columns."""
    channels = []
    for stft in stfts:
        rows = log_mel(samples, stft, bank, Scale("ln", offset, None))
        columns = on(resizing.matrix(rows.shape[1], width).toarray(), samples)
        channels.append((columns @ rows).transpose(1, 2))
    return torch.stack(channels, dim=1)


def gammatone_bands(samples: Tensor, stft: Stft, bank: gammatone.GammatoneBank) -> Tensor:
    """Return magnitudes under gammatone filters, (clips, frames, n_filters)."""
    return power(samples, stft).sqrt() @ on(gammatone.filters(bank), samples).T


def each(
    function: Callable[[Tensor], Tensor],
    signals: Sequence[Signal],
    samples_of: Callable[[Signal], Array],
    shortest: int,
    device: str,
) -> list[Array | Exception]:
    """Return one row, or the error that it raised, for each signal.

    ``function`` is called on batches of clips of equal length.

    Parameters
    ----------
    function : callable
        From samples (clips, n) to rows (clips, …), on the device.
    samples_of : callable
        From a signal to the samples that are analysed.
    shortest : int
        Shorter clips are extended with zeros to this many samples.
    device : str
        Name of a torch device.

    Raises
    ------
    MissingDependencyError
        If the device is CUDA and there is no such GPU.
    """
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise MissingDependencyError(
            f"device={device!r}, but torch {torch.__version__} finds no CUDA GPU here"
        )
    results: dict[int, Array | Exception] = {}
    groups: dict[int, list[tuple[int, Array]]] = {}
    for index, signal in enumerate(signals):
        try:
            samples = lengthen(samples_of(signal), shortest)
        except Exception as error:
            results[index] = error
        else:
            groups.setdefault(len(samples), []).append((index, samples))
    for n, members in groups.items():
        step = max(1, BATCH_SAMPLES // n)
        for start in range(0, len(members), step):
            part = members[start : start + step]
            for (index, _), row in zip(
                part, _rows(function, [samples for _, samples in part], device), strict=True
            ):
                results[index] = row
    return [results[index] for index in range(len(signals))]


def _rows(
    function: Callable[[Tensor], Tensor], batch: Sequence[Array], device: str
) -> Sequence[Array | Exception]:
    """Return the rows of one batch; an error counts for each of its clips."""
    try:
        with torch.inference_mode():
            rows: Sequence[Array] = (
                function(torch.from_numpy(np.stack(batch)).to(device)).cpu().numpy()
            )
            return rows
    except Exception as error:
        return [error] * len(batch)
