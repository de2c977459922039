"""A run: what identifies it, and what its curves say."""

from dataclasses import replace
from pathlib import Path

from featkit.training.recipes import Recipe
from featkit.training.run import Settings, identity, numbers

LINES = [
    {"epoch": 0, "valid_loss": 1.0, "valid_accuracy": 0.4, "test_loss": 1.0, "test_accuracy": 0.5},
    {"epoch": 1, "valid_loss": 0.5, "valid_accuracy": 0.6, "test_loss": 1.0, "test_accuracy": 0.6},
    {"epoch": 2, "valid_loss": 0.6, "valid_accuracy": 0.7, "test_loss": 1.0, "test_accuracy": 0.8},
    {"epoch": 3, "valid_loss": 0.7, "valid_accuracy": 0.5, "test_loss": 1.0, "test_accuracy": 0.7},
]


def test_three_ways_to_choose_the_epoch_stand_side_by_side() -> None:
    actual = numbers(LINES)
    assert {
        name: (entry["epoch"], entry["test_accuracy"], entry["optimistic"])
        for name, entry in actual.items()
    } == {
        "last": (3, 0.7, False),
        "best_on_valid": (1, 0.6, False),
        "best_on_test": (2, 0.8, True),
    }


def test_only_what_was_measured_is_there() -> None:
    assert numbers([{"epoch": 0, "train_loss": 1.0}]) == {
        "last": {"epoch": 0, "valid_accuracy": None, "test_accuracy": None, "optimistic": False}
    }
    assert numbers([]) == {}


def test_a_run_is_identified_by_its_settings_and_the_content_of_its_weights(tmp_path: Path) -> None:
    plain = Settings("cnn", Recipe())
    files = [tmp_path / name for name in ("a", "b", "copy")]
    for file, content in zip(files, ("a", "b", "a"), strict=True):
        file.write_text(content)
    of = lambda settings: identity(settings, settings.plan((16, 8), 3))  # noqa: E731
    a, b, copy = (of(replace(plain, weights=str(file))) for file in files)
    assert a == copy != b
    changes = [{"arch": "crnn"}, {"recipe": Recipe(lr=1)}, {"seed": 1}, {"member": 1}]
    assert all(of(replace(plain, **change)) != of(plain) for change in changes)
    assert identity(plain, plain.plan((16, 9), 3)) != of(plain)
