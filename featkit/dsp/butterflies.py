"""The passes of a mixed-radix FFT over many signals at once, one signal in each vector lane.

A pass of radix r is the decimation-in-time step of Stockham's self-sorting FFT (Swarztrauber 1984,
"FFT algorithms for vector computers"): with j, k < r, p < m, i < s and ω = exp(−2πi / (r · m)),

    y[k, p, i] = Σ_j exp(−2πi · jk / r) · ω^(jp) · x[p, j, i],

where i runs over the values that later passes will transform, with the signals innermost.
``w[p, j − 1]`` holds ω^(jp) and ``turn[j]`` holds exp(2πi · j / r), both as (cosine, sine). An
array holds its real parts from 0 on and its imaginary parts from `PLANE` on.

The loops are written so that the compiler vectorises them. To prove that stores do not overlap
loads it compares them pairwise, at most 128 times per loop, and falls back to one lane at a time
beyond that. So twiddles are loaded outside the inner loop, and the outputs of radix 5 and 7, which
come in conjugate pairs h and r − h, are computed one pair at a time. Indices are unsigned because
negative ones would count from the end.
"""

from typing import Any

import numba
import numpy as np

from featkit.dsp.stft import LANES

# `jit` functions are inlined into their callers; `compiled` ones are called from Python.
jit = numba.njit(nogil=True, fastmath=True, error_model="numpy", inline="always")
compiled = numba.njit(nogil=True, fastmath=True, error_model="numpy", cache=True)

MAX_LENGTH = 8192
# A few cache lines off a power of two, so that real and imaginary parts do not compete for the same
# cache lines.
PLANE = np.uint64(MAX_LENGTH * LANES + 48)
_2, _3, _4, _5, _6, _7 = (np.uint64(number) for number in range(2, 8))


@jit  # type: ignore[untyped-decorator]
def pass2(x: Any, y: Any, w: Any, m: Any, s: Any) -> None:
    """One pass of radix 2."""
    t = s * m
    for p in range(m):
        w1r, w1i = w[p, 0, 0], w[p, 0, 1]
        for i in range(s):
            q, k = p * s * _2 + i, p * s + i
            ar, ai, br, bi = x[q], x[q + PLANE], x[q + s], x[q + s + PLANE]
            br, bi = br * w1r - bi * w1i, br * w1i + bi * w1r
            y[k], y[k + PLANE] = ar + br, ai + bi
            y[k + t], y[k + t + PLANE] = ar - br, ai - bi


# Compiled on its own: inlined into `fft`, its loop stays scalar.
@compiled  # type: ignore[untyped-decorator]
def pass3(x: Any, y: Any, w: Any, m: Any, s: Any, turn: Any) -> None:
    """One pass of radix 3."""
    t = s * m
    c1, s1 = turn[1, 0], turn[1, 1]
    for p in range(m):
        w1r, w1i, w2r, w2i = w[p, 0, 0], w[p, 0, 1], w[p, 1, 0], w[p, 1, 1]
        for i in range(s):
            q, k = p * s * _3 + i, p * s + i
            ar, ai, br, bi, cr, ci = (
                x[q],
                x[q + PLANE],
                x[q + s],
                x[q + s + PLANE],
                x[q + _2 * s],
                x[q + _2 * s + PLANE],
            )
            br, bi = br * w1r - bi * w1i, br * w1i + bi * w1r
            cr, ci = cr * w2r - ci * w2i, cr * w2i + ci * w2r
            ur, ui, vr, vi = (
                ar + c1 * (br + cr),
                ai + c1 * (bi + ci),
                s1 * (br - cr),
                s1 * (bi - ci),
            )
            y[k], y[k + PLANE] = ar + br + cr, ai + bi + ci
            y[k + t], y[k + t + PLANE] = ur + vi, ui - vr
            y[k + _2 * t], y[k + _2 * t + PLANE] = ur - vi, ui + vr


@jit  # type: ignore[untyped-decorator]
def pass4(x: Any, y: Any, w: Any, m: Any, s: Any) -> None:
    """One pass of radix 4."""
    t = s * m
    for p in range(m):
        w1r, w1i, w2r, w2i, w3r, w3i = (
            w[p, 0, 0],
            w[p, 0, 1],
            w[p, 1, 0],
            w[p, 1, 1],
            w[p, 2, 0],
            w[p, 2, 1],
        )
        for i in range(s):
            q, k = p * s * _4 + i, p * s + i
            ar, ai, br, bi = x[q], x[q + PLANE], x[q + s], x[q + s + PLANE]
            cr, ci, dr, di = (
                x[q + _2 * s],
                x[q + _2 * s + PLANE],
                x[q + _3 * s],
                x[q + _3 * s + PLANE],
            )
            br, bi = br * w1r - bi * w1i, br * w1i + bi * w1r
            cr, ci = cr * w2r - ci * w2i, cr * w2i + ci * w2r
            dr, di = dr * w3r - di * w3i, dr * w3i + di * w3r
            er, ei, fr, fi = ar + cr, ai + ci, ar - cr, ai - ci
            ur, ui, vr, vi = br + dr, bi + di, br - dr, bi - di
            y[k], y[k + PLANE] = er + ur, ei + ui
            y[k + t], y[k + t + PLANE] = fr + vi, fi - vr
            y[k + _2 * t], y[k + _2 * t + PLANE] = er - ur, ei - ui
            y[k + _3 * t], y[k + _3 * t + PLANE] = fr - vi, fi + vr


@jit  # type: ignore[untyped-decorator]
def pass5(x: Any, y: Any, w: Any, m: Any, s: Any, turn: Any) -> None:
    """One pass of radix 5."""
    t = s * m
    for h in range(1, 3):
        low, high, twice = np.uint64(h) * t, (_5 - np.uint64(h)) * t, _2 * np.uint64(h) % _5
        c1, s1, c2, s2 = turn[h, 0], turn[h, 1], turn[twice, 0], turn[twice, 1]
        for p in range(m):
            w1r, w1i, w2r, w2i = w[p, 0, 0], w[p, 0, 1], w[p, 1, 0], w[p, 1, 1]
            w3r, w3i, w4r, w4i = w[p, 2, 0], w[p, 2, 1], w[p, 3, 0], w[p, 3, 1]
            for i in range(s):
                q, k = p * s * _5 + i, p * s + i
                ar, ai, br, bi = x[q], x[q + PLANE], x[q + s], x[q + s + PLANE]
                cr, ci, dr, di = (
                    x[q + _2 * s],
                    x[q + _2 * s + PLANE],
                    x[q + _3 * s],
                    x[q + _3 * s + PLANE],
                )
                er, ei = x[q + _4 * s], x[q + _4 * s + PLANE]
                br, bi = br * w1r - bi * w1i, br * w1i + bi * w1r
                cr, ci = cr * w2r - ci * w2i, cr * w2i + ci * w2r
                dr, di = dr * w3r - di * w3i, dr * w3i + di * w3r
                er, ei = er * w4r - ei * w4i, er * w4i + ei * w4r
                ur, ui = ar + c1 * (br + er) + c2 * (cr + dr), ai + c1 * (bi + ei) + c2 * (ci + di)
                vr, vi = s1 * (br - er) + s2 * (cr - dr), s1 * (bi - ei) + s2 * (ci - di)
                y[k], y[k + PLANE] = ar + br + cr + dr + er, ai + bi + ci + di + ei
                y[low + k], y[low + k + PLANE] = ur + vi, ui - vr
                y[high + k], y[high + k + PLANE] = ur - vi, ui + vr


@jit  # type: ignore[untyped-decorator]
def pass7(x: Any, y: Any, w: Any, m: Any, s: Any, turn: Any) -> None:
    """One pass of radix 7."""
    t = s * m
    for h in range(1, 4):
        low, high = np.uint64(h) * t, (_7 - np.uint64(h)) * t
        twice, thrice = _2 * np.uint64(h) % _7, _3 * np.uint64(h) % _7
        c1, s1, c2, s2, c3, s3 = (
            turn[h, 0],
            turn[h, 1],
            turn[twice, 0],
            turn[twice, 1],
            turn[thrice, 0],
            turn[thrice, 1],
        )
        for p in range(m):
            w1r, w1i, w2r, w2i, w3r, w3i = (
                w[p, 0, 0],
                w[p, 0, 1],
                w[p, 1, 0],
                w[p, 1, 1],
                w[p, 2, 0],
                w[p, 2, 1],
            )
            w4r, w4i, w5r, w5i, w6r, w6i = (
                w[p, 3, 0],
                w[p, 3, 1],
                w[p, 4, 0],
                w[p, 4, 1],
                w[p, 5, 0],
                w[p, 5, 1],
            )
            for i in range(s):
                q, k = p * s * _7 + i, p * s + i
                ar, ai, br, bi = x[q], x[q + PLANE], x[q + s], x[q + s + PLANE]
                cr, ci, dr, di = (
                    x[q + _2 * s],
                    x[q + _2 * s + PLANE],
                    x[q + _3 * s],
                    x[q + _3 * s + PLANE],
                )
                er, ei, fr, fi = (
                    x[q + _4 * s],
                    x[q + _4 * s + PLANE],
                    x[q + _5 * s],
                    x[q + _5 * s + PLANE],
                )
                gr, gi = x[q + _6 * s], x[q + _6 * s + PLANE]
                br, bi = br * w1r - bi * w1i, br * w1i + bi * w1r
                cr, ci = cr * w2r - ci * w2i, cr * w2i + ci * w2r
                dr, di = dr * w3r - di * w3i, dr * w3i + di * w3r
                er, ei = er * w4r - ei * w4i, er * w4i + ei * w4r
                fr, fi = fr * w5r - fi * w5i, fr * w5i + fi * w5r
                gr, gi = gr * w6r - gi * w6i, gr * w6i + gi * w6r
                ur, ui = (
                    ar + c1 * (br + gr) + c2 * (cr + fr) + c3 * (dr + er),
                    ai + c1 * (bi + gi) + c2 * (ci + fi) + c3 * (di + ei),
                )
                vr, vi = (
                    s1 * (br - gr) + s2 * (cr - fr) + s3 * (dr - er),
                    s1 * (bi - gi) + s2 * (ci - fi) + s3 * (di - ei),
                )
                y[k], y[k + PLANE] = (
                    ar + br + cr + dr + er + fr + gr,
                    ai + bi + ci + di + ei + fi + gi,
                )
                y[low + k], y[low + k + PLANE] = ur + vi, ui - vr
                y[high + k], y[high + k + PLANE] = ur - vi, ui + vr


@jit  # type: ignore[untyped-decorator]
def fft(x: Any, y: Any, n: Any, radices: Any, twiddles: Any, turns: Any) -> Any:
    """Return whichever of ``x`` and ``y`` holds the transforms of the `LANES` signals in ``x``,
    ``n`` values of each.

    Value t of signal l is at t · LANES + l; both arrays are overwritten. The ``radices`` are 2, 3,
    4, 5 or 7 and multiply to ``n``, ``twiddles`` holds the ``w`` of each pass in turn, and turns[r]
    is the ``turn`` of radix r.
    """
    m, at = 1, 0
    for r in radices:
        size = m * (r - 1)
        w = twiddles[at : at + size].reshape((m, r - 1, 2))
        p, s = np.uint64(m), np.uint64(n // (m * r) * LANES)
        if r == 2:
            pass2(x, y, w, p, s)
        elif r == 3:
            pass3(x, y, w, p, s, turns[3])
        elif r == 4:
            pass4(x, y, w, p, s)
        elif r == 5:
            pass5(x, y, w, p, s, turns[5])
        else:
            pass7(x, y, w, p, s, turns[7])
        x, y = y, x
        m *= r
        at += size
    return x
