"""``featkit evaluate``, ``featkit compare`` and ``featkit fuse``: from a store to a table that
compares systems.
"""

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from featkit.errors import ParameterError
from featkit_cli.completion import CLASSIFIER, FEATURE, RESULTS, STORE
from featkit_cli.output import (
    evaluation_progress,
    json_option,
    print_failed_cells,
    print_json,
    print_means,
)


@click.command()
@click.argument("store", type=STORE)
@click.option(
    "-f",
    "--feature",
    "features",
    multiple=True,
    required=True,
    type=FEATURE,
    help="As in the store; A+B joins.",
)
@click.option(
    "-c",
    "--classifier",
    "classifiers",
    multiple=True,
    required=True,
    type=CLASSIFIER,
    help="name or name:key=value,…",
)
@click.option(
    "--protocol",
    default="nested",
    show_default=True,
    type=click.Choice(["nested", "paper", "paper-weighted"]),
    help="paper selects on the test folds and is optimistic.",
)
@click.option(
    "--folds",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "official", "split", "drawn", "groups"]),
    help="auto: as the dataset prescribes. groups leaves out one group at a time (a speaker, a city).",
)
@click.option(
    "--n-folds",
    default=5,
    show_default=True,
    type=click.IntRange(2),
    help="How many folds are drawn.",
)
@click.option(
    "--fold-seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of drawn folds."
)
@click.option(
    "--only-fold",
    "only_folds",
    multiple=True,
    metavar="NAME",
    help="Measure this test fold only; repeatable.",
)
@click.option(
    "--test", "test_store", metavar="STORE2", type=STORE, help="Train on STORE, test on this one."
)
@click.option(
    "--seeds",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Seeds of each classifier: 0 … K−1.",
)
@click.option(
    "--allow-leakage",
    is_flag=True,
    help="Run although folds share a group or a recording; every output says so.",
)
@click.option(
    "-j",
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Processes over folds.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False),
    help="Results (JSON lines); cells that it has are not run again.",
)
@json_option
def evaluate(
    store: str,
    features: tuple[str, ...],
    classifiers: tuple[str, ...],
    protocol: Any,
    test_store: str | None,
    jobs: int,
    out: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Measure every FEATURE with every CLASSIFIER on STORE, fold by fold."""
    from featkit.classifiers import make_classifier
    from featkit.evaluation.grid import Grid, measure
    from featkit.naming.spec import expand_ranges
    from featkit.results import scores
    from featkit.store import Store

    opened = Store(store)
    other = Store(test_store) if test_store else None
    names = [text for feature in features for text in expand_ranges(feature)]
    for name in names:
        for store_of in filter(None, (opened, other)):
            store_of.parts(name)
    texts = tuple(text for classifier in classifiers for text in expand_ranges(classifier))
    for text in texts:
        make_classifier(text)
    folder = Path(out).resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ParameterError(f"--out {out!r}: {str(folder)!r} is not a writable folder")

    def source(name: str) -> Any:
        return lambda: (opened.table(name), other.table(name) if other else None)

    grid = Grid(classifiers=texts, protocol=(protocol,), **options)
    found = measure(
        [(source(name), grid) for name in names], out, n_jobs=jobs, progress=evaluation_progress()
    )
    asked = set(found.cells)
    cells = [score for score in scores.read(out) if score.cell in asked]
    if as_json:
        counts = {"computed": len(found.made), "failed": len(found.failed)}
        print_json({"results": out, **counts, "scores": [score.row() for score in cells]})
    else:
        print_means(cells)
        click.echo(f"{len(found.made)} cells computed, results in {out}")
    print_failed_cells(found.failed)
    if found.failed:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("results", nargs=-1, required=True, type=RESULTS)
@click.option(
    "--baseline",
    metavar="NAME",
    help="Test every system against this one; by default against the best.",
)
@click.option("--all-pairs", is_flag=True, help="Test every pair of systems.")
@click.option("--markdown", type=click.Path(dir_okay=False), metavar="F")
@click.option("--latex", type=click.Path(dir_okay=False), metavar="F")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False), metavar="F")
@click.option(
    "--html", type=click.Path(dir_okay=False), metavar="F", help="One self-contained page."
)
@click.option(
    "--store",
    "stores",
    multiple=True,
    metavar="STORE",
    help="Where --html finds the clips that it pictures.",
)
@click.option(
    "--audio", is_flag=True, help="Embed those clips' recordings in the page, up to 1 MB each."
)
@json_option
def compare(
    results: tuple[str, ...],
    baseline: str | None,
    all_pairs: bool,
    markdown: str | None,
    latex: str | None,
    csv_file: str | None,
    html: str | None,
    stores: tuple[str, ...],
    audio: bool,
    as_json: bool,
) -> None:
    """Compare the systems in RESULTS: mean, interval, rank, and paired tests.

    Each system is tested against the best of its dataset and protocol, unless --baseline or
    --all-pairs says otherwise; p-values are adjusted for the tests that are shown.
    """
    if baseline is not None and all_pairs:
        raise ParameterError("--baseline and --all-pairs exclude each other")
    from featkit.comparison.overview import compare as run
    from featkit.results import scores

    taken = {
        place.resolve() for path in results for place in (Path(path), scores.predictions_path(path))
    }
    for place in filter(None, (markdown, latex, csv_file, html)):
        if not Path(place).resolve().parent.is_dir():
            raise ParameterError(
                f"{place!r}: there is no folder {str(Path(place).resolve().parent)!r}"
            )
        if Path(place).resolve() in taken:
            raise ParameterError(
                f"{place!r} is one of RESULTS or is named twice; nothing is written over them"
            )
        taken.add(Path(place).resolve())
    if (stores and not html) or (audio and not stores):
        raise ParameterError(
            "--store is for the page of --html, and --audio for the clips of a --store"
        )
    specimens = _specimens(stores, audio)
    found = run(
        [score for path in results for score in scores.read(path)],
        baseline=baseline,
        all_pairs=all_pairs,
    )
    command = shlex.join(["featkit", *sys.argv[1:]])
    outputs = ((markdown, found.to_markdown), (latex, found.to_latex), (csv_file, found.to_csv))
    for target, render in outputs:
        if target:
            Path(target).write_text(render(), encoding="utf-8")
    if html:
        found.to_html(html, command=command, specimens=specimens)
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(found.to_markdown())
    if found.failures:
        click.echo(
            f"{len(found.failures)} cells failed; they are listed and count in no mean", err=True
        )


def _specimens(stores: tuple[str, ...], audio: bool) -> Any:
    """Return what pictures a clip of some stores, or None without any."""
    if not stores:
        return None
    from featkit.report.specimens import from_stores
    from featkit.store import Store

    return from_stores([Store(store) for store in stores], audio)


@click.command()
@click.argument("results", nargs=-1, required=True, type=RESULTS)
@click.option(
    "--rule", default="mean", show_default=True, type=click.Choice(["mean", "vote", "product"])
)
@click.option("--out", required=True, type=click.Path(dir_okay=False))
def fuse(results: tuple[str, ...], rule: Any, out: str) -> None:
    """Combine the stored predictions of all systems in RESULTS into one more system."""
    from featkit.results import scores
    from featkit.results.fusion import FUSED
    from featkit.results.fusion import fuse as run

    found = [score for path in results for score in scores.read(path)]
    if Path(out).resolve() in {Path(path).resolve() for path in results}:
        found = [score for score in found if not score.classifier.startswith(FUSED)]
    made = run(found, rule)
    scores.append(out, made)
    print_means(made)


COMMANDS = (evaluate, compare, fuse)
