"""``featkit run`` and ``featkit config``: a whole experiment from one file."""

import dataclasses
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from featkit.errors import ParameterError
from featkit.naming.showing import escaped
from featkit_cli.output import (
    echo,
    extraction_progress,
    json_option,
    print_failed_cells,
    print_failures,
    print_json,
    print_table,
)
from featkit_cli.trust import trust_option


@click.command()
@click.argument("config", type=click.Path(dir_okay=False))
@click.option(
    "--results",
    "--out",
    "results",
    type=click.Path(dir_okay=False),
    help="Results file, instead of the one in CONFIG.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Workers, instead of the number in CONFIG."
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Overrides CONFIG: limit=40, systems.0.seeds=3, …; repeatable.",
)
@click.option(
    "--dry-run", is_flag=True, help="Check everything, count what is to be done, write nothing."
)
@trust_option
@json_option
def run(
    config: str,
    results: str | None,
    jobs: int | None,
    changes: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Run the experiment in CONFIG: features, systems, results, report.

    'featkit config init' writes a CONFIG to start from. Everything is checked first. Finished work
    is not repeated, so the same command continues after a stop.
    """
    from featkit import experiment

    loaded = experiment.load(config, changes)
    options: dict[str, Any] = {"jobs": jobs, "results": results and str(Path(results).resolve())}
    loaded = dataclasses.replace(loaded, **{key: value for key, value in options.items() if value})
    plan = experiment.check(loaded)
    if dry_run:
        _print_plan(plan.to_dict(), as_json)
        return
    command = shlex.join(["featkit", *sys.argv[1:]])
    outcome = experiment.run(
        plan, extraction=extraction_progress, progress=_progress(len(plan.cells)), command=command
    )
    if as_json:
        print_json(outcome.to_dict())
    else:
        if outcome.comparison:
            echo(f"{outcome.comparison}\n", lines=True)
        rows = sum(
            counts.computed for report in outcome.extracted for counts in report.features.values()
        )
        echo(
            f"{rows} rows extracted, {len(outcome.computed)} cells computed, "
            f"{len(outcome.fused)} fused; {loaded.results}"
        )
        for path in outcome.written:
            echo(f"written: {path}")
    for report in outcome.extracted:
        print_failures(report.to_dict()["failures"])
    print_failed_cells(outcome.failed)
    for problem in outcome.problems:
        echo(f"failed: {problem}", err=True)
    if outcome.failures:
        raise click.exceptions.Exit(1)


def _progress(total: int) -> Callable[[str, int, int], Callable[[Any], None]]:
    """Return the ``progress`` of `run`: one bar on stderr over all cells, naming the system."""
    from tqdm import tqdm

    bars: list[Any] = []

    def start(title: str, cells: int, left: int) -> Callable[[Any], None]:
        bar = bars[0] if bars else tqdm(total=total, unit="fold", desc="evaluate")
        bars[:] = [bar]
        bar.set_postfix_str(escaped(title), refresh=False)
        advance(cells - left)
        return lambda score: advance(1)

    def advance(cells: int) -> None:
        bars[0].update(cells)
        if bars[0].n >= total:
            bars[0].close()

    return start


def _print_plan(plan: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(plan)
        return
    rows = [
        (name, feature, counts["clips"], counts["done"])
        for name, corpus in plan["datasets"].items()
        for feature, counts in corpus["features"].items()
    ]
    print_table(("DATASET", "FEATURE", "CLIPS", "IN THE STORE"), rows)
    echo(f"{plan['cells']} cells, {plan['done']} of them in {plan['results']}")


@click.group()
def config() -> None:
    """Write a configuration for 'featkit run'."""


@config.command()
@click.option(
    "--out", type=click.Path(dir_okay=False), help="New file to write to, instead of stdout."
)
def init(out: str | None) -> None:
    """Print a commented configuration that runs as it is."""
    from importlib.resources import files

    text = files("featkit.experiment").joinpath("starter.yaml").read_text(encoding="utf-8")
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        with open(out, "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ParameterError(f"--out {out!r} cannot be written: {error.strerror}") from error
    echo(f"{out}; run it with: featkit run {shlex.quote(out)}")


COMMANDS = (run, config)
