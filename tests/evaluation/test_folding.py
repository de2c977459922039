import dataclasses
import inspect

import numpy as np
import pytest

import featkit
from featkit.errors import DatasetError, ParameterError
from featkit.evaluation import Folding, Grid, prepare
from featkit.experiment import Systems
from featkit_cli.evaluate import evaluate as command

FIELDS = {item.name: item.default for item in dataclasses.fields(Folding)}


@pytest.mark.parametrize(
    ("field", "value"),
    [("folds", "loo"), ("n_folds", 1), ("fold_seed", -1), ("only_folds", "12")],
)
def test_values_outside_their_range_are_refused_by_name(field, value):
    with pytest.raises(ParameterError, match=f"^{field}="):
        Folding(**{field: value})


def test_equal_foldings_are_equal_however_their_names_are_listed():
    assert Folding(only_folds=["1", "2"]) == Folding(only_folds=("1", "2"))
    assert hash(Folding(only_folds=["1"])) == hash(Folding(only_folds=("1",)))


@pytest.mark.parametrize(
    ("protocol", "scheme"),
    [("folds", "official folds"), ("none", "5 stratified group folds, seed 0")],
)
def test_auto_follows_the_dataset(protocol, scheme, make_table):
    assert Folding().plan(make_table(protocol=protocol)).scheme == scheme


def test_a_dataset_that_prescribes_something_unknown_needs_words(make_table):
    table = make_table(protocol="tenfold")
    with pytest.raises(ParameterError, match="'tenfold'"):
        Folding().plan(table)
    assert len(Folding("official").plan(table).splits) == 5


def test_one_class_is_refused(make_table):
    with pytest.raises(ParameterError, match="one class only"):
        Folding().plan(make_table(classes=1))


def test_only_some_folds_are_measured_and_all_are_planned(make_table):
    plan = Folding(only_folds=("4", "2")).plan(make_table())
    assert [split.name for split in plan.measured] == ["2", "4"] and len(plan.splits) == 5
    with pytest.raises(ParameterError, match="no fold is called 9; there are: 1, 2, 3, 4, 5"):
        Folding(only_folds=("1", "9")).plan(make_table())


def test_leaking_folds_are_refused_unless_allowed(make_table):
    table = make_table(groups=np.full(60, "same"))
    with pytest.raises(DatasetError, match="share their group"):
        Folding().plan(table)
    assert [note.kind for note in Folding(allow_leakage=True).plan(table).notes] == ["leakage"]


def test_another_corpus_is_the_only_test_part(make_table):
    other = make_table(dataset="other")
    assert Folding().between(other).folds == Folding("split").between(other).folds == "split"
    with pytest.raises(ParameterError, match="all of other is the test part"):
        Folding("groups").between(other)


def test_no_entry_declares_a_field_of_a_folding_again():
    entries = (featkit.evaluate, featkit.train, prepare, Grid, Systems)
    for entry in entries:
        parameters = set(inspect.signature(entry).parameters)
        assert "folding" in parameters and not parameters & set(FIELDS), entry


def test_the_command_line_has_an_option_for_every_field_with_its_default():
    options = {option.name: option for option in command.params if option.name in FIELDS}
    assert set(options) == set(FIELDS)
    context = command.make_context("evaluate", ["s", "-f", "x", "-c", "y", "--out", "z"])
    parsed = {name: context.params[name] for name in FIELDS}
    assert Folding(**parsed) == Folding()


def test_a_bundle_is_not_trained_on_some_folds_only(make_table):
    folding = Folding(only_folds=("1",))
    with pytest.raises(ParameterError, match=r"only_folds=\('1',\)"):
        featkit.train(make_table(feature="mfcc_stats"), "knn", folding=folding)
