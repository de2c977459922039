"""Ensembles P7, T8 and the spread of runs P8."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from featkit.classifiers._net import NetClassifier
from featkit.classifiers.net_ensemble import MeanEnsemble, spread
from featkit.errors import ParameterError


@pytest.fixture
def fitted(patterns: Any) -> MeanEnsemble:
    shared: dict[str, Any] = {"overrides": {"epochs": 2}, "random_state": 0}
    members = [NetClassifier("cnn", member=member, **shared) for member in range(3)] + [
        NetClassifier("lstm", **shared)
    ]
    X, y = patterns(24)
    return MeanEnsemble(members).fit(X, y)


def test_probabilities_are_the_members_mean(fitted: MeanEnsemble, patterns: Any) -> None:
    X, _ = patterns(15, seed=1)
    each = np.stack([member.predict_proba(X) for member in fitted.members_])
    assert np.allclose(fitted.predict_proba(X), each.mean(axis=0))
    assert (fitted.predict(X) == fitted.classes_[each.mean(axis=0).argmax(axis=1)]).all()
    assert not np.array_equal(each[0], each[1])


@pytest.mark.parametrize("seed", range(4))
def test_its_log_loss_is_at_most_the_members_mean(
    fitted: MeanEnsemble, patterns: Any, seed: int
) -> None:
    actual = spread(fitted, *patterns(15, seed=seed))
    assert actual["ensemble_log_loss"] <= np.mean(actual["log_losses"]) + 1e-12
    assert actual["mean"] == pytest.approx(np.mean(actual["accuracies"]))
    assert actual["std"] == pytest.approx(np.std(actual["accuracies"], ddof=1))


def test_sizes_add_up(fitted: MeanEnsemble) -> None:
    assert fitted.model_bytes == sum(member.model_bytes for member in fitted.members_)
    nets = MeanEnsemble([NetClassifier("transformer", classes=4, member=k) for k in range(5)])
    size = nets.size()
    assert size.pop("weights") == 5 * nets.members[0].size()["weights"] > 0
    assert size == {"parameters": 5 * 397_956, "model_bytes": 4 * 5 * 397_956, "classes": 4}


def test_equal_members_are_the_member(patterns: Any) -> None:
    class Flat(LogisticRegression):
        def fit(self, X: Any, y: Any, groups: Any = None, eval_set: Any = None) -> Any:
            return super().fit(X, y)

    X, y = patterns(24, (10,))
    both = MeanEnsemble([Flat(), Flat()]).fit(X, y)
    assert np.array_equal(both.predict_proba(X), both.members_[0].predict_proba(X))


def test_no_members_are_refused(patterns: Any) -> None:
    with pytest.raises(ParameterError, match="at least one"):
        MeanEnsemble([]).fit(*patterns())
