import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from featkit.errors import ParameterError
from featkit.evaluation.estimators import adapted, described, origins, resolve, seeded


class Part(BaseEstimator):
    """Offers an origin, a rate and blocks."""

    def __init__(self, name="", sr=0, blocks="features"):
        self.name = name
        self.sr = sr
        self.blocks = blocks

    def origin(self):
        return self.name


def test_a_seed_fills_only_what_is_unset():
    pipe = make_pipeline(StandardScaler(), RandomForestClassifier())
    assert seeded(pipe, 7).get_params()["randomforestclassifier__random_state"] == 7
    assert seeded(RandomForestClassifier(random_state=3), 7).random_state == 3
    assert pipe.get_params()["randomforestclassifier__random_state"] is None


def test_the_text_of_an_estimator_leaves_its_seed_out():
    assert described(RandomForestClassifier(n_estimators=5, random_state=3), 0) == (
        "RandomForestClassifier(n_estimators=5)",
        3,
    )
    pipe = make_pipeline(StandardScaler(), LogisticRegression(C=2))
    assert described(pipe, 4) == ("StandardScaler() + LogisticRegression(C=2)", 4)


def test_a_text_brings_its_own_seed():
    assert resolve("random_forest:n_estimators=2,seed=7", 1)[1:] == (
        "random_forest:n_estimators=2,seed=7",
        7,
    )
    estimator, label, seed = resolve("random_forest", 1)
    assert (estimator.get_params()["random_state"], label, seed) == (1, "random_forest", 1)


@pytest.mark.parametrize("classifier", [42, LogisticRegression, None])
def test_anything_but_an_estimator_is_refused(classifier):
    with pytest.raises(ParameterError, match="neither text nor a scikit-learn estimator"):
        resolve(classifier, 0)


def test_blocks_follow_the_table_in_nested_estimators_too(make_table):
    table = make_table(blocks=(3, 4))
    assert adapted(Part(), table).blocks == (3, 4)
    assert adapted(make_pipeline(Part()), table).get_params()["part__blocks"] == (3, 4)
    assert adapted(Part(blocks=(7,)), table).blocks == (7,)


def test_waveforms_at_another_rate_are_refused(make_table):
    table = make_table(spec={"name": "waveform", "params": {"sr": 16000}})
    for accepted in (0, 16000):
        adapted(Part(sr=accepted), table)
    with pytest.raises(ParameterError, match="waveforms at 16000 Hz, and the classifier has sr=8"):
        adapted(make_pipeline(Part(sr=8)), table)


def test_origins_are_those_of_all_parts_in_the_order_of_the_parameters():
    voting = VotingClassifier([("one", Part("a")), ("two", make_pipeline(Part("b"), Part()))])
    first, second, code = origins(voting)
    assert (first, second) == ("a", "b") and code.startswith(f"{__name__} ")
    assert list(origins(LogisticRegression())) == []
