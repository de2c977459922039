"""Make docs/gallery.md and its pictures of a synthetic sound: ``python benchmarks/gallery.py``."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from featkit.audio import Signal
from featkit.features import get_feature, registry

DOCS = Path(__file__).resolve().parents[1] / "docs"
SECONDS, SR = 3.0, 44_100

# A feature that needs a file of its user cannot be drawn here.
WITHOUT_PICTURE = {
    "hear": "Needs a net of your own (`hear:module=NAME,weights=FILE`), so there is no picture."
}


def sound() -> Signal:
    """Return 3 s of sound: a glide from 220 Hz to 7 kHz, a tone of 1 kHz from 1 to 2 s, clicks at
    0.5, 1.5 and 2.5 s, and faint noise.
    """
    time = np.arange(round(SECONDS * SR)) / SR
    rate = np.log(7000 / 220) / SECONDS
    samples = 0.2 * np.sin(2 * np.pi * 220 / rate * np.expm1(rate * time))
    samples += 0.3 * np.sin(2 * np.pi * 1000 * time) * ((time >= 1) & (time < 2))
    samples += 1e-3 * np.random.default_rng(0).standard_normal(len(time))
    samples[[round(second * SR) for second in (0.5, 1.5, 2.5)]] = 0.9
    return Signal(samples.astype(np.float32), SR)


def picture(name: str, signal: Signal, folder: Path) -> Path:
    """Draw one feature with its defaults into ``folder`` and return the file."""
    from featkit.report import pictures

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    figure = pictures.draw(get_feature(name), signal)
    figure.savefig(path, format="png", dpi=50, pil_kwargs={"optimize": True})
    _fewer_colours(path)
    return path


def _fewer_colours(path: Path) -> None:
    from PIL import Image

    with Image.open(path) as image:
        small = image.convert("RGB").quantize(64)
    small.save(path, optimize=True)


def page(names: Sequence[str]) -> str:
    """Return the text of docs/gallery.md: each feature of ``names`` described and drawn."""
    from featkit.naming.registry import describe

    lines = [
        "# Gallery",
        "",
        "Made by `benchmarks/gallery.py`: every feature with its defaults, for",
        f"{SECONDS:g} s of synthetic sound: a glide from 220 Hz to 7 kHz, a tone of 1 kHz from",
        "1 to 2 s, and clicks at 0.5, 1.5 and 2.5 s. To draw a recording of your own:",
        "",
        "```sh",
        "featkit features show logmel:preset=torchaudio --audio FILE --out picture.png",
        "```",
    ]
    for name in names:
        shown = WITHOUT_PICTURE.get(name, f"![{name}](gallery/{name}.png)")
        lines += ["", f"## {name}", "", describe(registry.get(name)), "", shown]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page and its pictures."""
    signal = sound()
    for name in registry.names():
        if name not in WITHOUT_PICTURE:
            sys.stdout.write(f"{picture(name, signal, DOCS / 'gallery')}\n")
    (DOCS / "gallery.md").write_text(page(registry.names()), encoding="utf-8")


if __name__ == "__main__":
    main()
