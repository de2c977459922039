import dataclasses

import numpy as np
import pytest
from scipy.optimize import minimize

from featkit.errors import ParameterError
from featkit.evaluation import evaluate
from featkit.results import append, fuse, read
from featkit.results.inner import inner_path, with_inner
from featkit.results.metrics import log_loss
from featkit.results.stacking import log_linear, mixture, pooled


@pytest.fixture
def predictions(rng):
    """Four systems on 200 clips of three classes: good, fair, useless, and the first again."""
    codes = rng.integers(0, 3, 200)

    def system(sharpness):
        scores = sharpness * np.eye(3)[codes] + rng.normal(size=(200, 3))
        return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)

    good = system(3.0)
    return np.stack([good, system(1.5), system(0.0), good]), codes


def loss(values, predictions, pool):
    probabilities, codes = predictions
    return log_loss(codes, pooled(probabilities, np.asarray(values), pool), range(3))


def test_the_mixture_is_the_one_with_the_lowest_loss(predictions):
    probabilities, codes = predictions
    values = mixture(probabilities, codes)
    assert values.sum() == pytest.approx(1) and (values >= 0).all()
    assert values[2] < 0.01 and values[0] + values[3] > values[1]
    whole = {"type": "eq", "fun": lambda weights: weights.sum() - 1}
    best = minimize(
        lambda weights: loss(weights, predictions, "stack"),
        np.full(4, 0.25),
        bounds=[(0, 1)] * 4,
        constraints=whole,
    )
    assert loss(values, predictions, "stack") == pytest.approx(best.fun, abs=1e-6)


def test_the_log_linear_pool_is_logistic_regression_with_one_weight_a_system(predictions):
    probabilities, codes = predictions
    values = log_linear(probabilities, codes)
    lowest = loss(values, predictions, "stack_product")
    for at in range(4):
        for step in (-0.02, 0.02):
            moved = values.copy()
            moved[at] = max(moved[at] + step, 0.0)
            assert loss(moved, predictions, "stack_product") >= lowest - 1e-6
    assert loss(values, predictions, "stack_product") <= min(
        loss(row, predictions, "stack_product") for row in np.eye(4)
    )


def test_the_temperature_of_one_system_is_learned(predictions):
    probabilities, codes = predictions
    sharp = probabilities[:1] ** 3
    sharp /= sharp.sum(axis=2, keepdims=True)
    (once,), (cubed,) = log_linear(probabilities[:1], codes), log_linear(sharp, codes)
    assert cubed == pytest.approx(once / 3, rel=0.01)


@pytest.fixture
def scores(make_table):
    table = make_table(n=80, n_folds=4, spread=1.5)
    noise = dataclasses.replace(
        table,
        X=np.random.default_rng(1).standard_normal(table.X.shape).astype(np.float32),
        feature="noise",
    )
    return [*evaluate(table, "ridge"), *evaluate(table, "knn"), *evaluate(noise, "ridge")]


def test_a_stack_is_a_system_with_its_weights(scores):
    for rule in ("stack", "stack_product"):
        fused = fuse(scores, rule, name="three")
        assert [score.fold for score in fused] == ["1", "2", "3", "4"]
        for score in fused:
            assert score.classifier == f"fusion:rule={rule}(three)" and score.feature == "three"
            assert score.protocol == "nested"
            assert len(score.params["weights"]) == len(score.params["members"]) == 3
            if rule == "stack":
                noise = score.params["members"].index("noise + ridge, seed 0")
                assert score.params["weights"][noise] < 0.2
    losses = {
        rule: np.mean([score.log_loss for score in fuse(scores, rule)])
        for rule in ("mean", "stack", "stack_product")
    }
    assert max(losses["stack"], losses["stack_product"]) < losses["mean"]


def test_weights_depend_on_inner_predictions_and_not_on_those_of_other_test_folds(scores):
    of_one = [score for score in scores if score.fold == "1"]
    (alone,) = fuse(of_one, "stack")
    together = next(score for score in fuse(scores, "stack") if score.fold == "1")
    assert (alone.params, alone.y_pred) == (together.params, together.y_pred)


def test_inner_predictions_come_back_from_the_file_beside_the_results(scores, tmp_path):
    place = tmp_path / "r.jsonl"
    append(place, scores)
    assert inner_path(place).exists()
    again = read(place)
    assert all(score.inner is None for score in again)
    restored = {score.cell: score.inner for score in with_inner(again, place)}
    for score in scores:
        assert restored[score.cell].ids == score.inner.ids
        assert restored[score.cell].y_true == score.inner.y_true
        assert np.allclose(restored[score.cell].probabilities, score.inner.probabilities, atol=1e-6)
        assert not set(score.inner.ids) & set(score.ids)
    fused = fuse(with_inner(again, place), "stack")
    for one, other in zip(fused, fuse(scores, "stack"), strict=True):
        assert np.allclose(one.params["weights"], other.params["weights"], atol=0.01)


def test_inner_predictions_of_other_data_are_not_taken(scores, tmp_path):
    place = tmp_path / "r.jsonl"
    append(place, scores)
    changed = [dataclasses.replace(score, data="0" * 16) for score in read(place)]
    assert all(score.inner is None for score in with_inner(changed, place))


def test_what_cannot_be_stacked_is_refused_by_name(scores, make_table):
    forest = evaluate(make_table(n=80, n_folds=4, spread=1.5), "random_forest:n_estimators=5")
    with pytest.raises(ParameterError, match=r"random_forest.*no inner predictions"):
        fuse([*scores, *forest], "stack")
    paper = [dataclasses.replace(score, protocol="paper") for score in scores]
    with pytest.raises(ParameterError, match="selects on test folds"):
        fuse(paper, "stack")
    inner = scores[0].inner
    cut = dataclasses.replace(
        inner, ids=inner.ids[1:], y_true=inner.y_true[1:], probabilities=inner.probabilities[1:]
    )
    with pytest.raises(ParameterError, match="of other clips"):
        fuse([dataclasses.replace(scores[0], inner=cut), *scores[1:]], "stack")
    leaky = dataclasses.replace(inner, ids=(scores[0].ids[0], *inner.ids[1:]))
    with pytest.raises(ParameterError, match="both an inner and a test clip"):
        fuse([dataclasses.replace(s, inner=leaky) if s.fold == "1" else s for s in scores], "stack")


def test_a_damaged_line_is_named(scores, tmp_path):
    place = tmp_path / "r.jsonl"
    append(place, scores[:1])
    text = inner_path(place).read_text().replace('"probabilities": [[', '"probabilities": [[7, ')
    inner_path(place).write_text(text)
    with pytest.raises(ParameterError, match="line 1"):
        with_inner(read(place), place)
