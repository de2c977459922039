"""Today's code gives the rows of the code that `featkit.features.lineage` calls its ancestors.

``rows.json`` holds what commit 343fc12 gave. Made by this file, run with that commit on the path:
``PYTHONPATH=OLD python tests/features/test_lineage.py rows.json``. Where a later version has other
defaults, the text here says what the defaults of that commit were. The rows of ``random_filters``,
which is younger, are those of commit 2ce9fc1.
"""

import hashlib
import json
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
import pytest

from featkit.audio import Signal, load
from featkit.features import Joined, get_feature, registry

PLACE = Path(__file__).with_name("rows.json")
ARCHS = (
    "vgg",
    "7x96",
    "7x86",
    "timbral",
    "temporal",
    "time",
    "timbral_temporal",
    "timbral_time",
    "sample_level",
    "frame_level",
    "frame_level_many",
)
TEXTS = (
    "cqt",
    "cqt:sr=22050,n_bins=24,n_frames=500,fill=zero",
    "gammatone:bits=16",
    "gammatone:preset=dcase_code,bits=16",
    "logmel",
    "logmel:preset=torchaudio",
    "logmel:preset=elmarc",
    "logmel:preset=piczak",
    "logmel:sr=44100,n_mels=40,pad_mode=reflect,top_db=none,n_frames=862,fill=zero",
    "logmel:power=1,log=ln",
    "mfcc",
    "mfcc:preset=dcase_code",
    "mfcc_stats",
    "multires_logmel",
    *(f"random_cnn:arch={arch},filters=8" for arch in ARCHS),
    "random_cnn:filters=4,batch_norm=batch",
    "random_cnn:arch=frame_level,filters=4,mode=as_coded,seed=3",
    "random_filters",
    "random_filters:filters=4,seed=3",
    "spectrogram",
    "waveform",
    "waveform:preset=elmarc",
    "hear:module=lineage_toy",
)
TOY = """
import torch

class Model:
    sample_rate, scene_embedding_size = 8000, 4

def load_model(path=""):
    return Model()

def get_scene_embeddings(audio, model):
    return torch.stack([part.square().mean(1) for part in audio.tensor_split(4, 1)], 1)
"""
# Of the largest value of a row: other processors and libraries round sums in another order.
TOLERANCE = {"cqt": 1e-5, "random_cnn": 1e-5, "random_filters": 1e-5}


def signals(folder: Path) -> dict[str, Signal]:
    """A tone in noise, a falling glide, and a decoded stereo file of 16 bits."""
    rng = np.random.default_rng(7)
    time = np.arange(44_100) / 44_100
    tone = 0.3 * np.sin(2 * np.pi * 440 * time) + 0.05 * rng.standard_normal(len(time))
    late = np.arange(8_000) / 16_000
    glide = 0.5 * np.exp(-4 * late) * np.sin(2 * np.pi * (3000 * late - 2000 * late**2))
    glide += 0.01 * rng.standard_normal(len(late))
    with wave.open(str(folder / "stereo.wav"), "wb") as file:
        file.setparams((2, 2, 22_050, 0, "NONE", ""))
        file.writeframes(rng.integers(-9000, 9000, (15_000, 2)).astype("<i2").tobytes())
    return {
        "tone": Signal(tone.astype(np.float32), 44_100),
        "glide": Signal(glide.astype(np.float32), 16_000),
        "stereo": load(folder / "stereo.wav"),
    }


def measured(text: str, signal: Signal) -> dict[str, object]:
    """Shape of a row, 16 of its values, and the mean of all under weights in [−1, 1]."""
    feature = get_feature(text)
    (row,) = feature.compute([signal])
    assert not isinstance(row, Exception), row
    flat = np.asarray(row, dtype=np.float64).ravel()
    weights = np.random.default_rng(len(flat)).uniform(-1, 1, len(flat))
    some = flat[np.linspace(0, len(flat) - 1, 16).astype(int)]
    return {
        "shape": list(row.shape),
        "largest": float(np.abs(flat).max()),
        "values": some.tolist(),
        "mean": float(weights @ flat / len(flat)),
    }


def toy(folder: Path) -> None:
    (folder / "lineage_toy.py").write_text(TOY, encoding="utf-8")


@pytest.mark.parametrize("text", TEXTS)
def test_rows_are_those_of_the_ancestors(text, tmp_path, monkeypatch):
    toy(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    expected = json.loads(PLACE.read_text(encoding="utf-8"))[text]
    tolerance = TOLERANCE.get(text.partition(":")[0], 1e-6)
    for name, signal in signals(tmp_path).items():
        old, new = expected[name], measured(text, signal)
        assert new["shape"] == old["shape"], name
        for key in ("largest", "values", "mean"):
            np.testing.assert_allclose(
                new[key], old[key], rtol=0, atol=tolerance * old["largest"], err_msg=f"{name} {key}"
            )


def test_every_ancestor_is_of_a_feature_whose_rows_are_compared():
    from featkit.features.lineage import ANCESTORS

    compared = {text.partition(":")[0] for text in TEXTS}
    for name, version in ANCESTORS:
        assert name in compared
        assert registry.get(name).version == version, f"drop the ancestors of {name}"


def test_todays_code_comes_first_and_ancestors_follow():
    from featkit.features import lineage

    code, *ancestors = lineage.accepted(get_feature("mfcc_stats"))
    assert code == lineage.fingerprint(get_feature("mfcc_stats"))
    assert 0x847F49A0D180A5C3 in ancestors


def test_joined_features_have_the_ancestors_of_their_parts():
    from featkit.features import lineage

    feature = get_feature("mfcc_stats+cqt")
    assert isinstance(feature, Joined)
    # The codes of both parts at commit 343fc12.
    codes = f"{0x847F49A0D180A5C3} {0x43505B5B32260F46}"
    joined = hashlib.blake2b(codes.encode(), digest_size=8).digest()
    assert int.from_bytes(joined, "little") in lineage.accepted(feature)
    assert lineage.accepted(feature)[0] == lineage.fingerprint(feature)


GAMMATONE_1 = {
    "name": "gammatone",
    "version": 1,
    "params": get_feature("gammatone").spec["params"] | {"n_filters": 32},
}
del GAMMATONE_1["params"]["bits"]


def multires_1(sr):
    params = get_feature("multires_logmel", sr=sr).spec["params"]
    return {"name": "multires_logmel", "version": 1, "params": params}


def test_features_of_earlier_versions_have_successors_with_their_rows():
    from featkit.features.lineage import successor

    assert successor(GAMMATONE_1) == get_feature("gammatone:n_filters=32,bits=16")
    assert successor(multires_1(44100)) == get_feature("multires_logmel")
    # There n_fft is odd, and the frequencies of its bins have changed.
    assert successor(multires_1(22050)) is None
    parts = [get_feature("mfcc_stats").spec, GAMMATONE_1]
    joined = {"name": "joined", "version": 1, "params": {"parts": parts}}
    assert successor(joined) == get_feature("mfcc_stats+gammatone:n_filters=32,bits=16")


def test_features_of_today_and_of_unknown_versions_have_none():
    from featkit.features.lineage import successor

    for text in ("gammatone", "mfcc_stats", "mfcc_stats+cqt"):
        feature = get_feature(text)
        again = successor(feature.spec)
        assert again is None or again == feature
    assert successor(GAMMATONE_1 | {"version": 7}) is None
    parts = [get_feature("mfcc_stats").spec | {"version": 9}, GAMMATONE_1]
    assert successor({"name": "joined", "version": 1, "params": {"parts": parts}}) is None


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        toy(Path(made))
        sys.path.insert(0, made)
        clips = signals(Path(made))
        rows = {
            text: {name: measured(text, clip) for name, clip in clips.items()} for text in TEXTS
        }
    Path(sys.argv[1]).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
