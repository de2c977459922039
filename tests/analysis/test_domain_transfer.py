"""Domains made from numbers, and errors that are scaled by the training part."""

import numpy as np
import pytest
from conftest import tone

from featkit.analysis import domains
from featkit.analysis.domain_transfer import domain_transfer
from featkit.analysis.mst import log_mels, predict, segments_of, train_mst
from featkit.audio import write
from featkit.dsp.stft import Stft, pad, power_plain
from featkit.errors import ParameterError
from featkit.nets.mst import MST
from featkit.training import segments
from featkit.training.rows import Rows

SR = segments.SR


@pytest.fixture
def table(make_table):
    """Tones of twelve pitches on three official folds."""
    rows = [tone(300.0 * (1 + n), 2.4, SR) for n in range(12)]
    return make_table(n=12, folds=np.arange(12) // 4 + 1, X=rows, feature="waveform")


@pytest.mark.parametrize("domain", domains.DOMAINS)
def test_clips_are_of_5_s_repeat_with_the_seed_and_differ(domain):
    first, second = (list(domains.clips(domain, 2, seed)) for seed in (0, 0))
    assert np.array_equal(first[1].samples, second[1].samples)
    assert not np.array_equal(first[0].samples, first[1].samples)
    other = next(domains.clips(domain, 1, 1))
    assert not np.array_equal(first[0].samples, other.samples)
    for signal in first:
        assert (signal.sr, len(signal.samples)) == (22_050, 110_250)
        assert np.abs(signal.samples).max() == pytest.approx(0.9)


def test_domains_differ_as_their_names_say():
    """Tones do not change over time, speech pauses, music has onsets over a broad band."""
    stft = Stft(1024, 1024, 512)
    swings = {}
    for domain in domains.DOMAINS:
        levels = [
            10 * np.log10(power_plain(pad(signal.samples, stft), stft).sum(axis=1) + 1e-9)
            for signal in domains.clips(domain, 8)
        ]
        swings[domain] = float(np.mean([np.std(level) for level in levels]))
    assert swings["tones"] < 1.5 < swings["music"] < swings["speech-like"]


@pytest.mark.slow
def test_errors_are_those_of_the_net_on_scaled_log_mels(table):
    net = MST()
    own, tones, *_ = domain_transfer(net, table, "1v3", clips=2)
    learned = log_mels(segments_of(table, np.arange(4, 8)))
    low, high = learned.min(), learned.max()
    mean = (2 * (learned - low) / (high - low) - 1).mean()
    held = segments_of(table, np.arange(4))
    made = np.concatenate([segments.cut(s.samples) for s in domains.clips("tones", 2)])
    for domain, rows, clips in ((own, held, 4), (tones, made, 2)):
        truth = 2 * (log_mels(rows) - low) / (high - low) - 1
        guess = predict(net, Rows(rows))
        squares = np.square(guess - truth)
        assert (domain.clips, domain.segments) == (clips, len(rows))
        assert domain.mse == pytest.approx(squares.mean(), rel=1e-4)
        assert domain.r2 == pytest.approx(
            1 - squares.sum() / np.square(truth - mean).sum(), rel=1e-3
        )
        assert domain.r2_own == pytest.approx(1 - squares.mean() / truth.var(), rel=1e-3)
        both = np.corrcoef(guess.ravel(), truth.ravel())[0, 1]
        assert domain.correlation == pytest.approx(both, abs=1e-3)


@pytest.mark.slow
def test_its_own_fold_has_the_numbers_of_training(table, tmp_path):
    (fit,) = train_mst(table, tmp_path, only_folds=["1v3"], epochs=2)
    own = next(domain_transfer(MST.read(tmp_path / "1v3.safetensors"), table, "1v3"))
    assert own.name == "toy, fold 1, unheard" and own.segments == fit.n_test
    assert (own.mse, own.r2, own.correlation) == pytest.approx((fit.mse, fit.r2, fit.correlation))


def test_a_fold_that_is_not_there_is_refused(table):
    with pytest.raises(ParameterError):
        next(domain_transfer(MST(), table, "7v6"))


@pytest.mark.slow
def test_the_command_measures_a_dataset_too(featkit, tmp_path):
    lines = ["path,label,fold"]
    for number in range(6):
        write(tmp_path / f"{number}.wav", tone(300.0 * (1 + number), 2.4, SR), SR)
        lines.append(f"{number}.wav,{'ab'[number % 2]},{1 + number // 2}")
    (tmp_path / "clips.csv").write_text("\n".join(lines) + "\n")
    feature = "waveform:sr=22050"
    assert featkit("extract", "clips.csv", "-f", feature, "--store", "s.zarr").status == 0
    MST().save(tmp_path / "net.safetensors")
    done = featkit(
        "analyze", "domain-transfer", "s.zarr", "net.safetensors", "clips.csv",
        "--only-fold", "1v3", "--clips", 3, "--png", "d.png", "--html", "d.html", "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    rows = done.json["domains"]
    assert [row["clips"] for row in rows] == [2, 3, 3, 3, 3]
    assert [row["name"] for row in rows][1:4] == ["tones", "speech-like", "music"]
    assert (tmp_path / "d.png").stat().st_size > 1000 and "<table" in (
        tmp_path / "d.html"
    ).read_text()
