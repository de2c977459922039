"""What every registered feature promises."""

import numpy as np
import pytest
from conftest import outside

from featkit.audio import Signal
from featkit.features import get_feature, registry

NAMES = [name for name in registry.names() if name != "hear"] + outside()


@pytest.fixture(scope="module")
def noise():
    return (0.1 * np.random.default_rng(0).standard_normal(22050)).astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_as_promised_and_do_not_depend_on_what_was_computed_before(name, noise):
    feature = get_feature(name)
    alone = feature(Signal(noise, 22050))
    shared = Signal(noise, 22050)
    get_feature("mfcc_stats")(shared)
    get_feature("logmel:preset=elmarc")(shared)
    beside = feature.compute([shared])[0]
    assert alone.dtype == np.float32
    assert np.isfinite(alone).all()
    assert all(
        want in (None, got) for want, got in zip(feature.stored_shape, alone.shape, strict=True)
    )
    assert np.array_equal(alone, beside)
    whole = feature.expand(alone)
    assert all(want in (None, got) for want, got in zip(feature.shape, whole.shape, strict=True))
    assert feature.vector(whole).shape == (feature.columns,)
    assert feature.pooling == ("mean_std" if feature.shape[0] is None else "flatten")


@pytest.mark.parametrize("name", NAMES)
def test_three_samples_and_silence_are_rows_too(name):
    feature = get_feature(name)
    for samples in (np.array([0.1, -0.2, 0.3]), np.zeros(8000)):
        row = feature(Signal(samples, 8000))
        assert np.isfinite(row).all()
        assert len(row)


@pytest.mark.parametrize("name", NAMES)
def test_text_and_feature_name_each_other(name):
    for preset in ("", *registry.get(name).presets):
        feature = get_feature(name, **({"preset": preset} if preset else {}))
        assert get_feature(feature.canonical).key == feature.key
        assert feature.key.startswith(f"{name.rpartition(':')[2]}-")
        assert registry.get(name).__doc__
