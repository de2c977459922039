"""Extraction against librosa: the standard pack as whole processes, and single representations in
memory.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from timing import against, command

PACK = ("multires_logmel", "mfcc_stats", "logmel:preset=elmarc")


def standard_pack(esc10: Path, scratch: Path, copies: int = 1, wav: bool = False) -> dict[str, Any]:
    """The three features of the pack from one decode, written to the store, 2 workers, start of the
    process included.
    """
    audio = audio_tree(esc10, scratch, copies, wav)
    store, peer = scratch / "pack.zarr", scratch / "peer"
    flags = [item for feature in PACK for item in ("-f", feature)]
    ours = command(
        [
            sys.executable,
            "-m",
            "featkit_cli",
            "extract",
            str(audio.parent),
            *flags,
            "--store",
            str(store),
            "-j",
            "2",
        ]
    )
    theirs = command(
        [sys.executable, str(Path(__file__).with_name("peer.py")), str(audio), str(peer)]
    )
    clips = len(list(audio.iterdir()))
    kind = "PCM WAV" if wav else "ogg"
    must = 2.5 if wav else 2.0 if copies == 1 else 2.4
    name = f"standard pack, {clips} {kind} clips, whole process: librosa + joblib / featkit"
    return against(
        name, ours, theirs, must=must, reset=lambda: shutil.rmtree(store, ignore_errors=True)
    )


def audio_tree(esc10: Path, scratch: Path, copies: int, wav: bool) -> Path:
    """Return a folder-per-class tree with one class, holding ``copies`` of each clip, as ogg or
    16-bit WAV.
    """
    import soundfile

    folder = scratch / f"audio-{copies}-{'wav' if wav else 'ogg'}" / "all"
    if not folder.exists():
        folder.mkdir(parents=True)
        for file in sorted((esc10 / "audio").iterdir()):
            for copy in range(copies):
                target = folder / f"{file.stem}-{copy}{'.wav' if wav else file.suffix}"
                if wav:
                    samples, sr = soundfile.read(file)
                    soundfile.write(target, samples, sr, subtype="PCM_16")
                else:
                    shutil.copy(file, target)
    return folder


def in_memory(esc10: Path, count: int = 40) -> list[dict[str, Any]]:
    """Each representation against librosa, decoded audio in memory, one thread."""
    import librosa
    from peer import WINDOWS_MS
    from threadpoolctl import threadpool_limits

    from featkit.audio import Signal, load
    from featkit.features import get_feature

    signals = [load(file) for file in sorted((esc10 / "audio").iterdir())[:count]]

    def fresh() -> list[Signal]:
        return [Signal(signal.samples, signal.sr) for signal in signals]

    def multires(y: Any) -> None:
        from PIL import Image

        for window, hop in WINDOWS_MS:
            lengths = {"win_length": round(44.1 * window), "hop_length": round(44.1 * hop)}
            mel = librosa.feature.melspectrogram(
                y=y, sr=44100, n_fft=4410, n_mels=128, htk=True, norm=None, **lengths
            )
            np.asarray(
                Image.fromarray(np.log(mel + 1e-6)).resize((250, 128), Image.Resampling.BILINEAR)
            )

    def mfcc_stats(y: Any) -> None:
        low = librosa.resample(y, orig_sr=44100, target_sr=12000)
        coefficients = librosa.feature.mfcc(y=low, sr=12000, n_mfcc=20)
        for part in (coefficients, np.diff(coefficients), np.diff(coefficients, n=2)):
            part.mean(1), part.std(1)

    def elmarc(y: Any) -> None:
        low = librosa.resample(y, orig_sr=44100, target_sr=12000)
        librosa.power_to_db(
            librosa.feature.melspectrogram(y=low, sr=12000, n_fft=512, hop_length=256, n_mels=96)
        )

    def mfcc(y: Any) -> None:
        librosa.feature.mfcc(
            y=librosa.resample(y, orig_sr=44100, target_sr=12000), sr=12000, n_mfcc=20
        )

    def spectrogram(y: Any) -> None:
        librosa.power_to_db(np.abs(librosa.stft(y, n_fft=2048, hop_length=512)) ** 2)

    def cqt(y: Any) -> None:
        np.abs(librosa.cqt(y, sr=44100, hop_length=512, fmin=220, n_bins=64, bins_per_octave=12))

    pairs = (
        ("multires_logmel", multires, 3.0),
        ("logmel:preset=elmarc", elmarc, 1.0),
        ("mfcc", mfcc, 1.0),
        ("mfcc_stats", mfcc_stats, 1.0),
        ("spectrogram:sr=44100,n_fft=2048,hop_length=512", spectrogram, 1.0),
        ("cqt", cqt, 1.0),
    )
    rows = []
    with threadpool_limits(1):
        for text, theirs, must in pairs:
            feature = get_feature(text)
            rows.append(
                against(
                    f"{text}, audio in memory, 1 thread: librosa / featkit",
                    lambda feature=feature: feature.compute(fresh()),
                    lambda theirs=theirs: [theirs(signal.samples) for signal in signals],
                    must=must,
                )
            )
        five = [
            get_feature(t)
            for t in ("multires_logmel", "logmel:preset=elmarc", "mfcc", "mfcc_stats", "gammatone")
        ]

        def at_once() -> None:
            for signal in (load(file) for file in files):
                for feature in five:
                    feature.compute([signal])

        def one_by_one() -> None:
            for feature in five:
                for file in files:
                    feature.compute([load(file)])

        files = sorted((esc10 / "audio").iterdir())[:count]
        rows.append(
            against(
                "five features, decoding included: one at a time / at once",
                at_once,
                one_by_one,
                must=1 / 0.7,
            )
        )
    return rows


def dask_overhead(esc10: Path, scratch: Path) -> list[dict[str, Any]]:
    """The standard pack's blocks through Dask's schedulers, warm, against plain pools of Python's;
    above 1/1.12 passes.
    """
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    from threadpoolctl import threadpool_limits

    from featkit.datasets import get_dataset
    from featkit.extraction import block, executors, extract, plan
    from featkit.extraction.executors import cluster, local
    from featkit.features import get_feature
    from featkit.store import Store

    dataset, place = get_dataset(f"esc10:{esc10}"), scratch / "overhead.zarr"
    extract(dataset, PACK, place, jobs=2)
    features = [get_feature(text) for text in PACK]
    tasks = plan.make_tasks(
        Store(str(place), "r+"),
        np.arange(len(dataset)),
        features,
        device="cpu",
        rehash=True,
        overwrite=True,
    )
    nothing: Any = lambda *_: None  # noqa: E731

    def by_threads() -> None:
        executors.run(tasks, jobs=2, scheduler="threads", on_done=nothing, on_lost=nothing)

    def plain_threads() -> None:
        with threadpool_limits(1), ThreadPoolExecutor(2) as pool:
            list(pool.map(block.run, tasks))

    name = f"{len(dataset)} clips, {len(tasks)} blocks: plain pool of 2 {{0}} / Dask's {{0}}"
    rows = [against(name.format("threads"), by_threads, plain_threads, must=1 / 1.12, runs=5)]
    with local.processes(2) as client, ProcessPoolExecutor(2, initializer=_one_thread) as pool:

        def by_processes() -> None:
            cluster.distribute(client, tasks, on_done=nothing, on_lost=nothing)

        def plain_processes() -> None:
            list(pool.map(block.run, tasks))

        plain_processes()
        rows.append(
            against(name.format("processes"), by_processes, plain_processes, must=1 / 1.12, runs=5)
        )
    return rows


def _one_thread() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
