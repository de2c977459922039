"""The feature: its vectors, what it is fed, and what it refuses."""

import librosa
import numpy as np
import pytest
import torch
from conftest import python
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from featkit.audio import Signal, load
from featkit.errors import AudioError, MissingDependencyError, ParameterError
from featkit.features import get_feature
from featkit.features.random_cnn import RandomCNN, logmel, waveform
from featkit.nets.random.zoo import ARCHS, build


def signals(n: int = 4, sr: int = 12_000) -> list[Signal]:
    rng = np.random.default_rng(0)
    return [Signal(rng.normal(0, 0.1, sr * (i + 1)).astype(np.float32), sr) for i in range(n)]


def fresh(signal: Signal) -> Signal:
    """The same clip with nothing computed yet."""
    return Signal(signal.samples, signal.sr)


def difference(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("size", ["small", "large"])
def test_lengths(arch, size):
    large = 3585 if arch in ("vgg", "7x96", "7x86") else 3584
    small = {
        "sample_level": 161,
        "timbral": 112,
        "temporal": 112,
        "time": 112,
        "timbral_temporal": 112,
        "timbral_time": 112,
    }
    assert get_feature(f"random_cnn:arch={arch},size={size}").shape == (
        (large if size == "large" else small.get(arch, 160)),
    )


@pytest.mark.parametrize("arch", ["vgg", "timbral_time", "frame_level_many"])
def test_vector_is_the_nets(arch):
    signal = signals(1)[0]
    feature = RandomCNN(arch=arch, seed=2)
    heard = waveform(signal) if ARCHS[arch].hears == "waveform" else logmel(signal)
    with torch.inference_mode():
        wanted = build(arch, ARCHS[arch].small, 2)(torch.from_numpy(heard)[None])[0].numpy()
    found = feature(signal)
    assert found.dtype == np.float32
    assert found.shape == feature.shape
    np.testing.assert_array_equal(found, wanted)


def test_bits_do_not_depend_on_neighbours():
    clips = signals(4)
    feature = RandomCNN()
    together = feature.compute(clips)
    backwards = feature.compute([fresh(clip) for clip in clips[::-1]])
    for clip, one, other in zip(clips, together, backwards[::-1], strict=True):
        np.testing.assert_array_equal(one, feature(fresh(clip)))
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("arch", ["vgg", "7x86", "sample_level"])
def test_batches_as_on_a_gpu(monkeypatch, arch):
    clips = signals(3)
    feature = RandomCNN(arch=arch, filters=4)
    alone = feature.compute(clips)
    monkeypatch.setattr(RandomCNN, "batch_size", lambda self, device: 2)
    for one, other in zip(alone, feature.compute(clips), strict=True):
        assert difference(other, one) <= 1e-5


def test_batch_size_follows_the_memory():
    assert RandomCNN(size="large").batch_size("cpu") == 1
    # 1376 · 96 · 717 values of 4 bytes are 379 MB; 1.5 GB hold 3 of them, or 7 of 2 bytes.
    assert RandomCNN(size="large").batch_size("cuda") == 3
    assert RandomCNN(size="large", precision="bfloat16").batch_size("cuda") == 7
    assert RandomCNN(filters=10_000).batch_size("cuda") == 1


@pytest.mark.parametrize("arch", ["vgg", "7x96", "timbral_temporal", "sample_level", "frame_level"])
def test_bfloat16_is_near(arch):
    signal = signals(1)[0]
    exact, rough = (
        RandomCNN(arch=arch, precision=precision)(signal) for precision in ("float32", "bfloat16")
    )
    assert rough.dtype == np.float32
    assert 0 < difference(rough, exact) < 2e-2


def test_seeds():
    signal = signals(1)[0]
    first = RandomCNN(seed=0)(signal)
    assert difference(RandomCNN(seed=1)(signal), first) > 0.1
    np.testing.assert_array_equal(RandomCNN(seed=0, size="large", filters=32)(signal), first)


def test_as_coded_has_its_zero_columns():
    signal = signals(1)[0]
    zeros = {"frame_level": 117, "frame_level_many": 57}
    for arch, count in zeros.items():
        assert int((RandomCNN(arch=arch, mode="as_coded")(signal) == 0).sum()) == count
        assert int((RandomCNN(arch=arch)(signal) == 0).sum()) == 0


def test_logmel_input():
    signal = signals(3)[2]
    power = librosa.feature.melspectrogram(
        y=signal.samples,
        sr=12_000,
        n_fft=512,
        hop_length=256,
        n_mels=96,
        fmin=0,
        fmax=6000,
        pad_mode="reflect",
    )
    decibels = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=80).T
    found = logmel(signal)
    assert found.shape == (1376, 96)
    assert np.abs(found - np.resize(decibels, (1376, 96))).max() < 2e-3


def test_waveform_input():
    short, long = (
        Signal(np.arange(5, dtype=np.float32), 12_000),
        Signal(np.arange(400_000, dtype=np.float32), 12_000),
    )
    assert waveform(short).shape == waveform(long).shape == (350_000, 1)
    np.testing.assert_array_equal(waveform(short)[:12, 0], [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1])
    np.testing.assert_array_equal(waveform(long)[:, 0], np.arange(350_000))
    assert waveform(Signal(np.zeros(44_100, dtype=np.float32), 44_100)).shape == (350_000, 1)


def test_nets_share_one_input():
    signal = signals(1)[0]
    assert RandomCNN().heard(signal) is RandomCNN(arch="7x96", seed=4).heard(signal)
    assert RandomCNN(arch="sample_level").heard(signal) is RandomCNN(arch="frame_level").heard(
        signal
    )


def test_a_bad_clip_fails_alone(monkeypatch):
    clips = signals(3)
    feature = RandomCNN(filters=4)
    wanted = feature.compute(clips)
    original = RandomCNN.heard

    def heard(self: RandomCNN, signal: Signal) -> np.ndarray:
        if signal is clips[1]:
            raise AudioError("bad")
        return original(self, signal)

    monkeypatch.setattr(RandomCNN, "heard", heard)
    found = feature.compute(clips)
    assert isinstance(found[1], AudioError)
    np.testing.assert_array_equal(found[0], wanted[0])
    np.testing.assert_array_equal(found[2], wanted[2])
    with pytest.raises(AudioError, match="bad"):
        feature(clips[1])
    assert feature.compute([]) == []


def test_batch_statistics_are_those_of_the_clips_computed_together():
    clips = signals(3)
    feature = RandomCNN(filters=8, batch_norm="batch")
    assert feature.batched
    assert not RandomCNN().batched
    together = feature.compute(clips)
    with torch.inference_mode():
        stacked = torch.from_numpy(np.stack([logmel(clip) for clip in clips]))
        wanted = build("vgg", 8, 0, batch_norm=True)(stacked).numpy()
    np.testing.assert_array_equal(np.stack(together), wanted)
    assert difference(feature(clips[0]), together[0]) > 0.01


def test_specification():
    feature = get_feature("random_cnn:arch=7x86,size=large,seed=3,precision=bfloat16")
    assert feature.spec["params"] == {
        "arch": "7x86",
        "size": "large",
        "seed": 3,
        "mode": "paper",
        "precision": "bfloat16",
        "batch_norm": "none",
        "filters": None,
    }
    assert feature.canonical == "random_cnn:arch=7x86,size=large,seed=3,precision=bfloat16"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arch=vgg16", "arch='vgg16' is not one of vgg"),
        ("seed=-1", "seed=-1 is negative"),
        ("filters=0", "filters=0 is not 1 or more"),
        ("arch=timbral_time,filters=6", "not a multiple of 4"),
        ("arch=7x96,batch_norm=batch", "exists for arch=vgg, not for arch=7x96"),
        ("precision=float16", "is not one of float32, bfloat16"),
    ],
)
def test_refusals(text, message):
    with pytest.raises(ParameterError, match=message):
        get_feature(f"random_cnn:{text}")


def test_devices(monkeypatch):
    with pytest.raises(ParameterError, match="device='tpu'"):
        RandomCNN().compute(signals(1), device="tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MissingDependencyError, match="no CUDA GPU"):
        RandomCNN().compute(signals(1), device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
@pytest.mark.parametrize("arch", ARCHS)
def test_gpu_equals_cpu(arch):
    clips = signals(3)
    feature = RandomCNN(arch=arch)
    for one, other in zip(
        feature.compute(clips), feature.compute(clips, device="cuda"), strict=True
    ):
        assert difference(other, one) <= 1e-5


def clicks(bpm: float, rng: np.random.Generator) -> Signal:
    """Ten seconds of decaying tones at a tempo; phase, pitch and loudness are chance."""
    sr = 12_000
    samples = rng.normal(0, 1e-3, 10 * sr)
    click = np.exp(-np.arange(600) / 100) * np.sin(
        2 * np.pi * rng.uniform(300, 3000) / sr * np.arange(600)
    )
    for at in np.arange(rng.uniform(0, 60 / bpm), 9.9, 60 / bpm):
        samples[int(at * sr) : int(at * sr) + 600] += rng.uniform(0.3, 0.6) * click
    return Signal(samples.astype(np.float32), sr)


def test_temporal_filters_tell_tempo_better_than_timbral_ones():
    rng = np.random.default_rng(0)
    tempi = np.repeat(np.linspace(60, 180, 13).round(), 8)
    clips = [clicks(bpm, rng) for bpm in tempi]
    split = StratifiedKFold(4, shuffle=True, random_state=0)
    accuracy = {}
    for arch in ("timbral", "temporal"):
        features = np.stack(RandomCNN(arch=arch).compute(clips))
        machine = make_pipeline(StandardScaler(), SVC(C=8.0))
        accuracy[arch] = cross_val_score(machine, features, tempi.astype(int), cv=split).mean()
    assert accuracy["temporal"] > accuracy["timbral"] + 0.1


def test_the_specification_needs_no_torch():
    code = (
        "import sys; from featkit.features import get_feature; get_feature('random_cnn').shape; "
        "sys.exit('torch' in sys.modules)"
    )
    assert python(code).status == 0


@pytest.mark.slow
def test_real_clips_of_the_large_net(esc10):
    clip = load(sorted((esc10 / "audio").iterdir())[0])
    exact, rough = (
        RandomCNN(size="large", precision=precision)(clip) for precision in ("float32", "bfloat16")
    )
    assert exact.shape == (3585,)
    assert 0 < difference(rough, exact) < 2e-2


def test_poolings_follow_the_mean_and_leave_its_key_as_it_was():
    signal = Signal(
        (0.1 * np.random.default_rng(1).standard_normal(6000)).astype(np.float32), 12_000
    )
    plain, wide = (
        get_feature(f"random_cnn:filters=4{pool}") for pool in ("", ",pool=mean+std+ppv")
    )
    assert wide.shape == (3 * plain.shape[0],)
    row = wide(signal)
    np.testing.assert_allclose(row[: plain.shape[0]], plain(signal), rtol=1e-5, atol=1e-4)
    fractions = row[2 * plain.shape[0] :]
    assert fractions.min() >= 0 and fractions.max() <= 1
    assert get_feature("random_cnn").key == "random_cnn-412c338d"
    assert get_feature("random_cnn:pool=mean").key == "random_cnn-412c338d"
    assert wide.key != plain.key


@pytest.mark.parametrize(
    "text",
    [
        "pool=median",
        "pool=mean+mean",
        "batch_norm=batch,pool=mean+std",
        "arch=frame_level,mode=as_coded,pool=max",
    ],
)
def test_poolings_that_are_not_defined_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"random_cnn:{text}")
