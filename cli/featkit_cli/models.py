"""``featkit train``, ``featkit predict`` and ``featkit analyze``: models for new files; studies."""

import csv
from dataclasses import replace
from typing import Any

import click

from featkit_cli.completion import CLASSIFIER, FEATURE, STORE
from featkit_cli.output import echo, json_option, print_json, print_table
from featkit_cli.standing import warned
from featkit_cli.trust import trust_option


@click.command()
@click.argument("store", type=STORE)
@click.option("-f", "--feature", required=True, type=FEATURE, help="As named in the store.")
@click.option("-c", "--classifier", required=True, type=CLASSIFIER, help="name or name:key=value,…")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option(
    "--allow-leakage",
    is_flag=True,
    help="Choose hyper-parameters even if folds share a group or recording; the card says so.",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False), help="Folder of the bundle."
)
@trust_option
def train(
    store: str, feature: str, classifier: str, seed: int, allow_leakage: bool, out: str
) -> None:
    """Fit CLASSIFIER on all of STORE and save a bundle: front-end, classifier, classes, card.

    A bundle holds no pickle.
    """
    from featkit.bundle import train as fit
    from featkit.classifiers import make_classifier
    from featkit.evaluation import Folding
    from featkit.store import Store

    make_classifier(classifier)
    opened = Store(store)
    table = opened.table(feature)
    table = replace(table, warnings=(*table.warnings, *warned(opened, [feature])))
    fit(table, classifier, seed, folding=Folding(allow_leakage=allow_leakage)).save(out)
    echo(f"{table.feature} + {classifier}, {len(table)} clips, {len(table.classes)} classes: {out}")


@click.command()
@click.argument("bundle")
@click.argument("files", nargs=-1, required=True)
@click.option("--window", type=float, help="Length of the windows of a long recording, in seconds.")
@click.option("--hop", type=float, help="Seconds between windows; by default, their length.")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(dir_okay=False),
    metavar="F",
    help="Also write a table to F.",
)
@trust_option
@json_option
def predict(
    bundle: str,
    files: tuple[str, ...],
    window: float | None,
    hop: float | None,
    csv_file: str | None,
    as_json: bool,
) -> None:
    """Predict the labels of FILES with BUNDLE.

    Exit status 1 if a file cannot be read.
    """
    from featkit.bundle import Bundle
    from featkit.store.cells import inert
    from featkit.store.whole import whole

    predictions = Bundle.load(bundle).predict(files, window, hop)
    rows: list[dict[str, Any]] = []
    for one in predictions:
        times = {"start": one.start, "end": one.end} if window is not None else {}
        outcome = (
            {"error": one.error}
            if one.error
            else {"label": one.label, "probabilities": one.probabilities}
        )
        rows.append({"path": one.path, **times, **outcome})
    if csv_file:
        with whole(csv_file) as place, place.open("w", newline="", encoding="utf-8") as file:
            classes = sorted({label for one in predictions for label in one.probabilities})
            writer = csv.writer(file)
            writer.writerow(["path", "start", "end", "label", "error", *map(inert, classes)])
            for one in predictions:
                values = [one.probabilities.get(label, "") for label in classes]
                texts = inert(one.label), inert(one.error)
                writer.writerow([inert(one.path), one.start, one.end, *texts, *values])
    if as_json:
        print_json({"predictions": rows})
    else:
        lines = [
            (
                one.path,
                f"{one.start:.2f}–{one.end:.2f} s",
                one.label or one.error,
                f"{max(one.probabilities.values(), default=0):.3f}",
            )
            for one in predictions
        ]
        print_table(("PATH", "TIME", "LABEL", "PROBABILITY"), lines)
    if any(one.error for one in predictions):
        raise click.exceptions.Exit(1)


@click.group()
def analyze() -> None:
    """Studies of the published systems."""


@analyze.command("batch-norm-leak")
@click.argument("store", type=STORE)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1))
@json_option
def batch_norm_leak(store: str, seeds: int, as_json: bool) -> None:
    """Show how batch statistics leak labels when files are sorted.

    STORE must hold logmel:preset=elmarc.
    """
    from dataclasses import asdict

    from featkit.analysis.batch_norm_leak import batch_norm_leak as study
    from featkit.store import Store

    table = Store(store)["logmel:preset=elmarc"].table()
    result = study(table.X, list(table.y), seeds=tuple(range(seeds)))
    if as_json:
        print_json({**asdict(result), "leak": result.leak})
        return
    cells = [asdict(cell) for cell in result.cells]
    print_table([key.upper() for key in cells[0]], [list(cell.values()) for cell in cells])
    without = ", ".join(f"{100 * value:.2f}" for value in result.without)
    echo(
        f"without batch statistics: {without} %; "
        f"a row then differs between batches by at most {result.largest_difference:.1e}"
    )
    echo(f"sorted minus shuffled, one class per batch: {100 * result.leak:.1f} points")


COMMANDS = (train, predict, analyze)
