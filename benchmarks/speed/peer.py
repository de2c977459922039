"""The peer of the standard pack: librosa, two joblib processes, each clip decoded once, one .npy
per clip and feature.

This is what people run today without a feature store: python peer.py AUDIO_FOLDER OUT_FOLDER
"""

import sys
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

WINDOWS_MS = ((25, 10), (50, 25), (100, 50))


def compute(file: Path, out: Path) -> None:
    """Write the three-resolution log-mel image, the 120 MFCC statistics and the 1376-frame log-mel
    of one clip.
    """
    import librosa
    from PIL import Image

    y, sr = librosa.load(file, sr=44100)
    images = []
    for window, hop in WINDOWS_MS:
        mel = librosa.feature.melspectrogram(
            y=y,
            sr=sr,
            n_fft=4410,
            win_length=round(44.1 * window),
            hop_length=round(44.1 * hop),
            n_mels=128,
            htk=True,
            norm=None,
        )
        images.append(
            np.asarray(
                Image.fromarray(np.log(mel + 1e-6)).resize((250, 128), Image.Resampling.BILINEAR)
            )
        )
    np.save(out / f"{file.stem}.image.npy", np.stack(images))
    low = librosa.resample(y, orig_sr=sr, target_sr=12000)
    mfcc = librosa.feature.mfcc(y=low, sr=12000, n_mfcc=20)
    parts = [mfcc, np.diff(mfcc), np.diff(mfcc, n=2)]
    np.save(
        out / f"{file.stem}.mfcc.npy",
        np.concatenate([stat for part in parts for stat in (part.mean(1), part.std(1))]),
    )
    mel = librosa.feature.melspectrogram(
        y=low, sr=12000, n_fft=512, hop_length=256, n_mels=96, pad_mode="reflect"
    )
    frames = librosa.power_to_db(mel).T
    np.save(
        out / f"{file.stem}.logmel.npy",
        np.tile(frames, (-(-1376 // len(frames)), 1))[:1376].astype(np.float32),
    )


if __name__ == "__main__":
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    files = sorted(file for file in source.iterdir() if file.suffix in (".ogg", ".wav"))
    Parallel(2, batch_size=8)(delayed(compute)(file, target) for file in files)
