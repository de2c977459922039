"""``featkit train`` and ``featkit analyze``: models for new files; studies."""

from dataclasses import replace
from typing import Any

import click

from featkit.errors import ParameterError
from featkit.naming.display import counted
from featkit_cli.completion import CLASSIFIER, FEATURE, RESULTS, STORE
from featkit_cli.output import echo, json_option, print_json, print_table
from featkit_cli.standing import warned
from featkit_cli.trust import trust_option


@click.command()
@click.argument("store", type=STORE)
@click.option("-f", "--feature", type=FEATURE, help="As named in the store.")
@click.option("-c", "--classifier", type=CLASSIFIER, help="name or name:key=value,…")
@click.option(
    "--best",
    "results",
    type=RESULTS,
    metavar="RESULTS",
    help="Feature, classifier and seed of the best system of RESULTS, in place of -f and -c.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option(
    "--allow-leakage",
    is_flag=True,
    help="Choose hyper-parameters even if folds share a group or recording; the card says so.",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False), help="Folder of the bundle."
)
@click.option("--overwrite", is_flag=True, help="Replace the bundle that is in that folder.")
@trust_option
@click.option(
    "--curves",
    type=click.Path(dir_okay=False),
    metavar="PNG",
    help="Draw a net's loss and accuracy over the epochs.",
)
def train(
    store: str,
    feature: str | None,
    classifier: str | None,
    results: str | None,
    seed: int,
    allow_leakage: bool,
    out: str,
    overwrite: bool,
    curves: str | None,
) -> None:
    """Fit CLASSIFIER on all of STORE and save a bundle: front-end, classifier, classes, card.

    A bundle holds no pickle.
    """
    from featkit.bundle import train as fit
    from featkit.bundle.folder import check_place
    from featkit.classifiers import make_classifier
    from featkit.evaluation import Folding
    from featkit.store import Store

    opened = Store(store)
    feature, classifier, seed = _system(feature, classifier, seed, results, opened.dataset)
    estimator = make_classifier(classifier)
    check_place(out, overwrite)
    if curves and not hasattr(estimator, "watch"):
        raise ParameterError(f"--curves: {classifier} has no epochs; net:… has")
    if curves:
        from featkit.report.pictures import check_place as check_picture

        check_picture(curves)
    table = opened.table(feature)
    table = replace(table, warnings=(*table.warnings, *warned(opened, [feature])))
    bundle = fit(table, classifier, seed, folding=Folding(allow_leakage=allow_leakage))
    bundle.save(out, overwrite)
    if curves:
        from featkit.report.curves import save

        save(bundle.classifier.curves_, curves)
    clips, classes = counted(len(table), "clip"), counted(len(table.classes), "class", "classes")
    echo(f"{table.feature} + {classifier}, {clips}, {classes}")
    echo(f"written: {out}")


def _system(
    feature: str | None, classifier: str | None, seed: int, results: str | None, dataset: str
) -> tuple[str, str, int]:
    """Return the feature, the classifier and the seed that the options name."""
    if results is not None:
        if feature or classifier:
            raise ParameterError("--best names the system; leave out -f and -c")
        from featkit.comparison import best, compare

        score = best(compare(results), dataset)
        echo(f"best of {results}: {score.feature} + {score.classifier}", err=True)
        return score.feature, score.classifier, score.seed
    if not feature or not classifier:
        raise ParameterError("name a feature (-f) and a classifier (-c), or --best RESULTS")
    return feature, classifier, seed


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


COMMANDS = (train, analyze)
