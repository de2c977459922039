"""Pictures: what features say about their axes, in Hz and s, and what is drawn of it."""

import numpy as np
import pytest
from conftest import tone

from featkit.audio import Signal
from featkit.errors import FeatkitError, ParameterError
from featkit.features import get_feature, registry
from featkit.features.base import Axis
from featkit.report import pictures

SR = 44100
MAPS = [
    "logmel",
    "logmel:preset=torchaudio",
    "logmel:preset=elmarc",
    "logmel:preset=piczak",
    "logmel:preset=dcase",
    "multires_logmel",
    "multires_logmel:single=true",
    "multires_logmel:preset=gtzan",
    "cqt",
    "gammatone",
    "gammatone:preset=dcase_code",
    "spectrogram",
    "spectrogram:pad_mode=none",
]


def axis_of(feature, row, seconds, name):
    """The axis of that name, and the row with it in front."""
    axes = feature.axes(row, seconds)
    (number,) = [place for place, axis in enumerate(axes) if axis.name == name]
    return axes[number], np.moveaxis(row.astype(float), number, 0)


@pytest.mark.parametrize("name", [name for name in registry.names() if name != "hear"])
def test_every_feature_states_an_axis_for_each_of_its_dims(name):
    feature = get_feature(name)
    row = feature(Signal(tone(440.0, 1.0, SR), SR))
    axes = feature.axes(row, 1.0)
    assert tuple(len(axis.values) for axis in axes) == row.shape and len(axes) == len(feature.dims)
    assert all((np.diff(axis.values) > 0).all() for axis in axes)
    whole = feature.expand(row)
    assert tuple(len(axis.values) for axis in feature.axes(whole, 1.0)) == whole.shape


@pytest.mark.parametrize("hz", [1000.0, 3000.0])
@pytest.mark.parametrize("text", MAPS)
def test_a_sine_peaks_within_a_band_of_its_frequency(text, hz):
    feature = get_feature(text)
    row = feature(Signal(tone(hz, 2.0, SR), SR))
    axis, bands = axis_of(feature, row, 2.0, "frequency")
    peak = int(bands.reshape(len(bands), -1).mean(axis=1).argmax())
    assert axis.unit == "Hz"
    assert abs(peak - int(np.abs(axis.values - hz).argmin())) <= 1
    low, high = axis.values[max(0, peak - 1)], axis.values[min(len(axis.values) - 1, peak + 1)]
    assert low <= hz <= high


@pytest.mark.parametrize("text", [*MAPS, "mfcc:top_db=none", "waveform"])
def test_a_click_is_where_the_axis_says_1_5_s(text):
    feature, samples = get_feature(text), np.zeros(3 * SR, dtype=np.float32)
    samples[round(1.5 * SR)] = 1.0
    row = feature(Signal(samples, SR))
    axis, frames = axis_of(feature, row, 3.0, "time")
    assert axis.unit == "s"
    if text.startswith("multires"):
        frames = frames[:, 0]  # the finest resolution
    loud = (
        frames[:, 0]
        if text.startswith("mfcc")
        else np.abs(frames - frames.min()).reshape(len(frames), -1).sum(axis=1)
    )
    # The middle of what the click touches; a window is symmetric about it.
    touched = np.flatnonzero(loud > (loud.min() + loud.max()) / 2)
    step = float(np.diff(axis.values).max())
    assert abs(axis.values[touched].mean() - 1.5) <= max(step, 2 / SR)


def test_bands_lie_at_the_published_frequencies():
    row = get_feature("cqt")(Signal(tone(440.0, 1.0, SR), SR))
    bins = get_feature("cqt").axes(row, 1.0)[1].values
    np.testing.assert_allclose(bins[[0, 12, 24, 60]], [220.0, 440.0, 880.0, 7040.0], rtol=1e-12)
    feature = get_feature("spectrogram:sr=8000,n_fft=256,hop_length=80")
    time, frequency = feature.axes(np.zeros((11, 129), dtype=np.float32), 0.1)
    np.testing.assert_allclose(time.values, np.arange(11) / 100, atol=1e-15)
    np.testing.assert_allclose(frequency.values, np.linspace(0, 4000, 129))
    mels = (
        get_feature("logmel:preset=torchaudio")
        .axes(np.zeros((5, 128), dtype=np.float32), 0.1)[1]
        .values
    )
    np.testing.assert_allclose(
        2595 * np.log10(1 + mels / 700) / (2595 * np.log10(1 + 22050 / 700)),
        np.arange(1, 129) / 129,
    )


def test_marks_are_round_numbers_at_their_places():
    places, texts = pictures.marks(np.linspace(0.0, 2.0, 201))
    np.testing.assert_allclose(places, [100 * float(text) for text in texts], atol=1e-9)
    octaves = 62.5 * 2.0 ** np.arange(8)  # 62.5 … 8000 Hz
    places, texts = pictures.marks(octaves)
    assert {"100", "1000", "5000"} <= set(texts)
    assert places[texts.index("1000")] == pytest.approx(4.0)
    assert pictures.marks(np.array([7.0]))[1] == ["7"]


def test_a_picture_has_title_units_and_axes():
    figure = pictures.draw(get_feature("logmel:n_mels=40"), Signal(tone(1000.0, 1.0, SR), SR))
    place, bar = figure.axes
    assert figure.get_suptitle() == "logmel:n_mels=40"
    assert (place.get_xlabel(), place.get_ylabel()) == ("time (s)", "frequency (Hz)")
    assert bar.get_ylabel() == get_feature("logmel").units
    assert "1000" in [text.get_text() for text in place.get_yticklabels()]
    assert place.images[0].get_array().shape == (40, 44)


def test_three_resolutions_are_three_images_and_vectors_are_stems():
    signal = Signal(tone(1000.0, 1.0, SR), SR)
    figure = pictures.draw(get_feature("multires_logmel"), signal)
    assert [len(place.images) for place in figure.axes] == [1, 1, 1, 0]
    assert figure.axes[1].get_title() == "window 50 ms"
    (place,) = pictures.draw(get_feature("mfcc_stats"), signal).axes
    assert len(place.collections[0].get_segments()) == 120 and place.get_xlabel() == "statistic"
    (place,) = pictures.draw(get_feature("waveform"), signal).axes
    np.testing.assert_array_equal(place.lines[0].get_ydata(), signal.at(22050))


def test_a_feature_that_states_wrong_axes_is_reported(monkeypatch):
    feature = get_feature("logmel")
    monkeypatch.setattr(
        type(feature), "axes", lambda self, row, seconds: (Axis("time", np.zeros(1), "s"),)
    )
    with pytest.raises(ParameterError, match="time of 1 cannot be drawn"):
        pictures.draw(feature, Signal(tone(1000.0, 1.0, SR), SR))


def test_errors_of_a_feature_are_passed_on():
    with pytest.raises(FeatkitError, match="needs 100000"):
        pictures.draw(
            get_feature("waveform:n_samples=100000,fill=crop"), Signal(tone(1000.0, 1.0, SR), SR)
        )


def test_the_command_writes_a_png_and_refuses_half_a_request(featkit, tmp_path, write_wav):
    recording, out = write_wav(tmp_path / "a.wav"), tmp_path / "picture.png"
    show = ("features", "show", "mfcc")
    assert featkit(*show, "--audio", recording, "--out", out).status == 0
    assert out.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    for options, message in (
        (("--audio", recording), "--out PNG"),
        (("--out", out), "--audio FILE"),
        (("--audio", "none.wav", "--out", tmp_path / "no" / "a.png"), "cannot be written"),
        (("--audio", "none.wav", "--out", tmp_path / "a.jpg"), ".png"),
        (("--audio", tmp_path / "none.wav", "--out", out), "none.wav: No such file"),
    ):
        done = featkit(*show, *options)
        assert done.status == 2 and message in done.err
