"""``featkit extract``, and the state of a store: ``status`` and ``failures``."""

from typing import Any

import click

from featkit.naming.display import counted
from featkit_cli.completion import DATASET, FEATURE, STORE
from featkit_cli.options import jobs_option
from featkit_cli.output import (
    echo,
    extraction_progress,
    json_option,
    print_failures,
    print_json,
    print_table,
)
from featkit_cli.tables import column_options, opened
from featkit_cli.trust import trust_option


@click.command()
@click.argument("dataset", type=DATASET)
@click.option(
    "-f",
    "--feature",
    "features",
    multiple=True,
    required=True,
    type=FEATURE,
    help="name or name:key=value,…",
)
@click.option(
    "--store", required=True, type=STORE, help="Path or URL of the store; created if missing."
)
@click.option(
    "--window",
    type=float,
    metavar="S",
    help="Make a row of every S seconds of a clip, instead of the whole clip; a store that holds "
    "windows goes on with them.",
)
@click.option(
    "--hop", type=float, metavar="S", help="Seconds between windows.  [default: --window]"
)
@jobs_option("Workers on this machine.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="threads, processes, or the address of a Dask scheduler."
)
@click.option("--device", default="cpu", show_default=True, type=click.Choice(["cpu", "cuda"]))
@click.option(
    "--fail-threshold",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Exit 1 above this fraction of failed clips.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first clips of the dataset.")
@click.option(
    "--dtype",
    default="float32",
    show_default=True,
    type=click.Choice(["float32", "float16"]),
    help="Type on disk.",
)
@click.option(
    "--shard-clips", type=click.IntRange(1, 16384), help="Clips per shard of a new store."
)
@click.option(
    "--rehash", is_flag=True, help="Read all audio again instead of trusting file sizes and times."
)
@click.option("--overwrite", is_flag=True, help="Compute all rows again.")
@click.option(
    "--accept-code",
    is_flag=True,
    help="Keep rows that earlier code of a feature computed.",
)
@click.option(
    "--dry-run", is_flag=True, help="Write nothing; estimate time and bytes from a few clips."
)
@column_options
@trust_option
@json_option
def extract(
    dataset: str,
    features: tuple[str, ...],
    store: str,
    fail_threshold: float,
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Compute features of DATASET into STORE.

    Only missing, failed or stale rows are computed, so running it again resumes and repairs.
    DATASET is NAME:ROOT, a table (path,label,…), a folder with one sub-folder per class, or
    synthetic[:N].
    """
    from featkit.extraction import estimate
    from featkit.extraction import extract as run
    from featkit.extraction.target import check_device

    columns = {name: options.pop(name) for name in tuple(options) if name.endswith("_column")}
    clips = opened(dataset, **columns)
    if dry_run:
        check_device(options["device"])
        taken = {name: options[name] for name in ("window", "hop", "limit", "jobs", "dtype")}
        cost = estimate(clips, features, store=store, **taken)
        if as_json:
            print_json(cost)
        else:
            echo(
                f"{counted(cost['clips'], 'clip')}: about {cost['seconds']:.0f} s on "
                f"{counted(options['jobs'], 'worker')} and {cost['bytes'] / 1e6:.1f} MB "
                f"(from {counted(cost['sampled'], 'clip')})"
            )
            print_failures(cost["failures"])
        return
    report = run(clips, features, store, progress=extraction_progress(clips.name), **options)
    result = report.to_dict()
    if as_json:
        print_json(result)
    else:
        rows = [
            (counts.name, counts.computed, counts.skipped, counts.failed)
            for counts in report.features.values()
        ]
        print_table(("FEATURE", "COMPUTED", "SKIPPED", "FAILED"), rows)
        echo(f"{report.seconds:.1f} s for {report.audio_seconds:.0f} s of audio; store: {store}")
    print_failures(result["failures"])
    if report.failed_fraction > fail_threshold:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("store", type=STORE)
@trust_option
@json_option
def status(store: str, as_json: bool) -> None:
    """Count, for each feature of STORE, the clips that are done, missing, stale and failed."""
    from featkit.extraction import status as status_of
    from featkit.store import Store

    report = status_of(Store(store))
    if as_json:
        print_json(report)
        return
    cut = report["windows"]
    clips = counted(report["clips"], "clip")
    if cut:
        of = counted(cut["of_clips"], "clip")
        clips = f"{counted(report['clips'], 'window')} of {of}, {_every(cut)}"
    echo(f"{report['store']}: {report['dataset']}, {clips}")
    rows = []
    for item in report["features"].values():
        why = ", ".join(f"{reason}: {count}" for reason, count in item["why"].items())
        numbers = (
            item["done"],
            item["missing"],
            item["stale"],
            item["failed"],
            f"{item['bytes'] / 1e6:.1f}",
        )
        rows.append((item["feature"], *numbers, "; ".join(filter(None, [why, item["note"]]))))
    print_table(("FEATURE", "DONE", "MISSING", "STALE", "FAILED", "MB", "WHY"), rows)


def _every(cut: dict[str, float]) -> str:
    return f"{cut['window']:g} s every {cut['hop']:g} s"


@click.command()
@click.argument("store", type=STORE)
@json_option
def failures(store: str, as_json: bool) -> None:
    """List every clip of STORE that failed, at which stage and why.

    Running extract again retries them.
    """
    from featkit.extraction import failures as ledger
    from featkit.store import Store

    lines = [
        {"id": f.id, "path": f.path, "stage": f.stage, "error": f.error}
        for f in ledger(Store(store))
    ]
    if as_json:
        print_json({"failures": lines})
    elif lines:
        print_table(
            ("PATH", "STAGE", "ERROR"),
            [(line["path"], line["stage"], line["error"]) for line in lines],
        )
    else:
        echo("no failures")


COMMANDS = (extract, status, failures)
