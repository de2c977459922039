"""Recipes of the papers: their values, schedules and checks."""

from dataclasses import asdict

import pytest

from featkit.errors import ParameterError
from featkit.training.recipes import RECIPES, Recipe, get_recipe


def test_fine_tuning_is_the_papers() -> None:
    recipe = get_recipe("finetune")
    assert (recipe.optimizer, recipe.lr, recipe.weight_decay) == ("adam", 1e-4, 1e-3)
    assert (recipe.batch_size, recipe.epochs, recipe.step, recipe.gamma) == (32, 70, 30, 0.1)
    assert [recipe.rate(epoch) for epoch in (0, 29, 30, 59, 60, 69)] == [
        1e-4,
        1e-4,
        1e-5,
        1e-5,
        1e-6,
        1e-6,
    ]


def test_training_from_scratch_drops_the_rate_at_300_and_350() -> None:
    recipe = get_recipe("scratch")
    assert recipe.epochs == 450
    assert [recipe.rate(epoch) for epoch in (0, 299, 300, 349, 350, 449)] == [
        1e-4,
        1e-4,
        1e-5,
        1e-5,
        1e-6,
        1e-6,
    ]


def test_the_scene_recipe_decays_by_iteration() -> None:
    recipe = get_recipe("dcase")
    assert recipe.rate(9, 199) == 1e-3 and recipe.rate(0, 200) == pytest.approx(9.1e-4)
    assert recipe.rate(0, 12_000) == pytest.approx(3.5e-6, rel=0.02)
    assert recipe.rate(0, 15_000) == pytest.approx(8.5e-7, rel=0.02)
    assert recipe.n_epochs(218) == 56


@pytest.mark.parametrize(
    ("name", "values"),
    [("dcase", ("adam", 64, 12_000, "none")), ("dcase_code", ("amsgrad", 128, 15_000, "bin"))],
)
def test_the_scene_recipe_is_the_papers_or_the_codes(name: str, values: tuple[object, ...]) -> None:
    recipe = get_recipe(name)
    assert (recipe.optimizer, recipe.batch_size, recipe.iterations, recipe.scale) == values
    assert (recipe.lr, recipe.step, recipe.gamma, recipe.unit) == (1e-3, 200, 0.91, "iteration")
    assert (recipe.mixup, recipe.weight_decay, recipe.valid, recipe.patience) == (0.2, 0, 0, 0)
    assert recipe.milestones == ()


# Every value that differs from Recipe's defaults, which the next test has.
PAPERS = {
    "default": {},
    "finetune": {"lr": 1e-4, "weight_decay": 1e-3, "epochs": 70, "step": 30},
    "scratch": {"lr": 1e-4, "weight_decay": 1e-3, "epochs": 450, "milestones": (300, 350)},
    "instrument": {"batch_size": 10, "scale": "bin"},
    "dcase": {
        "batch_size": 64,
        "iterations": 12_000,
        "step": 200,
        "gamma": 0.91,
        "unit": "iteration",
        "mixup": 0.2,
    },
    "dcase_code": {
        "optimizer": "amsgrad",
        "batch_size": 128,
        "iterations": 15_000,
        "step": 200,
        "gamma": 0.91,
        "unit": "iteration",
        "mixup": 0.2,
        "scale": "bin",
    },
    "dcase_baseline": {"batch_size": 16, "epochs": 200, "scale": "bin", "valid": 0.3},
    "piczak": {
        "optimizer": "sgd",
        "lr": 0.01,
        "weight_decay": 0.002,
        "batch_size": 1000,
        "epochs": 150,
        "scale": "channel",
    },
    "piczak_short": {
        "optimizer": "sgd",
        "lr": 0.002,
        "weight_decay": 0.002,
        "batch_size": 1000,
        "epochs": 300,
        "scale": "channel",
    },
    "tax2017": {
        "optimizer": "sgd",
        "lr": 0.005,
        "batch_size": 500,
        "epochs": 200,
        "scale": "range",
    },
    "mst": {"lr": 3e-4, "batch_size": 100, "epochs": 800, "patience": 50, "valid": 0.2},
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_these_values_and_no_others(name: str) -> None:
    assert asdict(get_recipe(name)) == asdict(Recipe()) | PAPERS[name]


def test_the_defaults_are_these() -> None:
    assert asdict(Recipe()) == {
        "optimizer": "adam",
        "lr": 1e-3,
        "weight_decay": 0.0,
        "momentum": 0.9,
        "batch_size": 32,
        "epochs": 30,
        "iterations": 0,
        "step": 0,
        "milestones": (),
        "gamma": 0.1,
        "unit": "epoch",
        "mixup": 0.0,
        "scale": "none",
        "valid": 0.0,
        "patience": 0,
        "precision": "float32",
        "channels_last": True,
        "compile": False,
    }


def test_rates_without_a_schedule_stay() -> None:
    for name, rate in (("instrument", 1e-3), ("tax2017", 5e-3), ("piczak", 0.01), ("mst", 3e-4)):
        recipe = get_recipe(name)
        assert {recipe.rate(epoch, 100 * epoch) for epoch in range(recipe.epochs)} == {rate}


def test_step_and_milestones_multiply() -> None:
    recipe = Recipe(lr=1.0, step=2, milestones=(3,), gamma=0.5)
    assert [recipe.rate(epoch) for epoch in range(5)] == [1, 1, 0.5, 0.25, 0.125]


def test_changes_come_as_text_or_values() -> None:
    recipe = get_recipe(
        "scratch",
        lr="3e-4",
        milestones="3+5",
        precision="bfloat16",
        patience=2,
        valid="0.2",
        compile="true",
    )
    assert (recipe.lr, recipe.milestones, recipe.precision) == (3e-4, (3, 5), "bfloat16")
    assert (recipe.patience, recipe.valid, recipe.compile, recipe.weight_decay) == (
        2,
        0.2,
        True,
        1e-3,
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lr": 0}, "lr=0.0 is not above 0"),
        ({"lr": "inf"}, "lr=inf"),
        ({"batch_size": -1}, "batch_size=-1"),
        ({"weight_decay": -1}, "weight_decay=-1.0 is below 0"),
        ({"weight_decay": "inf"}, "weight_decay=inf"),
        ({"patience": 3}, "valid=0.2"),
        ({"valid": 1.0}, "valid=1.0"),
        ({"milestones": "5+3"}, "must rise"),
        ({"optimizer": "lion"}, "adam, amsgrad, adamw, sgd"),
        ({"optimizer": "sgd", "momentum": 0}, "momentum"),
        ({"epochz": 3}, "epochs"),
    ],
)
def test_wrong_values_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        get_recipe("instrument", **changes)


def test_an_unknown_recipe_lists_the_known() -> None:
    with pytest.raises(ParameterError, match=", ".join(RECIPES)):
        get_recipe("magic")
