"""``featkit compare`` and ``featkit fuse``: from results to a table that compares systems, or to
one more system.
"""

import shlex
import sys
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from featkit.errors import ParameterError
from featkit_cli.completion import RESULTS
from featkit_cli.output import echo, json_option, print_json, print_means
from featkit_cli.targets import check_target
from featkit_cli.trust import trust_option

# Suffix of a file -> method of a comparison that gives its content.
FORMATS = {".html": "to_html", ".md": "to_markdown", ".tex": "to_latex", ".csv": "to_csv"}


def earlier_spellings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--html``, ``--markdown``, ``--latex`` and ``--csv`` beside ``--out``."""
    spellings = (("html", "html"), ("markdown", "md"), ("latex", "tex"), ("csv", "csv"))
    for name, suffix in spellings:
        option = click.option(f"--{name}", suffix, type=click.Path(dir_okay=False), hidden=True)
        command = option(command)
    return command


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
@click.option(
    "--out",
    "outs",
    multiple=True,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write it to FILE too: .html (a self-contained page), .md, .tex or .csv; repeatable.",
)
@earlier_spellings
@click.option(
    "--store",
    "stores",
    multiple=True,
    metavar="STORE",
    help="Where a page finds the clips that it pictures.",
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
    outs: tuple[str, ...],
    stores: tuple[str, ...],
    audio: bool,
    as_json: bool,
    **earlier: str | None,
) -> None:
    """Compare the systems in RESULTS: mean, interval, rank, and paired tests.

    Each system is tested against the best of its dataset and protocol, unless --baseline or
    --all-pairs says otherwise; p-values are adjusted for the tests that are shown.
    """
    if baseline is not None and all_pairs:
        raise ParameterError("--baseline and --all-pairs exclude each other")
    from featkit.classifiers.base import named
    from featkit.comparison.overview import compare as run
    from featkit.results import on_clips, read_all
    from featkit.store.whole import write_text

    targets = [(place, Path(place).suffix) for place in outs]
    targets += [(place, f".{suffix}") for suffix, place in earlier.items() if place]
    _check_targets(targets, results)
    pages = [place for place, suffix in targets if suffix == ".html"]
    if (stores and not pages) or (audio and not stores):
        raise ParameterError(
            "--store is for a page (--out FILE.html), and --audio for the clips of a --store"
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
    for place, suffix in targets:
        if suffix == ".html":
            write_text(place, comparison.to_html(command=command, specimens=specimens))
        else:
            write_text(place, getattr(comparison, FORMATS[suffix])())
    if as_json:
        print_json(comparison.to_dict())
    else:
        echo(comparison, lines=True)
    for place, _ in targets:
        echo(f"written: {place}", err=as_json)
    if comparison.failures:
        echo(
            f"{len(comparison.failures)} cells failed; they are listed and count in no mean",
            err=True,
        )


def _check_targets(targets: Sequence[tuple[str, str]], results: Sequence[str]) -> None:
    """Raise for a file of another format, in a folder that is not there, or of the results."""
    from featkit.results import predictions_path
    from featkit.results.inner import inner_path

    beside = (Path, predictions_path, inner_path)
    taken = {place(path).resolve() for path in results for place in beside}
    for place, suffix in targets:
        if suffix not in FORMATS:
            raise ParameterError(f"{place!r}: the suffix must be one of {', '.join(FORMATS)}")
        check_target(place)
        target = Path(place).resolve()
        if target in taken:
            raise ParameterError(
                f"{place!r} is one of RESULTS or is named twice; nothing is written over them"
            )
        taken.add(target)


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
    "--rule",
    default="mean",
    show_default=True,
    type=click.Choice(["mean", "vote", "product", "stack", "stack_product"]),
    help="The stacks learn a weight for each system, from inner predictions only.",
)
@click.option(
    "-s",
    "--system",
    "systems",
    multiple=True,
    metavar="PATTERN",
    help="Only systems 'FEATURE + CLASSIFIER' like this, such as '*+ ridge'; repeatable.",
)
@click.option("--name", default="", help="What the new system is called.  [default: its members]")
@click.option("--out", required=True, type=click.Path(dir_okay=False))
@json_option
def fuse(
    results: tuple[str, ...],
    rule: Any,
    systems: tuple[str, ...],
    name: str,
    out: str,
    as_json: bool,
) -> None:
    """Combine the stored predictions of all systems in RESULTS into one more system.

    Nothing is fitted again. Where OUT is among RESULTS, the fusions in it are left out.
    """
    from featkit.results import append, done, read_all
    from featkit.results.fusion import FUSED
    from featkit.results.fusion import fuse as run
    from featkit.results.inner import with_inner

    done(out)  # Raises where the file is not one of results.
    again = Path(out).resolve() in {Path(path).resolve() for path in results}
    scores = [
        score
        for score in read_all(results).scores
        if not (again and score.classifier.startswith(FUSED))
        and _like(f"{score.feature} + {score.classifier}", systems)
    ]
    if not scores:
        raise ParameterError(f"no system is like {', '.join(systems) or 'what a fusion takes'}")
    for path in results if rule.startswith("stack") else ():
        scores = with_inner(scores, path)
    fused = run(scores, rule, name=name)
    append(out, fused)
    if as_json:
        print_json({"results": out, "scores": [score.row() for score in fused]})
    else:
        print_means(fused)


def _like(system: str, patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(system, pattern) for pattern in patterns)


COMMANDS = (compare, fuse)
