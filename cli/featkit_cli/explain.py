"""``featkit explain``: which parts of a recording speak for a class."""

from typing import TYPE_CHECKING, cast

import click

from featkit_cli.output import echo, json_option, print_json
from featkit_cli.trust import trust_option

if TYPE_CHECKING:
    from featkit.analysis.explanation.parts import Baseline


@click.command()
@click.argument("bundle")
@click.argument("file")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False), metavar="PNG", help="The picture."
)
@click.option("--target", default="", metavar="LABEL", help="Class; by default the most probable.")
@click.option(
    "--baseline",
    default="silence",
    show_default=True,
    type=click.Choice(["silence", "zero", "mean"]),
    help="What integrated gradients start from.",
)
@click.option(
    "--steps",
    default=64,
    show_default=True,
    type=click.IntRange(2, 4096),
    help="Points between the baseline and the recording.",
)
@trust_option
@json_option
def explain(
    bundle: str, file: str, out: str, target: str, baseline: str, steps: int, as_json: bool
) -> None:
    """Draw what in FILE speaks for the class that BUNDLE says.

    Nets that read spectrograms are explained by integrated gradients, all other bundles by
    silencing one patch of time and frequency after the other.
    """
    from featkit.analysis.explanation.explaining import explain as run
    from featkit.bundle import Bundle
    from featkit.report.explanation import save
    from featkit.report.pictures import check_place
    from featkit.store.whole import whole

    check_place(out)
    chosen = cast("Baseline", baseline)
    explanation = run(Bundle.load(bundle), file, target=target, baseline=chosen, steps=steps)
    with whole(out) as aside:
        save(explanation, aside)
    if as_json:
        print_json(explanation.to_dict())
        return
    for label, probability in explanation.top:
        echo(f"{100 * probability:5.1f} %  {label}")
    error = explanation.completeness_error
    completeness = "" if error is None else f", completeness error {100 * error:.2f} %"
    echo(f"{explanation.label} by {explanation.method}{completeness}: {out}")


COMMANDS = (explain,)
