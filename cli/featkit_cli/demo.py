"""``featkit demo``: the whole chain on a synthetic dataset, from recordings to a report."""

from pathlib import Path

import click

from featkit.naming.showing import escaped
from featkit_cli.options import jobs_option
from featkit_cli.output import (
    echo,
    evaluation_progress,
    extraction_progress,
    print_failed_cells,
)

FEATURES = ("mfcc_stats", "logmel", "random_cnn")
CLASSIFIERS = ("svm", "elm", "random_forest")


@click.command()
@click.option(
    "--out",
    default="featkit-demo",
    show_default=True,
    type=click.Path(file_okay=False),
    help="Folder to write to.",
)
@click.option(
    "--clips", default=200, show_default=True, type=click.IntRange(50), help="Synthetic recordings."
)
@jobs_option("Workers.", default=2)
def demo(out: str, clips: int, jobs: int) -> None:
    """Make a synthetic dataset, extract 3 features, compare 3 classifiers and write report.html.

    Needs no data and no network.
    """
    from featkit.comparison.overview import compare
    from featkit.datasets.synthetic import synthesize
    from featkit.evaluation import Grid, measure
    from featkit.extraction import extract
    from featkit.report.specimens import from_stores
    from featkit.results import read
    from featkit.store import Store
    from featkit.store.whole import write_text

    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    store, results, report = folder / "store.zarr", folder / "results.jsonl", folder / "report.html"
    _say(f"featkit datasets synthesize {folder / 'audio'} --clips {clips}")
    dataset = synthesize(folder / "audio", clips)
    table, named = folder / "audio" / "clips.csv", f"-f {' -f '.join(FEATURES)}"
    _say(f"featkit extract {table} {named} --store {store} -j {jobs}")
    done = extract(dataset, FEATURES, store, jobs=jobs, progress=extraction_progress(dataset.name))
    _say(f"featkit evaluate {store} {named} -c {' -c '.join(CLASSIFIERS)} --out {results}")
    opened = Store(store)
    work = [
        (lambda name=name: (opened[name].table(), None), Grid(classifiers=CLASSIFIERS))
        for name in FEATURES
    ]
    measured = measure(work, results, progress=evaluation_progress())
    print_failed_cells(measured.failed)
    _say(f"featkit compare {results} --out {report} --store {store}")
    comparison = compare(read(results))
    specimens = from_stores([opened])
    page = comparison.to_html(command=f"featkit demo --out {out}", specimens=specimens)
    write_text(report, page)
    echo(comparison, lines=True)
    echo(f"written: {report}")
    if comparison.failures or done.failures:
        raise click.exceptions.Exit(1)


def _say(command: str) -> None:
    click.secho(escaped(f"$ {command}"), err=True, bold=True)


COMMANDS = (demo,)
