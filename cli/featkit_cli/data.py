"""``featkit datasets``: list datasets, show one, check one, make a synthetic one."""

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
    """Describe DATASET.

    It is a known NAME, NAME:ROOT, a table, or a folder with one sub-folder per class.
    """
    from featkit.datasets import counts, get_dataset, registry

    if dataset in registry.names() and not getattr(registry.get(dataset), "generated", False):
        corpus: Any = registry.get(dataset)
        facts = {"name": dataset, "about": dict(corpus.about), "expected": dict(corpus.expected)}
    else:
        loaded = get_dataset(dataset)
        facts = {
            "name": loaded.name,
            "root": loaded.root,
            "protocol": loaded.protocol,
            "counts": counts(loaded),
            "classes": list(loaded.classes),
            "about": dict(loaded.about),
            "expected": dict(loaded.expected),
            "remarks": list(loaded.remarks),
        }
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        if isinstance(value, dict):
            for inner, text in value.items():
                click.echo(f"{key}.{inner}: {text}")
        elif value:
            click.echo(f"{key}: {', '.join(value) if isinstance(value, list) else value}")


@datasets.command()
@click.argument("dataset", type=DATASET)
@json_option
def validate(dataset: str, as_json: bool) -> None:
    """List missing, unreadable, duplicate (same bytes) and misfolded clips of DATASET.

    Exit status 1 if there are any.
    """
    from tqdm import tqdm

    from featkit.datasets import get_dataset
    from featkit.datasets.validation import validate as check

    loaded = get_dataset(dataset)
    with tqdm(total=len(loaded), unit="clip", desc="validate") as bar:

        def step(done: int, total: int) -> None:
            bar.update(done - bar.n)

        report = check(loaded, step)
    if as_json:
        print_json(report.to_dict())
    else:
        for key, value in report.to_dict().items():
            if value and isinstance(value, list):
                for item in value:
                    click.echo(f"{key}: {item}")
        verdict = "no problems found" if report.ok else "problems found"
        click.echo(f"{loaded.name}: {len(loaded)} clips, {verdict}")
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

    dataset = write(out, clips, seed)
    click.echo(
        f"{len(dataset)} clips of {len(dataset.classes)} classes in {out}; "
        f"use them as {out}/clips.csv"
    )


COMMANDS = (datasets,)
