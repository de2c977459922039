"""``featkit analyze svcca|weight-fusion|freeze|cutoff``: what the blocks of a net are worth."""

import shlex
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import click

from featkit_cli.completion import CLASSIFIER, FEATURE, STORE
from featkit_cli.folding import folding_options
from featkit_cli.output import echo, evaluation_progress, json_option, print_json, print_table
from featkit_cli.trust import trust_option

if TYPE_CHECKING:
    from featkit.analysis.transfer import Study

_OPTIONS = (
    click.argument("store", type=STORE),
    click.option("-f", "--feature", required=True, type=FEATURE, help="As named in the store."),
    click.option(
        "-c",
        "--classifier",
        required=True,
        type=CLASSIFIER,
        help="net:arch=BACKBONE,weights=FILE,…: the pre-trained net and how it is trained.",
    ),
    click.option(
        "--out",
        required=True,
        type=click.Path(dir_okay=False),
        help="Results (JSON lines); what it has is not run again.",
    ),
    click.option("--png", type=click.Path(dir_okay=False), metavar="PNG", help="Draw to PNG."),
    click.option("--html", type=click.Path(dir_okay=False), metavar="F", help="Write a page to F."),
    folding_options,
    trust_option,
    json_option,
)


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _curve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    levels = click.option(
        "--level",
        "levels",
        multiple=True,
        metavar="BLOCK",
        help="none, stem, block1 …; repeatable.  [default: all]",
    )
    seeds = click.option("--seeds", default=3, show_default=True, type=click.IntRange(1))
    return _options(levels(seeds(command)))


@click.command("weight-fusion")
@_curve_options
def weight_fusion(**options: Any) -> None:
    """Measure a net whose first blocks start from the pre-trained weights, the rest randomly.

    The net is read from FEATURE of STORE.
    """
    _curve("weight-fusion", **options)


@click.command()
@_curve_options
def freeze(**options: Any) -> None:
    """Measure a pre-trained net whose first blocks are not trained.

    Statistics of batch normalisation in these blocks stay as well.
    """
    _curve("freeze", **options)


@click.command()
@_curve_options
def cutoff(**options: Any) -> None:
    """Measure a pre-trained net without its last blocks."""
    _curve("cutoff", **options)


def _curve(
    study: str,
    store: str,
    feature: str,
    classifier: str,
    out: str,
    png: str | None,
    html: str | None,
    as_json: bool,
    levels: tuple[str, ...],
    seeds: int,
    **folding: Any,
) -> None:
    from featkit.analysis.transfer import classifiers, curve
    from featkit.evaluation import Folding
    from featkit.report.transfer import draw_curve, page_of_curve
    from featkit.store import Store

    kind = cast("Study", study)
    classifiers(kind, classifier, levels)
    _check_places(png)
    result = curve(
        Store(store).table(feature),
        kind,
        classifier,
        out,
        levels=levels,
        seeds=seeds,
        folding=Folding(**folding),
        progress=evaluation_progress(),
    )
    for failure in result.failed:
        echo(f"failed: {failure}", err=True)
    if result.points:
        _write(png, html, lambda: draw_curve(result), lambda text: page_of_curve(result, text))
    if as_json:
        print_json({"results": out, **result.to_dict()})
    else:
        print_table(
            ("PREFIX", "ACCURACY %", "95 % INTERVAL", "SEEDS"),
            [
                (
                    point.level,
                    f"{100 * point.mean:.2f}",
                    "–".join(f"{100 * end:.1f}" for end in point.interval or ()),
                    len(point.accuracies),
                )
                for point in result.points
            ],
        )
    if result.failed:
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option(
    "--points",
    default=20_000,
    show_default=True,
    type=click.IntRange(2),
    help="Data points, places of maps, of each block.",
)
@_options
def svcca(
    store: str,
    feature: str,
    classifier: str,
    out: str,
    png: str | None,
    html: str | None,
    as_json: bool,
    seed: int,
    points: int,
    **folding: Any,
) -> None:
    """Compare each block of a net before and after training, from a file and from random weights.

    By SVCCA and CKA of what the block gives for the clips of STORE; on the first test fold.
    """
    from dataclasses import asdict

    from featkit.analysis.weights_change import weights_change
    from featkit.evaluation import Folding
    from featkit.report.transfer import draw_changes, page_of_changes
    from featkit.store import Store

    _check_places(png)
    table = Store(store).table(feature)
    changes = weights_change(
        table, classifier, out, seed=seed, folding=Folding(**folding), points=points
    )
    _write(png, html, lambda: draw_changes(changes), lambda text: page_of_changes(changes, text))
    rows = [asdict(change) for change in changes]
    if as_json:
        print_json({"results": out, "changes": rows})
        return
    names = ("start", "block", "svcca", "chance", "cka", "points", "units")
    cells = [[_text(row[name]) for name in names] for row in rows]
    print_table([name.upper() for name in names], cells)


def _check_places(png: str | None) -> None:
    if png:
        from featkit.report.pictures import check_place

        check_place(png)


def _write(
    png: str | None, html: str | None, draw: Callable[[], Any], page: Callable[[str], str]
) -> None:
    from featkit.store.whole import whole, write_text

    if png:
        with whole(png) as aside:
            draw().savefig(aside, format="png", dpi=120)
    if html:
        write_text(html, page(shlex.join(["featkit", *sys.argv[1:]])))


def _text(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


COMMANDS = (svcca, weight_fusion, freeze, cutoff)
