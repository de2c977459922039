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
@click.option(
    "--curves",
    type=click.Path(dir_okay=False),
    metavar="PNG",
    help="Draw a net's loss and accuracy over the epochs.",
)
def train(
    store: str,
    feature: str,
    classifier: str,
    seed: int,
    allow_leakage: bool,
    out: str,
    curves: str | None,
) -> None:
    """Fit CLASSIFIER on all of STORE and save a bundle: front-end, classifier, classes, card.

    A bundle holds no pickle.
    """
    from featkit.bundle import train as fit
    from featkit.classifiers import make_classifier
    from featkit.errors import ParameterError
    from featkit.evaluation import Folding
    from featkit.store import Store

    estimator = make_classifier(classifier)
    if curves and not hasattr(estimator, "watch"):
        raise ParameterError(f"--curves: {classifier} has no epochs; net:… has")
    if curves:
        from featkit.report.pictures import check_place

        check_place(curves)
    opened = Store(store)
    table = opened.table(feature)
    table = replace(table, warnings=(*table.warnings, *warned(opened, [feature])))
    bundle = fit(table, classifier, seed, folding=Folding(allow_leakage=allow_leakage))
    bundle.save(out)
    if curves:
        from featkit.report.curves import save

        save(bundle.classifier.curves_, curves)
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
    from featkit.naming.showing import inert
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
        extra = {"leak": result.leak, "dependence": asdict(result.dependence)}
        print_json({**asdict(result), **extra})
        return
    cells = [asdict(cell) for cell in result.cells]
    print_table([key.upper() for key in cells[0]], [list(cell.values()) for cell in cells])
    without = ", ".join(f"{100 * cell.accuracy:.2f}" for cell in result.without)
    echo(
        f"without batch statistics: {without} %, "
        f"batch sizes differ with p = {result.dependence.p:.3f} (ANOVA); "
        f"a row then differs between batches by at most {result.largest_difference:.1e}"
    )
    echo(f"sorted minus shuffled, one class per batch: {100 * result.leak:.1f} points")


@analyze.command("mst")
@click.argument("store", type=STORE)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False), help="Folder of the trained nets."
)
@click.option(
    "--only-fold", "only_folds", multiple=True, metavar="NAME", help="Such as 1v5; repeatable."
)
@click.option(
    "--edge",
    default="drop",
    show_default=True,
    type=click.Choice(["drop", "pad"]),
    help="Drop the log-mel's last frame, or pad the waveform so that the net has as many.",
)
@click.option("--batch-norm", is_flag=True, help="Normalise before each activation.")
@click.option("--epochs", default=800, show_default=True, type=click.IntRange(1), help="At most.")
@click.option(
    "--precision",
    default="float32",
    show_default=True,
    type=click.Choice(["float32", "bfloat16"]),
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@json_option
def mst(store: str, out: str, only_folds: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Train nets that predict a log-mel from a waveform, for net:arch=(raw_piczak:mst=FILE).

    STORE must hold waveform:sr=22050 with official folds. There is a net for each pair of
    validation and test fold, called 1v5 for test fold 1, so that none has heard either.
    """
    from dataclasses import asdict

    from featkit.analysis.mst import train_mst
    from featkit.store import Store
    from featkit.training.runtime import Machine

    table = Store(store)["waveform:sr=22050"].table()
    machine = Machine(verbose=not as_json)
    rows = [
        asdict(fit)
        for fit in train_mst(table, out, only_folds=only_folds, machine=machine, **options)
    ]
    if as_json:
        print_json({"folds": rows})
        return
    print_table([key.upper() for key in rows[0]], [list(row.values()) for row in rows])


COMMANDS = (train, predict, analyze)
