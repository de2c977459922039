"""What is fuzzed: good files of each kind, and the function of featkit that reads them."""

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import own_files
from mutations import MUTATIONS, TEXT_MUTATIONS, Mutation
from own_files import Read


@dataclass(frozen=True)
class Parser:
    """One kind of file.

    Attributes
    ----------
    seeds : callable
        Returns good files.
    read : callable
        As `Read`.
    mutations : sequence of callable
        How the files are damaged.
    keeps_size : bool
        Whether a smaller result is a silent loss.
    """

    seeds: Callable[[], list[bytes]]
    read: Read
    mutations: Sequence[Mutation] = MUTATIONS
    keeps_size: bool = False


def _audio(form: str, subtype: str | None, sr: int = 16_000) -> Parser:
    @lru_cache
    def seeds() -> list[bytes]:
        import soundfile

        rng = np.random.default_rng(0)
        files = []
        for seconds, channels in ((0.3, 1), (0.2, 2)):
            samples = 0.1 * rng.standard_normal((round(seconds * sr), channels))
            stream = io.BytesIO()
            soundfile.write(stream, samples, sr, format=form, subtype=subtype)
            files.append(stream.getvalue())
        return files

    return Parser(seeds, _decoded, keeps_size=True)


def _decoded(data: bytes, folder: Path) -> int:
    """Return the bytes of the samples that were decoded, of all channels; a changed number of
    channels loses none.
    """
    from featkit import audio

    samples = len(audio.decode(data).samples)
    return samples * audio.header(data).channels * _WIDTHS.get(_subtype(data), 1)


def _subtype(data: bytes) -> str:
    import soundfile

    try:
        return str(soundfile.info(io.BytesIO(data)).subtype)
    except soundfile.LibsndfileError:  # Chained or mended, so compressed.
        return ""


_WIDTHS = {
    "PCM_S8": 1, "PCM_U8": 1, "ULAW": 1, "ALAW": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4,
    "FLOAT": 4, "DOUBLE": 8,
}  # fmt: skip


def _esc10() -> list[bytes]:
    root = Path(os.environ.get("FEATKIT_ESC10", "/nowhere")) / "audio"
    return [path.read_bytes() for path in sorted(root.glob("*.ogg"))[::40]]


PARSERS: dict[str, Parser] = {
    "wav": _audio("WAV", "PCM_16"),
    "wav-float": _audio("WAV", "FLOAT"),
    "wav-adpcm": _audio("WAV", "IMA_ADPCM"),
    "rf64": _audio("RF64", "PCM_16"),
    "w64": _audio("W64", "PCM_16"),
    "aiff": _audio("AIFF", "PCM_24"),
    "au": _audio("AU", "PCM_16"),
    "caf": _audio("CAF", "PCM_16"),
    "alac": _audio("CAF", "ALAC_16"),
    "nist": _audio("NIST", "PCM_16"),
    "flac": _audio("FLAC", "PCM_16"),
    "mp3": _audio("MP3", None),
    "vorbis": _audio("OGG", "VORBIS"),
    "opus": _audio("OGG", "OPUS"),
    "esc10": Parser(_esc10, _decoded, keeps_size=True),
    "spec": Parser(own_files.specs, own_files.read_spec, TEXT_MUTATIONS),
    "csv": Parser(own_files.csv, own_files.table_reader("csv"), TEXT_MUTATIONS),
    "parquet": Parser(own_files.parquet, own_files.table_reader("parquet")),
    "yaml": Parser(lambda: [own_files.CONFIG.encode()], own_files.read_config, TEXT_MUTATIONS),
    "results": Parser(own_files.results, own_files.read_results, TEXT_MUTATIONS),
    "predictions": Parser(own_files.predictions, own_files.read_predictions, TEXT_MUTATIONS),
    "bundle": Parser(own_files.bundles, own_files.read_bundle),
}
