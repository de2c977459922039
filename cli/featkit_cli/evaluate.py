"""``featkit evaluate``: from a store to results."""

import time
from dataclasses import replace
from typing import Any

import click

from featkit.errors import ParameterError
from featkit_cli.completion import CLASSIFIER, FEATURE, STORE
from featkit_cli.folding import folding_options
from featkit_cli.options import jobs_option
from featkit_cli.output import (
    echo,
    evaluation_progress,
    extraction_progress,
    json_option,
    print_failed_cells,
    print_json,
    print_means,
)
from featkit_cli.standing import warned
from featkit_cli.targets import check_target
from featkit_cli.trust import trust_option


@click.command()
@click.argument("store", type=STORE)
@click.option(
    "-f",
    "--feature",
    "features",
    multiple=True,
    type=FEATURE,
    help="As in the store; A+B joins.  [default: every feature of the store]",
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
    "--intervene",
    "changes",
    multiple=True,
    metavar="CHANGE",
    help="Test each model also on changed recordings: highpass=HZ, lowpass=HZ, gain=DB, reverse, "
    "noise=DB, codec=ogg, codec=mp3, or several with commas; repeatable.",
)
@jobs_option("Processes over folds, and workers for changed recordings.")
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
    changes: tuple[str, ...],
    jobs: int,
    out: str,
    as_json: bool,
    seeds: int,
    **folding: Any,
) -> None:
    """Measure every FEATURE with every CLASSIFIER on STORE, fold by fold.

    With --intervene the features of changed test recordings are kept beside the store they are
    from, in STORE.interventions.
    """
    from featkit.audio.interventions import parse
    from featkit.classifiers import make_classifier
    from featkit.classifiers._search.countdown import duration
    from featkit.evaluation import Folding, Grid, measure
    from featkit.extraction.intervened import intervened_tables
    from featkit.naming.spec import expand_ranges
    from featkit.results import read
    from featkit.results.files import line
    from featkit.store import Store

    opened = Store(store)
    other = Store(test_store) if test_store else None
    both = [opened] if other is None else [opened, other]
    names = [text for feature in features for text in expand_ranges(feature)]
    names = names or list(opened.features)
    if not names:
        raise ParameterError(f"{store!r} holds no feature; run 'featkit extract' first")
    for name in names:
        for store_of in both:
            store_of.parts(name)
    texts = tuple(text for classifier in classifiers for text in expand_ranges(classifier))
    for text in texts:
        make_classifier(text)
    check_target(out)
    for change in changes:
        parse(change)
    if changes and protocol != "nested":
        raise ParameterError(f"--intervene needs --protocol nested, not {protocol}")

    begun = time.monotonic()
    old = {store_of: warned(store_of, names) for store_of in both}

    def table(store_of: Any, name: str) -> Any:
        rows = store_of.table(name)
        return replace(rows, warnings=(*rows.warnings, *old[store_of]))

    rules = Folding(**folding)

    def tables(name: str) -> Any:
        own, test = table(opened, name), None if other is None else table(other, name)
        if not changes:
            return own, test
        tested = opened if other is None else other
        ids = test.ids if test is not None else own.ids[rules.plan(own).tested]
        show = extraction_progress(f"{tested.dataset}, changed")
        options: dict[str, Any] = {"ids": ids, "jobs": jobs, "progress": show}
        return own, test, intervened_tables(tested, name, changes, **options)

    def source(name: str) -> Any:
        return lambda: tables(name)

    grid = Grid(classifiers=texts, protocol=(protocol,), seeds=seeds, folding=rules)
    measured = measure(
        [(source(name), grid) for name in names], out, n_jobs=jobs, progress=evaluation_progress()
    )
    cells = set(measured.cells)
    scores = [score for score in read(out) if score.cell in cells]
    if as_json:
        counts = {"computed": len(measured.computed), "failed": len(measured.failed)}
        rows = [{**line(score), "intervention": score.intervention} for score in scores]
        print_json({"results": out, **counts, "scores": rows})
    else:
        print_means(scores)
        taken = duration(time.monotonic() - begun)
        echo(f"{len(measured.computed)} cells computed in {taken}, results in {out}")
    print_failed_cells(measured.failed)
    if measured.failed:
        raise click.exceptions.Exit(1)


COMMANDS = (evaluate,)
