"""Several maps as the channels of one image."""

import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature, lineage
from featkit.features.logmel import Logmel

PARTS = ("logmel:n_mels=24,n_frames=50", "mfcc:n_mfcc=24,sr=22050,n_frames=50")
TEXT = f"stack:features=({PARTS[0]})+({PARTS[1]})"


@pytest.fixture(scope="module")
def signal():
    noise = 0.1 * np.random.default_rng(0).standard_normal(22050)
    return Signal(noise.astype(np.float32), 22050)


def test_channels_are_the_parts_with_frequency_upwards(signal):
    stack = get_feature(TEXT)
    row = stack(signal)
    assert row.shape == stack.shape == (2, 24, 50)
    for channel, text in zip(row, PARTS, strict=True):
        part = get_feature(text)
        assert np.array_equal(channel, part.expand(part(signal)).T)
    assert stack.columns == 2 * 24 * 50


def test_its_text_names_it_among_others(signal):
    stack = get_feature(TEXT)
    assert stack.canonical.count("(") == 2
    assert get_feature(stack.canonical).key == stack.key
    turned = get_feature(f"stack:features=({PARTS[1]})+({PARTS[0]})")
    assert turned.key != stack.key and turned.shape == stack.shape
    joined = get_feature(f"mfcc_stats+{stack.canonical}")
    assert [part.key for part in joined.parts] == [get_feature("mfcc_stats").key, stack.key]


def test_the_papers_representations_share_a_grid():
    assert get_feature("stack").shape == (4, 64, 862)
    assert get_feature("stack:preset=dcase_1b").shape == (3, 64, 862)
    assert get_feature("stack").canonical == "stack"
    assert get_feature("stack:preset=dcase_1b").canonical == "stack:preset=dcase_1b"


@pytest.mark.parametrize(
    "parts",
    [
        ("logmel:n_mels=24,n_frames=50", "mfcc:n_mfcc=24,n_frames=51"),
        ("logmel:n_mels=24,n_frames=50", "mfcc:n_mfcc=25,n_frames=50"),
        ("logmel:n_mels=24", "mfcc:n_mfcc=24"),
        ("logmel:n_mels=24,n_frames=50",),
        ("logmel:n_mels=24,n_frames=50", "logmel:n_frames=50,n_mels=24"),
        ("mfcc_stats", "random_cnn:filters=24"),
        ("multires_logmel", "multires_logmel:offset=1e-5"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts):
    with pytest.raises(ParameterError, match="stack"):
        get_feature(f"stack:features={'+'.join(f'({part})' for part in parts)}")


def test_a_part_that_fails_is_the_error_of_the_row(signal):
    crop = get_feature(f"stack:features=({PARTS[0]},fill=crop)+({PARTS[1]})")
    with pytest.raises(Exception, match="fill=crop needs 50"):
        crop(signal)
    row, error = crop.compute([Signal(np.tile(signal.samples, 2), 22050), signal])
    assert row.shape == (2, 24, 50) and isinstance(error, Exception)


def test_a_new_version_of_a_part_is_another_feature(monkeypatch):
    before = get_feature(TEXT).key
    monkeypatch.setattr(Logmel, "version", Logmel.version + 1)
    assert get_feature(TEXT).key != before


def test_the_code_of_its_parts_is_its_code():
    stack, other = get_feature(TEXT), get_feature(TEXT.replace("mfcc:n_mfcc", "cqt:n_bins"))
    assert lineage.fingerprint(stack) != lineage.fingerprint(other)
    assert lineage.accepted(stack)[0] == lineage.fingerprint(stack)
    ways = [len(lineage.accepted(get_feature(part))) for part in PARTS]
    assert len(lineage.accepted(stack)) == ways[0] * ways[1]


def test_frames_have_a_time_where_all_parts_agree(signal):
    stack = get_feature(TEXT)
    *_, time = stack.axes(stack(signal), 1.0)
    assert time.unit == "s" and time.values[1] == pytest.approx(512 / 22050)
    coarse = get_feature(TEXT.replace("n_mels=24", "n_mels=24,hop_length=400"))
    assert coarse.axes(coarse(signal), 1.0)[2].unit == ""
