"""``featkit datasets``: list datasets, show one, check one, make a synthetic one."""

from typing import TYPE_CHECKING, Any

import click

from featkit.naming import display
from featkit_cli.completion import DATASET
from featkit_cli.output import (
    echo,
    json_option,
    print_json,
    print_table,
    progress_bar,
)
from featkit_cli.tables import column_options, opened

if TYPE_CHECKING:
    from featkit.datasets import Dataset
    from featkit.datasets.validation import ValidationReport


@click.group()
def datasets() -> None:
    """List, show, check and make datasets."""


@datasets.command("list")
@json_option
def list_datasets(as_json: bool) -> None:
    """Name every kind of dataset that featkit knows."""
    from featkit.datasets import catalogue

    rows = catalogue()
    if as_json:
        print_json({"datasets": [{"name": name, "description": line} for name, line in rows]})
    else:
        print_table(("NAME", "WHAT IT IS"), rows, wrapped=True)


@datasets.command()
@click.argument("dataset", type=DATASET)
@column_options
@json_option
def show(dataset: str, as_json: bool, **columns: str) -> None:
    """Show clips, classes, groups, folds, durations, rates, channels and unused columns of DATASET.

    DATASET is a known NAME, NAME:ROOT, a table, or a folder with one sub-folder per class. Files
    are opened for their headers; nothing is decoded.
    """
    from featkit.datasets import registry

    if dataset in registry.names() and not getattr(registry.get(dataset), "generated", False):
        corpus: Any = registry.get(dataset)
        shown = {"name": dataset, "about": dict(corpus.about), "expected": dict(corpus.expected)}
    else:
        shown = _shown(opened(dataset, **columns))
    if as_json:
        print_json(shown)
        return
    for key, value in shown.items():
        if isinstance(value, dict):
            for inner, text in value.items():
                echo(f"{key}.{inner}: {text}")
        elif value or key in ("clips", "groups"):
            listing = value if isinstance(value, list) else [value]
            echo(f"{key}: {', '.join(map(str, listing))}")


def _shown(dataset: "Dataset") -> dict[str, Any]:
    """Return what there is to say of a dataset, as JSON takes it."""
    from featkit.datasets import counts
    from featkit.datasets.survey import survey

    with progress_bar(len({clip.path for clip in dataset.clips}), "file", dataset.name) as step:
        numbers = survey(dataset, step)
    per_class = numbers.pop("classes")
    return {
        "name": dataset.name,
        "root": dataset.root,
        "protocol": dataset.protocol,
        **numbers,
        "classes": list(per_class),
        "clips_per_class": per_class,
        "counts": counts(dataset),
        "group_column": dataset.group_column,
        "columns_ignored": list(dataset.columns_ignored),
        "warnings": list(dataset.warnings),
        "remarks": list(dataset.remarks),
        "about": dict(dataset.about),
        "expected": dict(dataset.expected),
    }


@datasets.command()
@click.argument("dataset", type=DATASET)
@column_options
@json_option
def validate(dataset: str, as_json: bool, **columns: str) -> None:
    """List missing, unreadable, duplicate (same bytes) and misfolded clips of DATASET.

    Names unused columns too. Exit status 1 if there are any problems.
    """
    from featkit.datasets.validation import validate as check

    checked = opened(dataset, **columns)
    with progress_bar(len(checked), "clip", checked.name) as step:
        report = check(checked, step)
    if as_json:
        print_json(report.to_dict())
    else:
        _print_problems(report)
        kinds = [f"{len(items)} {kind}" for kind, items in _problems(report) if items]
        clips = display.counted(len(checked), "clip")
        echo(f"{checked.name}: {clips}, {', '.join(kinds) or 'no problems'}")
    if not report.ok:
        raise click.exceptions.Exit(1)


def _problems(report: "ValidationReport") -> list[tuple[str, list[str]]]:
    """Return the problems of each kind as text."""
    return [
        ("missing", [path for _, path in report.missing]),
        ("unreadable", [f"{path}: {reason}" for _, path, reason in report.unreadable]),
        (
            "too short",
            [f"{name}: {want:g} s listed, {got:g} s there" for name, want, got in report.durations],
        ),
        (
            "duplicate",
            [
                ", ".join(same.ids)
                + (" (in several folds)" if same.crosses_folds else "")
                + (f" (labelled {' and '.join(same.labels)})" if len(same.labels) > 1 else "")
                for same in report.duplicates
            ],
        ),
        (
            "in several folds",
            [f"group {group}: {', '.join(parts)}" for group, parts in report.misfolded],
        ),
    ]


def _print_problems(report: "ValidationReport") -> None:
    """Print every problem, then what is for information."""
    numbers = [f"{what}: {want} in the corpus, {got} here" for what, want, got in report.unexpected]
    columns = [", ".join(report.columns_ignored)] if report.columns_ignored else []
    notes = [("numbers", numbers), ("remark", list(report.remarks)), ("columns ignored", columns)]
    for kind, items in [*_problems(report), *notes]:
        for item in items:
            echo(f"{kind}: {item}")


@datasets.command()
@click.argument("out", type=click.Path(file_okay=False))
@click.option(
    "--clips", default=400, show_default=True, type=click.IntRange(1), help="How many recordings."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
def synthesize(out: str, clips: int, seed: int) -> None:
    """Write a synthetic dataset (WAV files and clips.csv) to the folder OUT."""
    from featkit.datasets.synthetic import synthesize as write

    written = write(out, clips, seed)
    echo(f"{len(written)} clips of {len(written.classes)} classes; use {out}/clips.csv")


COMMANDS = (datasets,)
