"""``featkit inspect``: what may be wrong with the data of a store."""

import csv
import shlex
import sys
from typing import TYPE_CHECKING

import click

from featkit_cli.completion import FEATURE, STORE
from featkit_cli.options import jobs_option
from featkit_cli.output import echo, extraction_progress, json_option, print_json, print_table
from featkit_cli.targets import check_target
from featkit_cli.trust import trust_option

if TYPE_CHECKING:
    from featkit.analysis.inspection.inspecting import Inspection

MOST_LINES = 10


@click.command()
@click.argument("store", type=STORE)
@click.option(
    "-f", "--feature", required=True, type=FEATURE, help="What outliers are looked for in."
)
@click.option(
    "--results",
    type=click.Path(exists=True, dir_okay=False),
    help="Stored predictions that doubt the labels; without them an svm on FEATURE is evaluated, "
    "of 4,000 clips or more an elm.",
)
@jobs_option("Workers for extraction.")
@click.option(
    "--html", "html_file", type=click.Path(dir_okay=False), metavar="F", help="Write a page to F."
)
@click.option("--no-audio", is_flag=True, help="No recordings in the page.")
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False), metavar="F", help="Write a table to F."
)
@trust_option
@json_option
def inspect(
    store: str,
    feature: str,
    results: str | None,
    jobs: int,
    html_file: str | None,
    no_audio: bool,
    csv_file: str | None,
    as_json: bool,
) -> None:
    """Find likely label errors, copies, outliers and artefacts of recording in STORE.

    Adds the features 'levels' and 'fingerprint' to STORE where it lacks them.
    """
    from featkit.analysis.inspection.inspecting import inspect as run
    from featkit.naming.showing import inert
    from featkit.store import Store
    from featkit.store.whole import whole, write_text

    for place in filter(None, (html_file, csv_file)):
        check_target(place)
    progress = extraction_progress(Store(store).dataset)
    inspection = run(store, feature, results=results, jobs=jobs, progress=progress)
    if html_file:
        from featkit.report.inspection import page
        from featkit.report.specimens import from_stores

        specimens = from_stores([Store(store)], embed=not no_audio)
        command = shlex.join(["featkit", *sys.argv[1:]])
        write_text(html_file, page(inspection, specimens, command))
    if csv_file:
        with whole(csv_file) as aside, aside.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("kind", "id", "label", "other", "score"))
            writer.writerows([inert(cell) for cell in row] for row in _rows(inspection))
    if as_json:
        print_json(inspection.to_dict())
        return
    echo(f"{inspection.dataset}: {len(inspection.clips)} clips, {len(inspection.classes)} classes")
    rows = _rows(inspection)
    for kind in dict.fromkeys(row[0] for row in rows):
        own = [row[1:] for row in rows if row[0] == kind]
        echo()
        echo(f"{kind}: {len(own)}" + (f", the first {MOST_LINES}" if len(own) > MOST_LINES else ""))
        print_table(("CLIP", "LABEL", "OTHER", "SCORE"), own[:MOST_LINES])
    for path in filter(None, (html_file, csv_file)):
        echo(f"written: {path}")


def _rows(inspection: "Inspection") -> list[tuple[str, str, str, str, str]]:
    """Return kind, clip, label, other clip or class, and score of everything suspicious."""
    labels = [
        ("likely label error" if row["confident"] else "doubtful label",)
        + (row["id"], row["label"], row["suggested"], f"{row['score']:.3f}")
        for row in inspection.label_errors
    ]
    labels.sort(key=lambda row: row[0] == "doubtful label")
    copies = [
        ("copy", row["a"], row["labels"][0], row["b"], f"{row['similarity']:.3f}")
        for row in inspection.duplicates
    ]
    outliers = [
        ("outlier", row["id"], row["label"], "", f"{row['score']:.2f}")
        for row in inspection.outliers
    ]
    artefacts = [
        (f"class told by {row.level}", "", row.label, f"median {row.median:.4g}", f"{row.auc:.3f}")
        for row in inspection.artefacts
        if row.telling
    ]
    return [*labels, *copies, *outliers, *artefacts]


COMMANDS = (inspect,)
