"""``featkit evaluate``, ``featkit compare`` and ``featkit fuse``: from a store to a table that
compares systems.
"""

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from featkit.errors import ParameterError
from featkit_cli.completion import CLASSIFIER, FEATURE, RESULTS, STORE
from featkit_cli.folding import folding_options
from featkit_cli.output import (
    echo,
    evaluation_progress,
    json_option,
    print_failed_cells,
    print_json,
    print_means,
)
from featkit_cli.standing import warned
from featkit_cli.trust import trust_option


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
@folding_options
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
@trust_option
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
    seeds: int,
    **folding: Any,
) -> None:
    """Measure every FEATURE with every CLASSIFIER on STORE, fold by fold."""
    from featkit.classifiers import make_classifier
    from featkit.evaluation import Folding, Grid, measure
    from featkit.naming.spec import expand_ranges
    from featkit.results import read
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

    old = {store_of: warned(store_of, names) for store_of in filter(None, (opened, other))}

    def table(store_of: Any, name: str) -> Any:
        rows = store_of.table(name)
        return replace(rows, warnings=(*rows.warnings, *old[store_of]))

    def source(name: str) -> Any:
        return lambda: (table(opened, name), table(other, name) if other else None)

    grid = Grid(classifiers=texts, protocol=(protocol,), seeds=seeds, folding=Folding(**folding))
    measured = measure(
        [(source(name), grid) for name in names], out, n_jobs=jobs, progress=evaluation_progress()
    )
    cells = set(measured.cells)
    scores = [score for score in read(out) if score.cell in cells]
    if as_json:
        counts = {"computed": len(measured.computed), "failed": len(measured.failed)}
        print_json({"results": out, **counts, "scores": [score.row() for score in scores]})
    else:
        print_means(scores)
        echo(f"{len(measured.computed)} cells computed, results in {out}")
    print_failed_cells(measured.failed)
    if measured.failed:
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
@trust_option
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
    from featkit.results import predictions_path, read_all
    from featkit.store.whole import write_text

    taken = {place.resolve() for path in results for place in (Path(path), predictions_path(path))}
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
    together = read_all(results)
    for warning in together.warnings:
        echo(f"Warning: {warning}", err=True)
    comparison = run(together.scores, baseline=baseline, all_pairs=all_pairs)
    command = shlex.join(["featkit", *sys.argv[1:]])
    outputs = (
        (markdown, comparison.to_markdown),
        (latex, comparison.to_latex),
        (csv_file, comparison.to_csv),
    )
    for target, render in outputs:
        if target:
            write_text(target, render())
    if html:
        write_text(html, comparison.to_html(command=command, specimens=specimens))
    if as_json:
        print_json(comparison.to_dict())
    else:
        echo(comparison.to_markdown(), lines=True)
    if comparison.failures:
        echo(
            f"{len(comparison.failures)} cells failed; they are listed and count in no mean",
            err=True,
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
    from featkit.results import append, done, read_all
    from featkit.results.fusion import FUSED
    from featkit.results.fusion import fuse as run

    done(out)  # Raises where the file is not one of results.
    scores = list(read_all(results).scores)
    if Path(out).resolve() in {Path(path).resolve() for path in results}:
        scores = [score for score in scores if not score.classifier.startswith(FUSED)]
    fused = run(scores, rule)
    append(out, fused)
    print_means(fused)


COMMANDS = (evaluate, compare, fuse)
