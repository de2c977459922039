"""``featkit analyze filters|domain-transfer``: what a learned front-end hears."""

import shlex
import sys
from typing import Any

import click

from featkit_cli.completion import DATASET, STORE
from featkit_cli.output import echo, json_option, print_json, print_table


def _drawn(command: Any) -> Any:
    """Return ``command`` with the options of what is drawn."""
    png = click.option("--png", type=click.Path(dir_okay=False), metavar="PNG", help="Draw to PNG.")
    html = click.option(
        "--html", type=click.Path(dir_okay=False), metavar="F", help="Write a page to F."
    )
    return png(html(json_option(command)))


@click.command()
@click.argument("net", type=click.Path(exists=True))
@click.option(
    "--clip", type=click.Path(exists=True, dir_okay=False), help="Predict the log-mel of this file."
)
@_drawn
def filters(net: str, clip: str | None, png: str | None, html: str | None, as_json: bool) -> None:
    """Show the filters of the first layer of NET by the frequency at which they respond most.

    NET is a file of 'featkit analyze mst', or a bundle whose net reads waveforms. With --clip, PNG
    gets the log-mel that MSTmodel predicts, in place of the filters.
    """
    from featkit import audio
    from featkit.analysis.filters import first_filters, prediction, read_net
    from featkit.errors import ParameterError
    from featkit.nets.mst import MST
    from featkit.report.front_ends import draw_filters, draw_prediction, page_of_filters

    _check_place(png)
    module, rate = read_net(net)
    if clip and not isinstance(module, MST):
        raise ParameterError("--clip compares a predicted log-mel: NET must predict one")
    found = first_filters(module, rate)
    guess = prediction(module, audio.load(clip)) if clip else None
    figure = draw_prediction(guess) if guess else draw_filters(found)
    _write(png, html, figure, page_of_filters(found, guess, _command()))
    if as_json:
        extra = {"correlation": guess.correlation} if guess else {}
        print_json({**found.to_dict(), **extra})
        return
    peaks = found.peaks
    echo(
        f"{len(peaks)} filters of {found.kernels.shape[1]} samples; peaks from {peaks[0]:.0f} to "
        f"{peaks[-1]:.0f} Hz, the middle one at {peaks[len(peaks) // 2]:.0f} Hz"
    )
    if guess:
        echo(f"predicted against true log-mel of {clip}: correlation {guess.correlation:.3f}")


@click.command("domain-transfer")
@click.argument("store", type=STORE)
@click.argument("net", type=click.Path(exists=True, dir_okay=False))
@click.argument("datasets", nargs=-1, type=DATASET)
@click.option(
    "--only-fold", "fold", required=True, metavar="NAME", help="Fold that NET was trained for: 1v5."
)
@click.option(
    "--clips",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="Clips of each domain, at most of each dataset.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@_drawn
def domain_transfer(
    store: str,
    net: str,
    datasets: tuple[str, ...],
    fold: str,
    clips: int,
    seed: int,
    png: str | None,
    html: str | None,
    as_json: bool,
) -> None:
    """Measure how well NET, a file of 'featkit analyze mst', predicts log-mels of other domains.

    These are tones, speech-like sound and music made from numbers, and DATASETS. STORE holds the
    waveform:sr=22050 that NET was trained on.
    """
    from dataclasses import asdict

    from featkit.analysis.domain_transfer import domain_transfer as study
    from featkit.nets.mst import MST
    from featkit.report.front_ends import draw_domains, page_of_domains
    from featkit.store import Store

    _check_place(png)
    table = Store(store)["waveform:sr=22050"].table()
    domains = list(study(MST.read(net), table, fold, datasets, clips=clips, seed=seed))
    _write(png, html, draw_domains(domains), page_of_domains(domains, _command()))
    rows = [asdict(domain) for domain in domains]
    if as_json:
        print_json({"domains": rows})
        return
    cells = [[f"{v:.4f}" if isinstance(v, float) else v for v in row.values()] for row in rows]
    print_table([key.upper() for key in rows[0]], cells)


def _command() -> str:
    return shlex.join(["featkit", *sys.argv[1:]])


def _check_place(png: str | None) -> None:
    if png:
        from featkit.report.pictures import check_place

        check_place(png)


def _write(png: str | None, html: str | None, figure: Any, page: str) -> None:
    from featkit.store.whole import whole, write_text

    if png:
        with whole(png) as aside:
            figure.savefig(aside, format="png", dpi=120)
    if html:
        write_text(html, page)


COMMANDS = (filters, domain_transfer)
