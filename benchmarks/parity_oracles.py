"""What `parity` compares: for each representation, featkit's values and those of an oracle."""

from collections.abc import Callable
from typing import Any

import librosa
import numpy as np
from PIL import Image
from scipy import signal as scipy_signal

from featkit.audio import Signal
from featkit.dsp import delta
from featkit.dsp.gammatone import GammatoneBank
from featkit.features import get_feature

Pair = Callable[[Signal], tuple[Any, Any]]


def double(values: Any) -> Any:
    """Return values in double precision."""
    return np.asarray(values, dtype=np.float64)


def mel_bands(y: Any, feature: Any, **options: Any) -> Any:
    """Return librosa's mel bands in double precision, (bands, frames)."""
    return librosa.feature.melspectrogram(
        y=double(y),
        sr=feature.sr,
        n_fft=feature.n_fft,
        hop_length=feature.hop_length,
        n_mels=feature.n_mels,
        **options,
    )


def analysed(signal: Signal, feature: Any) -> Any:
    """Return the samples that a feature analyses: all, or padded or cut to its ``seconds``."""
    y = signal.at(feature.sr)
    if feature.seconds is None:
        return y
    return librosa.util.fix_length(y, size=round(feature.seconds * feature.sr))


def logmel(preset: str) -> Pair:
    """Compare a preset of logmel with librosa's bands and logarithm."""
    feature = get_feature(f"logmel:preset={preset}")
    options = {key: getattr(feature, key) for key in ("floor", "top_db")}

    def pair(signal: Signal) -> tuple[Any, Any]:
        y = analysed(signal, feature)
        if preset == "torchaudio":
            bands = mel_bands(y, feature, win_length=1102, htk=True, norm=None, pad_mode="reflect")
            theirs = np.log(bands + options["floor"])
        else:
            bands = mel_bands(y, feature, pad_mode=feature.pad_mode)  # type: ignore[attr-defined]
            theirs = librosa.power_to_db(bands, amin=options["floor"], top_db=options["top_db"])
        row = feature(signal)
        return row, theirs.T[: len(row)]

    return pair


def multires(signal: Signal) -> tuple[Any, Any]:
    """Compare the image with librosa's bands (HTK, height 1), ln, and Pillow's bilinear resize.

    At an even n_fft, librosa's bins are torchaudio's; an odd one is compared with values that
    torchaudio made (`golden_torchaudio`), in the tests.
    """
    images = []
    for win, hop in ((1102, 441), (2205, 1102), (4410, 2205)):
        bands = librosa.feature.melspectrogram(
            y=double(signal.at(44_100)),
            sr=44_100,
            n_fft=4410,
            win_length=win,
            hop_length=hop,
            n_mels=128,
            htk=True,
            norm=None,
            pad_mode="reflect",
        )
        image = Image.fromarray(np.log(bands + 1e-6).astype(np.float32))
        images.append(np.asarray(image.resize((250, 128), Image.Resampling.BILINEAR)))
    return get_feature("multires_logmel")(signal), np.stack(images)


def mfcc(preset: str) -> Pair:
    """Compare with librosa's coefficients."""
    feature: Any = get_feature(f"mfcc:preset={preset}")
    return lambda signal: (
        feature(signal),
        librosa.feature.mfcc(
            y=double(analysed(signal, feature)), sr=feature.sr, n_mfcc=40, pad_mode="reflect"
        ).T,
    )


def mfcc_stats(text: str) -> Pair:
    """Compare with statistics of librosa's coefficients."""
    feature: Any = get_feature(text)

    def pair(signal: Signal) -> tuple[Any, Any]:
        y, parts = double(signal.at(12_000)), []
        frames = librosa.feature.mfcc(y=y, sr=12_000, n_mfcc=20, pad_mode=feature.pad_mode)
        for _ in range(3):
            parts += [frames.mean(axis=1), frames.std(axis=1)]
            frames = np.diff(frames, axis=1)
        return feature(signal), np.concatenate(parts)

    return pair


def spectrogram(signal: Signal) -> tuple[Any, Any]:
    """Compare with librosa's transform, within 60 dB of the loudest value."""
    power = (
        np.abs(
            librosa.stft(double(signal.at(22_050)), n_fft=2048, hop_length=512, pad_mode="reflect")
        )
        ** 2
    )
    theirs = librosa.power_to_db(power, amin=1e-10, top_db=80.0).T
    strong = theirs > theirs.max() - 60
    return get_feature("spectrogram")(signal)[strong], theirs[strong]


def cqt(signal: Signal) -> tuple[Any, Any]:
    """Compare with the direct sum, within 20 of the largest value."""
    n, sr, columns = 4096, 44_100, []
    padded = np.pad(double(signal.at(sr)), n // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, n)[::512]
    for frequency in 220.0 * 2 ** (np.arange(64) / 12):
        length = int(np.ceil(sr / frequency / (2 ** (1 / 12) - 1)))
        window = scipy_signal.get_window("hann", length)
        start = n // 2 - length // 2 - length % 2
        kernel = window / window.sum() * np.exp(-2j * np.pi * frequency * np.arange(length) / sr)
        columns.append(np.abs(frames[:, start : start + length] @ kernel) * np.sqrt(length))
    theirs = 10 * np.log10(np.maximum(np.array(columns).T, 1e-10))
    strong = theirs > theirs.max() - 20
    return get_feature("cqt")(signal)[strong], theirs[strong]


def cqt_librosa(signal: Signal) -> tuple[Any, Any]:
    """Compare with librosa's recursive transform, within 10 of the largest value.

    20 frames at each end are left out.
    """
    y = double(signal.at(44_100))
    magnitude = np.abs(
        librosa.cqt(y, sr=44_100, fmin=220, n_bins=64, sparsity=0, pad_mode="reflect", tuning=0.0)
    ).T
    theirs = 10 * np.log10(np.maximum(magnitude, 1e-10))[20:-20]
    strong = theirs > theirs.max() - 10
    return get_feature("cqt")(signal)[20:-20][strong], theirs[strong]


def gammatone(text: str) -> Pair:
    """Compare with scipy's spectrogram of integers, weighted by the filters."""
    feature: Any = get_feature(text)

    def pair(signal: Signal) -> tuple[Any, Any]:
        y = double(analysed(signal, feature))
        if feature.pad_mode == "reflect":
            y = np.pad(y, feature.n_fft // 2, mode="reflect")
        _, _, magnitude = scipy_signal.spectrogram(
            y * 2.0 ** (feature.bits - 1),
            44_100,
            "hann",
            nperseg=feature.win_length,
            noverlap=feature.win_length - feature.hop_length,
            nfft=feature.n_fft,
            detrend=False,
            scaling="density",
            mode="magnitude",
        )
        bands = GammatoneBank(44_100, feature.n_fft).matrix() @ magnitude / feature.n_fft
        return feature(signal), np.maximum(20 * np.log10(np.maximum(bands, 1e-20)), -50.0).T

    return pair


def delta_of(kind: str) -> Pair:
    """Compare a definition of deltas of MFCCs with its oracle."""

    def pair(signal: Signal) -> tuple[Any, Any]:
        x = double(get_feature("mfcc")(signal))
        if kind == "plain":
            return delta.plain(x), x[1:] - x[:-1]
        if kind == "librosa":
            return delta.regression(x), librosa.feature.delta(x, axis=0)
        edges = np.concatenate([np.zeros((3, x.shape[1])), np.repeat(x[:1], 5, axis=0), x])
        theirs = sum((4 - k) * edges[8 - k : 8 - k + len(x)] for k in range(9))
        return delta.librosa031(x), theirs

    return pair


def waveform(signal: Signal) -> tuple[Any, Any]:
    """Compare with librosa's resampling by the same method."""
    theirs = librosa.resample(
        signal.samples, orig_sr=signal.sr, target_sr=22_050, res_type="soxr_hq"
    )
    return get_feature("waveform")(signal), theirs
