"""Nets that hear segments of clips and vote."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import tone
from sklearn.base import BaseEstimator, ClassifierMixin

from featkit import evaluate
from featkit.bundle import Bundle, train
from featkit.classifiers import make_classifier
from featkit.classifiers.segments import SegmentVoting
from featkit.datasets.synthetic import synthesize
from featkit.errors import ParameterError
from featkit.extraction import extract
from featkit.store import Store
from featkit.training import segments
from featkit.training.recipes import Recipe

NET = "net:front=(logmel:preset=piczak,n_mels=16),epochs=4"
TEXT = f"segments:net=({NET})"
SR = segments.SR


def clips(n: int, seed: int = 0) -> tuple[list[Any], Any]:
    """Tones of 5 s, a pitch for each of two classes, with noise; every third is 1 s shorter."""
    rng = np.random.default_rng(seed)
    rows = [
        tone(500.0 * (1 + k % 2) * rng.uniform(0.95, 1.05), 5 - (k % 3 == 2), SR) for k in range(n)
    ]
    return [
        (row + 0.05 * rng.standard_normal(len(row))).astype(np.float32) for row in rows
    ], np.array(["low", "high"])[np.arange(n) % 2]


class Told(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A net that says what it was told, and keeps what it was given."""

    def __init__(self, says: Any = (), valid: float = 0.0, random_state: int = 0) -> None:
        self.says, self.valid, self.random_state = says, valid, random_state

    def settled(self) -> Recipe:
        return Recipe(valid=self.valid)

    def fit(self, X: Any, y: Any, groups: Any = None) -> "Told":
        self.given, self.classes_ = (X, y, groups), np.unique(y)
        return self

    def predict_proba(self, X: Any) -> Any:
        return np.asarray(self.says)[: len(X)]


def test_a_clip_is_decided_by_its_segments() -> None:
    (X, y), (X2, y2) = clips(12), clips(6, seed=1)
    model = make_classifier(TEXT).fit(X, y)
    assert model.n_segments_ == 8 * 3 + 4 * 2
    assert (model.predict(X2) == y2).all()
    shares = model.predict_proba(X2)
    assert shares.shape == (6, 2) and np.allclose(shares.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("rule", "expected", "first"), [("majority", "a", 0.6), ("mean", "b", 0.4)]
)
def test_votes_and_means(rule: Any, expected: str, first: float) -> None:
    # Two segments say a with 0.51, one says b with 0.82: the vote is a, the mean 0.4 for a.
    model = SegmentVoting(Told(says=((0.51, 0.49), (0.51, 0.49), (0.18, 0.82))), rule=rule).fit(
        clips(2)[0], ["a", "b"]
    )
    one = [np.ones(110_250, np.float32)]
    assert model.predict(one).tolist() == [expected]
    assert model.predict_proba(one)[0] == pytest.approx([first, 1 - first])


@pytest.mark.parametrize("given", [True, False])
def test_clips_stay_whole_between_training_and_validation_and_copies_only_train(
    given: bool, monkeypatch: Any
) -> None:
    y = clips(12)[1]
    marks = [np.full(110_250, 1 + number, np.float32) for number in range(12)]
    folds = np.arange(12) // 4 if given else None
    delayed: list[float] = []
    copy = segments.delayed
    monkeypatch.setattr(
        segments, "delayed", lambda wave, rng: delayed.append(wave[0]) or copy(wave, rng)
    )
    model = SegmentVoting(Told(valid=0.25), delays=2).fit(marks, y, groups=folds)
    rows, labels, inner = model.net_.given
    held = (
        {1 + number for number in range(4)}
        if given
        else {float(row) for row in range(1, 13)} - set(delayed)
    )
    assert sorted(set(delayed)) == sorted({1.0 + number for number in range(12)} - held)
    assert len(delayed) == 2 * (12 - len(held)) and len(held) == 4
    assert (inner == 0).sum() == 3 * len(held) and len(rows) == len(labels) == len(
        inner
    ) == model.n_segments_
    assert model.n_segments_ > 3 * 12


def test_the_same_seed_gives_the_same_copies_and_the_next_seed_others() -> None:
    X, y = clips(4)
    first, second, other = (
        SegmentVoting(Told(random_state=seed), delays=1).fit(X, y).net_.given[0]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second)
    assert first.shape != other.shape or not np.array_equal(first, other)


def test_it_is_evaluated_and_bundled_like_any_net(tmp_path: Path) -> None:
    extract(
        synthesize(tmp_path / "audio", n_clips=50, sr=8000),
        ["waveform:sr=22050"],
        tmp_path / "s.zarr",
    )
    table = Store(tmp_path / "s.zarr").table("waveform")
    scores = evaluate(table, f"segments:net=({NET},valid=0.25),delays=1")
    assert (
        not any(score.error for score in scores)
        and sum(len(score.y_pred) for score in scores) == 50
    )
    trained = train(table, TEXT)
    trained.save(tmp_path / "model")
    model = Bundle.load(tmp_path / "model")
    assert np.array_equal(
        model.classifier.predict_proba(table.X), trained.classifier.predict_proba(table.X)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("segments:delays=-1", "delays ≥ 0"),
        ("segments:net=(net:sr=44100,front=logmel)", "sr=22050"),
        ("segments:net=(net:watch=true)", "watch=true"),
        ("segments:net=(net_grid:lr=1e-3+1e-4)", "cannot wrap 'net_grid'"),
        ("segments:net=(net:augment=true,front=logmel,sr=22050)", "augment=true"),
    ],
)
def test_what_does_not_go_together_is_refused(text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        make_classifier(text)


def test_rows_other_than_waveforms_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"row 0 of shape .* is not a waveform"):
        make_classifier(TEXT).fit(np.zeros((4, 8, 8)), ["a", "b", "a", "b"])


def test_an_ensemble_of_nets_on_segments_learns() -> None:
    X, y = clips(8)
    model = make_classifier(f"net_ensemble:members=2,net=({TEXT})").fit(X, y)
    assert len(model.members_) == 2 and (model.predict(X) == y).all()
