import importlib

import pytest

from featkit.bundle import trust


def test_types_of_libraries_exist_and_are_trusted():
    for name in trust.LIBRARY:
        module, _, attribute = name.rpartition(".")
        assert isinstance(getattr(importlib.import_module(module), attribute), type)
    assert trust.untrusted([*trust.LIBRARY]) == []


def test_estimators_of_the_package_of_classifiers_are_trusted():
    estimators = [
        "featkit.classifiers.elm.ELM",
        "featkit.classifiers.ensemble.Ensemble",
        "featkit.classifiers.knn.KNN",
        "featkit.classifiers.svm.SVMGrid",
    ]
    assert trust.untrusted(estimators) == []


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "featkit.classifiers.svm.make",  # a function
        "featkit.classifiers.svm.Product",  # not an estimator, or not there
        "featkit.classifiers.svm.BaseEstimator",  # defined elsewhere
        "featkit.classifiers.no_such_file.Thing",
        "featkit.classifiers_of_mine.Thing",
        "featkit.store.store.Store",
        "my_package.Model",
    ],
)
def test_all_else_must_be_named(name):
    assert trust.untrusted([name, "sklearn.tree._tree.Tree"]) == [name]
    assert trust.untrusted([name], trusted=[name]) == []


def test_code_outside_featkit_is_found_in_the_text_of_a_feature():
    text = "mfcc_stats+my.module:Thing:n=1+hear:module=your_net,weights=a.pt"
    assert trust.code_of_feature(text) == ["my.module:Thing", "your_net"]
