"""Power spectra of 16 frames at a time, compiled; `featkit.dsp.stft.power_plain` is the definition.

The samples of 16 windowed frames are laid side by side, so that every step is the same arithmetic
on 16 numbers. A frame of even length n is transformed as n / 2 complex numbers
z[t] = x[2t] + i · x[2t + 1]. With Z their transform,

    E = (Z[k] + Z*[n/2 − k]) / 2 and O = (Z[k] − Z*[n/2 − k]) / 2i,

the frame's transform is X[k] = E + exp(−2πi · k / n) · O, and
|X[n/2 − k]| = |E − exp(−2πi · k / n) · O|. A frame of odd length has zeros as imaginary parts.

The loop over a signal is one compiled function that releases the interpreter lock. Numba compiles
it on the first call, which takes seconds, and caches it on disk.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.dsp.bands import Bands
from featkit.dsp.butterflies import MAX_LENGTH, PLANE, compiled, fft, jit
from featkit.dsp.stft import LANES, SPARE, Power, Stft, hann

Floats = NDArray[np.float32]

_NO_PLACES = np.empty(0, dtype=np.int64)
_NO_BANDS = Bands(_NO_PLACES, _NO_PLACES, _NO_PLACES, np.empty(0, dtype=np.float32))
_NO_POWER = np.empty((0, 0, LANES), dtype=np.float32)
_NO_SUMS = np.empty((0, 0), dtype=np.float32)


def factors(n: int) -> list[int]:
    """Return the radices among 7, 5, 4, 2 and 3 whose product is ``n``; empty if there are none."""
    radices = []
    for radix in (7, 5, 4, 2, 3):
        while n % radix == 0 and n > 1:
            radices.append(radix)
            n //= radix
    return radices if n == 1 else []


def supports(n_fft: int) -> bool:
    """Return whether frames of ``n_fft`` samples can be transformed by this module."""
    n = n_fft if n_fft % 2 else n_fft // 2
    return n <= MAX_LENGTH and bool(factors(n))


@lru_cache(maxsize=32)
def plan(n_fft: int) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Return radices, twiddles and turns of `fft`, and exp(−2πi · k / n_fft) for k ≤ n_fft / 4."""
    n = n_fft if n_fft % 2 else n_fft // 2
    radices, angles, m = factors(n), [], 1
    for r in radices:
        angles.append(-2 * np.pi * np.outer(np.arange(m), np.arange(1, r)).ravel() / (r * m))
        m *= r
    turns = np.outer(1 / np.maximum(np.arange(8), 1), 2 * np.pi * np.arange(7))
    rotation = -2 * np.pi * np.arange(n // 2 + 1) / n_fft
    return np.array(radices), _circle(np.concatenate(angles)), _circle(turns), _circle(rotation)


def _circle(angle: NDArray[np.float64]) -> Floats:
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1).astype(np.float32)


@lru_cache(maxsize=32)
def _framing(stft: Stft) -> tuple[int, int, Floats, int]:
    """Return hop, n_fft, the window, and where in a frame it starts.

    The window is cut to start at an even sample and, unless n_fft is odd, to have even length.
    """
    first = stft.left - stft.left % 2
    last = stft.left + stft.win_length
    window = hann(stft.win_length, stft.n_fft)[first : last + last % 2]
    return stft.hop_length, stft.n_fft, np.ascontiguousarray(window), first


def power(padded: Floats, stft: Stft) -> Power:
    """Return the power spectrogram of a padded signal."""
    n_frames = _frames(padded, stft)
    out = np.empty((-(-n_frames // LANES), stft.n_bins + SPARE, LANES), dtype=np.float32)
    out[:, -SPARE:] = 0
    fill(padded, _framing(stft), plan(stft.n_fft), _NO_BANDS.arrays, out, _NO_SUMS)
    return Power(out, n_frames)


def band_power(padded: Floats, stft: Stft, bands: Bands) -> Floats:
    """Return the band sums of a padded signal's power spectrogram, shape (frames, bands), without
    storing the spectrogram.
    """
    out = np.empty((_frames(padded, stft), len(bands.first)), dtype=np.float32)
    fill(padded, _framing(stft), plan(stft.n_fft), bands.arrays, _NO_POWER, out)
    return out


def sums(power: Power, bands: Bands) -> Floats:
    """Return the band sums of a power spectrogram, shape (frames, bands)."""
    out = np.empty((power.n_frames, len(bands.first)), dtype=np.float32)
    fill_sums(power.lanes, bands.arrays, out)
    return out


def _frames(padded: Floats, stft: Stft) -> int:
    return 1 + (len(padded) - stft.n_fft) // stft.hop_length


@compiled  # type: ignore[untyped-decorator]
def fill(padded: Any, framing: Any, plan: Any, bands: Any, powers: Any, summed: Any) -> None:
    """Fill ``powers`` (batches, rows, LANES) with a power spectrogram or, if it is empty,
    ``summed`` with its band sums.
    """
    hop, n_fft, window, first = framing
    radices, twiddles, turns, rotation = plan
    x, y = np.empty(2 * PLANE, dtype=np.float32), np.empty(2 * PLANE, dtype=np.float32)
    part = np.zeros((n_fft // 2 + 1 + SPARE, LANES), dtype=np.float32)
    n_frames = 1 + (len(padded) - n_fft) // hop
    for start in range(0, n_frames, LANES):
        gather(padded, window, first, hop, n_fft, start, n_frames, x)
        transforms = fft(x, y, n_fft if n_fft % 2 else n_fft // 2, radices, twiddles, turns)
        if len(powers):
            squares(transforms, n_fft, rotation, powers[start // LANES])
        else:
            squares(transforms, n_fft, rotation, part)
            add_bands(part, bands, summed[start : start + LANES])


@compiled  # type: ignore[untyped-decorator]
def fill_sums(powers: Any, bands: Any, summed: Any) -> None:
    """Fill ``summed`` (frames, bands) with the band sums of ``powers`` (batches, rows, LANES)."""
    for batch in range(len(powers)):
        add_bands(powers[batch], bands, summed[batch * LANES : (batch + 1) * LANES])


@jit  # type: ignore[untyped-decorator]
def gather(
    padded: Any, window: Any, first: Any, hop: Any, n_fft: Any, start: Any, n_frames: Any, x: Any
) -> None:
    """Fill ``x`` with windowed frames ``start`` to ``start`` + LANES − 1; past the end, the last
    frame is repeated.
    """
    step = 1 if n_fft % 2 else 2
    n = np.uint64(n_fft // step * LANES)
    if len(window) < n_fft or step == 1:
        x[:n] = 0
        x[PLANE : PLANE + n] = 0
    for lane in range(LANES):
        at = min(start + lane, n_frames - 1) * hop + first
        to = first // step * LANES + lane
        if step == 1:
            for j in range(len(window)):
                x[np.uint64(to + j * LANES)] = padded[np.uint64(at + j)] * window[j]
        else:
            for j in range(0, len(window), 2):
                k = np.uint64(to + j // 2 * LANES)
                x[k] = padded[np.uint64(at + j)] * window[j]
                x[k + PLANE] = padded[np.uint64(at + j + 1)] * window[j + 1]


@jit  # type: ignore[untyped-decorator]
def squares(z: Any, n_fft: Any, rotation: Any, out: Any) -> None:
    """Fill the first n_fft // 2 + 1 rows of ``out`` with the power of the frames whose transforms
    ``z`` holds.
    """
    if n_fft % 2:
        for k in range(n_fft // 2 + 1):
            for lane in range(LANES):
                a = np.uint64(k * LANES + lane)
                out[k, lane] = z[a] * z[a] + z[a + PLANE] * z[a + PLANE]
        return
    n = n_fft // 2
    quarter = np.float32(0.25)
    for k in range(n // 2 + 1):
        c, s = rotation[k, 0], rotation[k, 1]
        other = n - k
        for lane in range(LANES):
            a = np.uint64(k * LANES + lane)
            b = np.uint64(other % n * LANES + lane)
            er, ei = z[a] + z[b], z[a + PLANE] - z[b + PLANE]
            dr, di = z[a + PLANE] + z[b + PLANE], z[b] - z[a]
            tr, ti = c * dr - s * di, c * di + s * dr
            out[k, lane] = quarter * ((er + tr) * (er + tr) + (ei + ti) * (ei + ti))
            out[other, lane] = quarter * ((er - tr) * (er - tr) + (ei - ti) * (ei - ti))


@jit  # type: ignore[untyped-decorator]
def add_bands(power: Any, bands: Any, out: Any) -> None:
    """Fill out[l, b] with the weighted sum of power[first[b] : last[b], l]; the lengths of the
    stretches are multiples of 4.
    """
    first, last, offset, weights = bands
    total = np.empty(LANES, dtype=np.float32)
    for b in range(len(first)):
        total[:] = 0
        w = offset[b]
        for k in range(first[b], last[b], 4):
            w0, w1, w2, w3 = weights[w], weights[w + 1], weights[w + 2], weights[w + 3]
            for lane in range(LANES):
                total[lane] += (
                    w0 * power[k, lane]
                    + w1 * power[k + 1, lane]
                    + w2 * power[k + 2, lane]
                    + w3 * power[k + 3, lane]
                )
            w += 4
        for lane in range(len(out)):
            out[lane, b] = total[lane]
