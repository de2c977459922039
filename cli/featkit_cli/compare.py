"""``featkit compare`` and ``featkit fuse``: from results to a table that compares systems, or to
one more system.
"""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from featkit.errors import ParameterError
from featkit_cli.completion import RESULTS
from featkit_cli.output import echo, json_option, print_json, print_means
from featkit_cli.trust import trust_option


@click.command()
@click.argument("results", nargs=-1, required=True, type=RESULTS)
@click.option(
    "--baseline",
    metavar="NAME",
    help="Test every system against this one; by default against the best.",
)
@click.option("--all-pairs", is_flag=True, help="Test every pair of systems.")
@click.option(
    "--clips",
    metavar="PATTERN",
    help="Score only the test clips whose id fits, such as '*-a' for device A of TAU 2020.",
)
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
    clips: str | None,
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
    from featkit.classifiers.base import named
    from featkit.comparison.overview import compare as run
    from featkit.results import on_clips, predictions_path, read_all
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
    scores = together.scores if clips is None else on_clips(together.scores, clips)
    baseline = None if baseline is None else named(baseline)
    comparison = run(scores, baseline=baseline, all_pairs=all_pairs)
    if clips is not None:
        echo(f"Only the test clips like {clips!r} are scored.", err=True)
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


COMMANDS = (compare, fuse)
