"""``featkit train``: a model for new files."""

from dataclasses import replace

import click

from featkit.errors import ParameterError
from featkit.naming.display import counted
from featkit_cli.completion import CLASSIFIER, FEATURE, RESULTS, STORE
from featkit_cli.output import echo
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


COMMANDS = (train,)
