"""Ten kinds of sound, made from numbers: the classes of the synthetic set.

Each sound is a function ``(source, take, n, sr) -> samples``: ``source`` draws what all takes of
one recording session share (the engine, the drum kit, the bell), ``take`` what differs between
clips. Both are `numpy.random.Generator`.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Sound = Callable[[np.random.Generator, np.random.Generator, int, int], Array]


def noise(
    take: np.random.Generator, n: int, sr: int, low: float, high: float, slope: float
) -> Array:
    """Return ``n`` samples of noise from ``low`` to ``high`` Hz that falls by ``slope`` dB per
    octave, with an RMS of 1.
    """
    frequencies = np.fft.rfftfreq(n, 1 / sr)
    gain = np.maximum(frequencies, 20.0) ** (-slope / 6.02)
    # Second-order edges: −12 dB per octave outside the band.
    gain /= np.sqrt(
        (1 + (low / np.maximum(frequencies, 1.0)) ** 4) * (1 + (frequencies / high) ** 4)
    )
    shaped = np.fft.irfft(gain * np.fft.rfft(take.standard_normal(n)), n)
    return np.asarray(shaped / np.sqrt(np.mean(shaped**2)))


def glide(frequency: Array, sr: int, harmonics: Array) -> Array:
    """Return a tone of varying ``frequency`` in Hz; ``harmonics`` are the amplitudes at 1, 2, 3 …
    times it.
    """
    phase = 2 * np.pi * np.cumsum(frequency) / sr
    # sin((k+1)x) = 2 cos(x) sin(kx) − sin((k−1)x): one sine and one cosine serve all harmonics.
    twice, before, current = 2 * np.cos(phase), np.zeros(len(phase)), np.sin(phase)
    out = np.zeros(len(phase))
    for k, amplitude in enumerate(harmonics, start=1):
        if k * frequency.max() < sr / 2:
            out += amplitude * current
            before, current = current, twice * current - before
    return out


def decay(n: int, sr: int, seconds: float) -> Array:
    """Return e^(−t / seconds)."""
    return np.asarray(np.exp(-np.arange(n) / (sr * seconds)))


def struck(n: int, sr: int, frequencies: Array, amplitudes: Array, seconds: Array) -> Array:
    """Return a sum of partials that start together and decay, each with its own time constant in
    seconds.
    """
    keep = frequencies < 0.45 * sr
    rate = (2j * np.pi * frequencies[keep] - 1 / seconds[keep]) / sr
    # With t = 256 a + b, e^(rate t) = e^(256 rate a) e^(rate b): few exponentials and one product.
    coarse = amplitudes[keep] * np.exp(np.outer(np.arange(0, n, 256), rate))
    fine = np.exp(np.outer(rate, np.arange(256)))
    return np.asarray((coarse @ fine).imag.reshape(-1)[:n])


def place(n: int, events: list[tuple[float, float, Array]], sr: int) -> Array:
    """Return ``n`` samples, the sum of events (start in seconds, gain, samples)."""
    out = np.zeros(n)
    for start, gain, samples in events:
        first = round(start * sr)
        if 0 <= first < n:
            part = samples[: n - first]
            out[first : first + len(part)] += gain * part
    return out


def beats(take: np.random.Generator, seconds: float, period: float, jitter: float) -> Array:
    """Return the times of beats from a random phase on; each deviates by a normal error of
    ``jitter`` periods.
    """
    times = np.arange(take.uniform(0, period), seconds, period)
    return np.asarray(np.maximum(times + take.normal(0, jitter * period, len(times)), 0.0))


def rain(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
    """Steady hiss with drops of short noise."""
    low, high, slope = source.uniform(150, 900), source.uniform(5000, 9000), source.uniform(0.5, 4)
    density, size = source.uniform(15, 120), source.uniform(0.004, 0.02)
    drop = noise(source, round(0.06 * sr), sr, 1200, 8000, 0) * decay(round(0.06 * sr), sr, size)
    count = take.poisson(density * n / sr)
    drops = place(
        n,
        [
            (t, g, drop)
            for t, g in zip(take.uniform(0, n / sr, count), take.exponential(1, count), strict=True)
        ],
        sr,
    )
    return noise(take, n, sr, low, high, slope) + source.uniform(0.3, 1.5) * drops


def wind(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
    """Noise whose loudness rises and falls slowly."""
    low, high, slope = source.uniform(60, 400), source.uniform(800, 5000), source.uniform(1, 5)
    rate, depth = source.uniform(0.3, 1.2), source.uniform(0.4, 0.9)
    t = np.arange(n) / sr
    gust = 1 - depth * (0.5 + 0.5 * np.sin(2 * np.pi * (rate * t + take.random())))
    return noise(take, n, sr, low, high, slope) * gust


def engine(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
    """Harmonics of a slow, wobbling turn, beating at the firing rate, with exhaust noise."""
    turn, wobble = source.uniform(22, 75), source.uniform(0.01, 0.06)
    harmonics: Array = source.uniform(0.2, 1, 40) * np.arange(1.0, 41.0) ** -source.uniform(
        0.3, 1.1
    )
    t = np.arange(n) / sr
    frequency = (
        turn
        * take.uniform(0.9, 1.1)
        * (1 + wobble * np.sin(2 * np.pi * (source.uniform(0.5, 3) * t + take.random())))
    )
    tone = glide(frequency, sr, harmonics)
    fire = 1 + source.uniform(0.2, 0.8) * np.sin(np.pi * np.cumsum(frequency) / sr)
    return tone * fire + source.uniform(0.3, 1.5) * noise(
        take, n, sr, 60, source.uniform(600, 4000), 2
    )


def ticks(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
    """A clockwork: short resonant clicks, every other one slightly different."""
    period, ring = source.uniform(0.12, 0.5), source.uniform(0.003, 0.03)
    length = round(0.15 * sr)
    clicks = [
        struck(
            length, sr, source.uniform(700, 5000, 4), source.uniform(0.2, 1, 4), np.full(4, ring)
        )
        for _ in range(2)
    ]
    times = beats(take, n / sr, period, 0.01)
    return place(n, [(t, take.uniform(0.7, 1), clicks[k % 2]) for k, t in enumerate(times)], sr)


def siren(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
    """A tone that sweeps up and down."""
    centre, depth, rate = (
        source.uniform(450, 1500),
        source.uniform(0.15, 0.6),
        source.uniform(0.3, 3.5),
    )
    harmonics: Array = np.arange(1.0, 9.0) ** -source.uniform(0.6, 2.5)
    cycle = 2 * np.pi * (rate * np.arange(n) / sr + take.random())
    swing = np.sin(cycle) if source.random() < 0.5 else 2 / np.pi * np.arcsin(np.sin(cycle))
    return glide(centre * take.uniform(0.95, 1.05) * 2 ** (depth * swing), sr, harmonics)


def birds(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
    """Phrases of short chirps that slide in pitch."""
    centre, slide, length = (
        source.uniform(1500, 4500),
        source.uniform(-0.7, 0.7),
        source.uniform(0.04, 0.2),
    )
    samples = round(length * sr)
    shape = np.hanning(samples)
    harmonics = np.array([1, source.uniform(0, 0.4), source.uniform(0, 0.2)])
    times = beats(take, n / sr, length * source.uniform(1.2, 4), 0.2)
    chirps = []
    for t in times[take.random(len(times)) < 0.8]:
        frequency = centre * 2 ** (slide * np.linspace(-0.5, 0.5, samples) + take.normal(0, 0.08))
        chirps.append((t, take.uniform(0.4, 1), shape * glide(frequency, sr, harmonics)))
    return place(n, chirps, sr)


def melody(take: np.random.Generator, n: int, sr: int, times: Array, notes: list[Array]) -> Array:
    """Return notes drawn at random, one at each time, with random loudness."""
    chosen = take.integers(len(notes), size=len(times))
    gains = take.uniform(0.4, 1, len(times))
    return place(n, [(t, g, notes[k]) for t, g, k in zip(times, gains, chosen, strict=True)], sr)


def strings(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
    """Plucked strings: harmonic notes of a pentatonic scale whose upper partials fade first."""
    root, period, bright = (
        source.uniform(80, 250),
        source.uniform(0.15, 0.5),
        source.uniform(0.6, 1.6),
    )
    k = np.arange(1.0, 19.0)
    seconds = source.uniform(0.15, 0.6) / k ** source.uniform(0.4, 0.9)
    # A string plucked at 1/p of its length lacks every p-th harmonic.
    pluck = np.abs(np.sin(np.pi * k / source.uniform(3, 8))) * k**-bright
    scale = root * 2 ** (np.array([0, 2, 4, 7, 9, 12]) / 12)
    notes = [struck(sr, sr, pitch * k, pluck, seconds) for pitch in scale]
    return melody(take, n, sr, beats(take, n / sr, period, 0.05), notes)


def bells(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
    """Struck metal: inharmonic partials with long decays."""
    root, period = source.uniform(400, 1300), source.uniform(0.25, 0.9)
    ratios = np.array([0.5, 1.0, 1.19, 1.5, 2.0, 2.74, 3.0, 3.76, 4.07, 5.4]) * source.uniform(
        0.97, 1.03, 10
    )
    amplitudes, seconds = source.uniform(0.1, 1, 10), source.uniform(0.4, 2.0) / np.sqrt(ratios)
    notes = [
        struck(2 * sr, sr, root * 2 ** (step / 12) * ratios, amplitudes, seconds)
        for step in (0, 3, 7)
    ]
    return melody(take, n, sr, beats(take, n / sr, period, 0.1), notes)


def drums(low: float, high: float) -> Sound:
    """Return the sound of a drum kit at a tempo between ``low`` and ``high`` beats a minute."""

    def kit(source: np.random.Generator, take: np.random.Generator, n: int, sr: int) -> Array:
        length = round(0.35 * sr)
        drop = source.uniform(45, 70) * (1 + source.uniform(0.5, 2) * decay(length, sr, 0.03))
        kick = glide(drop, sr, np.array([1.0, 0.3])) * decay(length, sr, source.uniform(0.06, 0.2))
        snare = noise(source, length, sr, 300, 6000, 1) * decay(
            length, sr, source.uniform(0.03, 0.12)
        )
        hat = noise(source, length, sr, 5000, 10000, 0) * decay(
            length, sr, source.uniform(0.01, 0.05)
        )
        period = 60 / source.uniform(low, high)
        hits: list[tuple[float, float, Array]] = []
        for k, t in enumerate(beats(take, n / sr, period, 0.01)):
            hits += [(t, 1.0, snare if k % 2 else kick), (t + period / 2, 0.5, hat), (t, 0.3, hat)]
        return place(n, hits, sr)

    return kit


SOUNDS: dict[str, Sound] = {
    "bells": bells,
    "birds": birds,
    "drums_fast": drums(125, 190),
    "drums_slow": drums(60, 100),
    "engine": engine,
    "rain": rain,
    "siren": siren,
    "strings": strings,
    "ticks": ticks,
    "wind": wind,
}
