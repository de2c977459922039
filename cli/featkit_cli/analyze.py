"""``featkit analyze``: studies of the published systems."""

from typing import Any

import click

from featkit_cli import front_ends, transfer
from featkit_cli.completion import STORE
from featkit_cli.output import echo, json_option, print_json, print_table


@click.group()
def analyze() -> None:
    """Studies of the published systems."""


@analyze.command("batch-norm-leak")
@click.argument("store", type=STORE)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1))
@json_option
def batch_norm_leak(store: str, seeds: int, as_json: bool) -> None:
    """Show how batch statistics leak labels when files are sorted.

    STORE must hold logmel:preset=elmarc.
    """
    from dataclasses import asdict

    from featkit.analysis.batch_norm_leak import batch_norm_leak as study
    from featkit.store import Store

    table = Store(store)["logmel:preset=elmarc"].table()
    result = study(table.X, list(table.y), seeds=tuple(range(seeds)))
    if as_json:
        extra = {"leak": result.leak, "dependence": asdict(result.dependence)}
        print_json({**asdict(result), **extra})
        return
    cells = [asdict(cell) for cell in result.cells]
    print_table([key.upper() for key in cells[0]], [list(cell.values()) for cell in cells])
    without = ", ".join(f"{100 * cell.accuracy:.2f}" for cell in result.without)
    echo(
        f"without batch statistics: {without} %, "
        f"batch sizes differ with p = {result.dependence.p:.3f} (ANOVA); "
        f"a row then differs between batches by at most {result.largest_difference:.1e}"
    )
    echo(f"sorted minus shuffled, one class per batch: {100 * result.leak:.1f} points")


@analyze.command("mst")
@click.argument("store", type=STORE)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False), help="Folder of the trained nets."
)
@click.option(
    "--only-fold", "only_folds", multiple=True, metavar="NAME", help="Such as 1v5; repeatable."
)
@click.option(
    "--edge",
    default="drop",
    show_default=True,
    type=click.Choice(["drop", "pad"]),
    help="Drop the log-mel's last frame, or pad the waveform so that the net has as many.",
)
@click.option("--batch-norm", is_flag=True, help="Normalise before each activation.")
@click.option("--epochs", default=800, show_default=True, type=click.IntRange(1), help="At most.")
@click.option(
    "--precision",
    default="float32",
    show_default=True,
    type=click.Choice(["float32", "bfloat16"]),
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@json_option
def mst(store: str, out: str, only_folds: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Train nets that predict a log-mel from a waveform, for net:arch=(raw_piczak:mst=FILE).

    STORE must hold waveform:sr=22050 with official folds. There is a net for each pair of
    validation and test fold, called 1v5 for test fold 1, so that none has heard either.
    """
    from dataclasses import asdict

    from featkit.analysis.mst import train_mst
    from featkit.store import Store
    from featkit.training.runtime import Machine

    table = Store(store)["waveform:sr=22050"].table()
    machine = Machine(verbose=not as_json)
    rows = [
        asdict(fit)
        for fit in train_mst(table, out, only_folds=only_folds, machine=machine, **options)
    ]
    if as_json:
        print_json({"folds": rows})
        return
    print_table([key.upper() for key in rows[0]], [list(row.values()) for row in rows])


for command in (*transfer.COMMANDS, *front_ends.COMMANDS):
    analyze.add_command(command)

COMMANDS = (analyze,)
