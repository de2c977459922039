"""Explanations of real bundles: the part that decides is the part that is pointed at."""

import numpy as np
import pytest
from conftest import python, tone

import featkit as library
from featkit import audio
from featkit.analysis.explanation.explaining import explain
from featkit.analysis.explanation.occlusion import occlusion
from featkit.audio import Signal
from featkit.errors import ParameterError

SR = 16000
LOGMEL = "logmel:sr=16000,n_fft=512,hop_length=256,n_mels=32,top_db=none"
NET = "net:arch=cnn,epochs=4,batch_size=8"


@pytest.fixture(scope="module")
def beeps(tmp_path_factory):
    """Class ``beep`` has 0.3 s of a tone of 3 kHz in faint noise, ``noise`` only the noise."""
    folder = tmp_path_factory.mktemp("beeps")
    rng = np.random.default_rng(0)
    for number in range(24):
        samples = 4e-5 * rng.normal(size=SR)
        label = "beep" if number % 2 else "noise"
        if label == "beep":
            start = rng.integers(0, SR - 4800)
            samples[start : start + 4800] += tone(3000.0, 0.3, SR, 0.5)
        (folder / label).mkdir(exist_ok=True)
        audio.write(folder / label / f"{number}.wav", samples.astype(np.float32), SR)
    samples = 4e-5 * rng.normal(size=SR)
    samples[8000:12800] += tone(3000.0, 0.3, SR, 0.5)
    audio.write(folder / "new.wav", samples.astype(np.float32), SR)
    library.extract(str(folder), [LOGMEL, "mfcc_stats"], folder / "set.zarr")
    return folder


@pytest.fixture(scope="module")
def net(beeps):
    return library.train(library.Store(beeps / "set.zarr")[LOGMEL].table(), NET)


def test_the_probability_falls_where_the_decisive_patch_is_silenced():
    samples = tone(3000.0, 1.0, SR, 0.5)
    samples[:8000] = 0

    def loudness(signals):
        return np.array([np.square(signal.samples).mean() for signal in signals])

    falls, seconds, frequencies = occlusion(Signal(samples, SR), loudness, times=4, bands=6)
    time, band = np.unravel_index(falls.argmax(), falls.shape)
    assert falls.shape == (4, 6) and falls.sum() == pytest.approx(0.0625, rel=0.05)
    assert seconds[time] > 0.5 and frequencies[band] == pytest.approx(3000, abs=700)
    assert np.allclose(seconds, [0.125, 0.375, 0.625, 0.875])
    assert np.allclose(falls[:2], 0, atol=0.002)


def test_a_net_is_explained_by_gradients_that_are_complete(beeps, net):
    found = explain(net, beeps / "new.wav", target="beep")
    assert found.method == "integrated gradients" and found.completeness_error < 0.02
    assert found.attribution.shape == (len(found.times), len(found.frequencies))
    assert (found.unit, found.sr, len(found.samples)) == ("Hz", SR, SR)
    event = (found.times >= 0.48) & (found.times <= 0.82)
    assert (
        np.abs(found.attribution)[event].sum()
        > 1.5 * event.mean() * np.abs(found.attribution).sum()
    )
    probabilities = [value for _, value in found.top]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1)


@pytest.mark.parametrize(
    ("samples", "sr"),
    [(np.zeros(SR), SR), (tone(3000.0, 1.0, 8000), 8000)],
    ids=["silent", "another rate"],
)
def test_odd_recordings_are_explained(beeps, net, tmp_path, samples, sr):
    audio.write(tmp_path / "odd.wav", samples.astype(np.float32), sr)
    found = explain(net, tmp_path / "odd.wav")
    assert np.isfinite(found.attribution).all() and found.completeness_error < 0.02
    assert found.attribution.any() == samples.any()


def test_a_recording_that_gives_another_shape_is_refused(net, tmp_path):
    audio.write(tmp_path / "short.wav", np.full(3, 0.1, dtype=np.float32), SR)
    with pytest.raises(ParameterError, match=r"\(1, 32\)"):
        explain(net, tmp_path / "short.wav")


@pytest.mark.slow
def test_only_nets_need_torch():
    code = "import sys, featkit.analysis.explanation.explaining; print('torch' in sys.modules)"
    assert python(code).out.strip() == "False"


def test_each_baseline_is_complete_and_another_way(beeps, net):
    maps = {
        kind: explain(net, beeps / "new.wav", baseline=kind, target="beep")
        for kind in ("silence", "zero")
    }
    assert all(found.completeness_error < 0.02 for found in maps.values())
    assert not np.allclose(maps["silence"].attribution, maps["zero"].attribution)


def test_a_classical_bundle_is_explained_by_occlusion(beeps):
    bundle = library.train(library.Store(beeps / "set.zarr")["mfcc_stats"].table(), "svm")
    found = explain(bundle, beeps / "new.wav")
    assert (found.label, found.method, found.completeness_error) == ("beep", "occlusion", None)
    assert found.attribution.shape == (16, 12)


def test_an_unknown_class_and_an_unreadable_file_are_refused(beeps, net):
    with pytest.raises(ParameterError, match="beep"):
        explain(net, beeps / "new.wav", target="cat")
    (beeps / "empty.wav").write_bytes(b"")
    with pytest.raises(OSError):
        explain(net, beeps / "empty.wav")


def test_the_command_writes_a_picture_and_one_object(beeps, net, featkit):
    net.save("net")
    done = featkit("explain", "net", beeps / "new.wav", "--out", "why.png", "--json")
    assert done.status == 0 and set(done.json["top"][0]) == {"label", "probability"}
    assert done.json["completeness_error"] < 0.02
    with open("why.png", "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    refused = featkit("explain", "net", beeps / "new.wav", "--out", "why.txt")
    assert refused.status == 2
