"""``featkit datasets``: what there is, what one holds, whether it is sound, and a synthetic one."""

from typing import Any

import click

from featkit_cli.completion import DATASET
from featkit_cli.output import json_option, print_json, print_table


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
        print_table(("NAME", "WHAT IT IS"), rows)


@datasets.command()
@click.argument("dataset", type=DATASET)
@json_option
def show(dataset: str, as_json: bool) -> None:
    """Show what DATASET is: a known NAME, NAME:ROOT, a table, or a folder with one sub-folder per
    class.
    """
    from featkit.datasets import counts, get_dataset, registry

    if dataset in registry.names() and not getattr(registry.get(dataset), "generated", False):
        corpus: Any = registry.get(dataset)
        found = {"name": dataset, "about": dict(corpus.about), "expected": dict(corpus.expected)}
    else:
        made = get_dataset(dataset)
        found = {
            "name": made.name,
            "root": made.root,
            "protocol": made.protocol,
            "counts": counts(made),
            "classes": list(made.classes),
            "about": dict(made.about),
            "expected": dict(made.expected),
            "remarks": list(made.remarks),
        }
    if as_json:
        print_json(found)
        return
    for key, value in found.items():
        if isinstance(value, dict):
            for inner, text in value.items():
                click.echo(f"{key}.{inner}: {text}")
        elif value:
            click.echo(f"{key}: {', '.join(value) if isinstance(value, list) else value}")


@datasets.command()
@click.argument("dataset", type=DATASET)
@json_option
def validate(dataset: str, as_json: bool) -> None:
    """Name missing, unreadable, duplicate (same bytes) and misfolded clips of DATASET; exit 1 if
    there are any.
    """
    from tqdm import tqdm

    from featkit.datasets import get_dataset
    from featkit.datasets.validation import validate as check

    made = get_dataset(dataset)
    with tqdm(total=len(made), unit="clip", desc="validate") as bar:

        def step(done: int, total: int) -> None:
            bar.update(done - bar.n)

        report = check(made, step)
    found = report.to_dict()
    if as_json:
        print_json(found)
    else:
        for key, value in found.items():
            if value and isinstance(value, list):
                for item in value:
                    click.echo(f"{key}: {item}")
        click.echo(
            f"{made.name}: {len(made)} clips, {'no problem found' if report.ok else 'problems found'}"
        )
    if not report.ok:
        raise click.exceptions.Exit(1)


@datasets.command()
@click.argument("out", type=click.Path(file_okay=False))
@click.option(
    "--clips", default=400, show_default=True, type=click.IntRange(1), help="How many recordings."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
def synthesize(out: str, clips: int, seed: int) -> None:
    """Write a synthetic dataset (WAV files and clips.csv) to the folder OUT."""
    from featkit.datasets.synthetic import synthesize as write

    made = write(out, clips, seed)
    click.echo(
        f"{len(made)} clips of {len(made.classes)} classes in {out}; use it as {out}/clips.csv"
    )


COMMANDS = (datasets,)
