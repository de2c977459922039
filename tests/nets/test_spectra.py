"""The torch front-ends, on a CPU, against the numpy ones; a GPU where there is one."""

import numpy as np
import pytest
import torch
from conftest import python

from featkit.audio import Signal
from featkit.errors import AudioError, MissingDependencyError, ParameterError
from featkit.features import get_feature

FEATURES = [
    "multires_logmel",
    "multires_logmel:single=true,sr=22050",
    "logmel",
    "logmel:preset=torchaudio",
    "logmel:preset=elmarc",
    "logmel:preset=dcase",
    "logmel:power=1,pad_mode=none,win_length=1000",
    "mfcc",
    "mfcc:preset=dcase",
    "mfcc:n_frames=400,fill=zero",
    "logmel:seconds=1.5,normalize=rms",
    "logmel:log=none",
    "mfcc_stats",
    "spectrogram:top_db=40",
    "gammatone",
    "gammatone:preset=dcase_code",
    "cqt",
]
# As against the closed form: 5e-3 in ln and 2e-3 dB down to 80 dB below the clip's largest value,
# where float32 ends.
TOLERANCE = {"multires_logmel": 5e-3, "mfcc_stats": 5e-3, "spectrogram": 5e-3}


def compare(feature, clips, device):
    signals = [Signal(signal.samples, signal.sr) for signal in clips.values()]
    rows = feature.compute_in_torch(signals, device)
    for name, signal, row in zip(clips, signals, rows, strict=True):
        expected = feature(signal)
        assert isinstance(row, np.ndarray), row
        assert row.dtype == np.float32 and row.shape == expected.shape, name
        heard = (
            expected > expected.max() - 80
            if feature.name in ("logmel", "gammatone")
            else np.isfinite(expected)
        )
        worst = np.abs(row - expected)[heard].max()
        assert worst <= TOLERANCE.get(feature.name, 2e-3), f"{name}: {worst}"


@pytest.mark.parametrize("text", FEATURES)
def test_torch_on_a_cpu_equals_numpy(clips, text):
    compare(get_feature(text), clips, "cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")
@pytest.mark.parametrize("text", FEATURES)
def test_torch_on_a_gpu_equals_numpy(clips, text):
    compare(get_feature(text), clips, "cuda")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU")
def test_a_missing_gpu_is_reported():
    with pytest.raises(MissingDependencyError, match="no CUDA GPU"):
        get_feature("logmel").compute([], "cuda")


def test_other_devices_are_refused():
    with pytest.raises(ParameterError, match="not one of cpu, cuda"):
        get_feature("mfcc").compute([], "tpu")


def test_a_bad_clip_fails_alone_and_the_order_is_kept(clips):
    feature = get_feature("logmel:preset=elmarc,fill=crop,n_frames=100")
    rows = feature.compute_in_torch(
        [clips["tones_5s"], clips["noise_1s"], clips["noise_30s"], clips["tones_5s"]], "cpu"
    )
    assert isinstance(rows[1], AudioError)
    for index, name in ((0, "tones_5s"), (2, "noise_30s"), (3, "tones_5s")):
        np.testing.assert_allclose(rows[index], feature(clips[name]), atol=2e-3)


def test_on_a_cpu_compute_is_the_numpy_path(clips):
    feature = get_feature("logmel")
    np.testing.assert_array_equal(
        feature.compute([clips["noise_1s"]])[0], feature(clips["noise_1s"])
    )


def test_torch_path_imports_neither_librosa_nor_numba():
    code = (
        "import sys, numpy as np\n"
        "from featkit.audio import Signal\n"
        "from featkit.features import get_feature\n"
        "signal = Signal(np.ones(9000, dtype=np.float32), 44100)\n"
        "for name in ('logmel', 'multires_logmel', 'mfcc', 'mfcc_stats', 'spectrogram', "
        "'gammatone', 'cqt'):\n"
        "    row, = get_feature(name).compute_in_torch([signal], 'cpu')\n"
        "    assert isinstance(row, np.ndarray), row\n"
        "print(sorted({'librosa', 'numba'} & set(sys.modules)))"
    )
    assert python(code)[:2] == (0, "[]\n")
