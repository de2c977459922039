"""``featkit map``: the clips of a store as points to look at and to listen to."""

import shlex
import sys
from typing import Any

import click

from featkit.errors import ParameterError
from featkit_cli.completion import FEATURE, STORE
from featkit_cli.output import echo, json_option, print_json
from featkit_cli.targets import check_target
from featkit_cli.trust import trust_option


@click.command("map")
@click.argument("store", type=STORE)
@click.option("-f", "--feature", required=True, type=FEATURE, help="Whose rows place the clips.")
@click.option("--html", "html_file", type=click.Path(dir_okay=False), required=True, metavar="F")
@click.option(
    "--method",
    default="pca",
    show_default=True,
    type=click.Choice(["pca", "umap"]),
    help="umap needs umap-learn.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="For umap.")
@click.option(
    "--results",
    type=click.Path(exists=True, dir_okay=False),
    help="Stored predictions of the two systems that --system names.",
)
@click.option(
    "--system",
    "systems",
    multiple=True,
    metavar="NAME",
    help="Give two: clips are coloured by which of them is correct.",
)
@click.option("--no-audio", is_flag=True, help="No recordings in the page.")
@trust_option
@json_option
def map_(
    store: str,
    feature: str,
    html_file: str,
    method: Any,
    seed: int,
    results: str | None,
    systems: tuple[str, ...],
    no_audio: bool,
    as_json: bool,
) -> None:
    """Draw the clips of STORE as points, coloured by class or by which of two systems is correct.

    The page needs no network. Its points can be reached by keyboard.
    """
    from featkit.analysis.maps import by_class, by_disagreement
    from featkit.report.scatter import page
    from featkit.report.specimens import from_stores
    from featkit.results import read
    from featkit.store import Store
    from featkit.store.whole import write_text

    check_target(html_file)
    if (results is not None) != (len(systems) == 2) or len(systems) not in (0, 2):
        raise ParameterError("a map of disagreements takes --results and two --system")
    opened = Store(store)
    table = opened.table(feature)
    if results is None:
        drawn = by_class(table, method, seed)
    else:
        pair = (systems[0], systems[1])
        drawn = by_disagreement(table, read(results), pair, method, seed)
    specimens = from_stores([opened], embed=not no_audio)
    command = shlex.join(["featkit", *sys.argv[1:]])
    write_text(html_file, page(drawn, specimens, command))
    counts = {kind: drawn.kinds.count(kind) for kind in drawn.order}
    if as_json:
        about = {"dataset": drawn.dataset, "feature": drawn.feature}
        print_json({**about, "axes": list(drawn.projection.axes), "kinds": counts})
        return
    for kind, count in counts.items():
        echo(f"{count:6d}  {kind}")
    echo(f"written: {html_file}")


COMMANDS = (map_,)
