"""``featkit verify``, ``featkit store`` and ``featkit export``: look after a store and take tables
out of it.
"""

import click

from featkit_cli.completion import FEATURE, STORE
from featkit_cli.output import echo, json_option, print_json, print_table
from featkit_cli.trust import trust_option


@click.command()
@click.argument("store", type=STORE)
@click.option(
    "--repair", is_flag=True, help="Restore what can be; the next extract computes lost rows."
)
@json_option
def verify(store: str, repair: bool, as_json: bool) -> None:
    """Check every object of STORE and name what is damaged; exit 1 if anything is."""
    from featkit.store import Store
    from featkit.store import repair as mend
    from featkit.store import verify as check

    report = check(Store(store, salvage=True))
    if repair and report["damaged"]:
        mend(Store(store, "r+", salvage=True), report)
    if as_json:
        print_json(report)
    else:
        for item in report["damaged"]:
            if "object" in item:
                echo(f"damaged: {item['object']}: {item['error']}")
            else:
                clips = len(item["clips"])
                echo(f"damaged: {item['shard']} ({clips} clips): {item['error']}")
        repaired = ", repaired: 'featkit extract' computes the rows that are lost" if repair else ""
        count = len(report["damaged"])
        echo(f"{report['shards']} shards, {count} damaged{repaired if count else ''}")
    if report["damaged"]:
        raise click.exceptions.Exit(1)


@click.group()
def store() -> None:
    """Look inside a store, drop features, clean up."""


@store.command("ls")
@click.argument("store", type=STORE)
@json_option
def list_store(store: str, as_json: bool) -> None:
    """List the features of STORE with shape, type and definition."""
    from featkit.store import Store

    opened = Store(store)
    shelves = opened.shelves()
    if as_json:
        listed = {
            s.key: {"feature": s.canonical, "shape": list(s.shape), "dtype": str(s.dtype)}
            for s in shelves
        }
        print_json({"dataset": opened.dataset, "clips": opened.n_clips, "features": listed})
        return
    echo(f"{opened.path}: {opened.dataset}, {opened.n_clips} clips, {opened.shard_clips} per shard")
    print_table(
        ("KEY", "FEATURE", "SHAPE", "TYPE"),
        [(s.key, s.canonical, s.shape, s.dtype) for s in shelves],
    )


@store.command("rm")
@click.argument("store", type=STORE)
@click.option("-f", "--feature", "features", multiple=True, required=True, type=FEATURE)
def remove(store: str, features: tuple[str, ...]) -> None:
    """Drop features from STORE."""
    from featkit.store import Store
    from featkit.store.changes import remove as drop

    opened = Store(store, "r+")
    shelves = [opened[feature] for feature in features]
    for shelf in shelves:
        drop(opened, shelf.key)
        echo(f"removed {shelf.canonical}")


@store.command()
@click.argument("store", type=STORE)
@json_option
def prune(store: str, as_json: bool) -> None:
    """Drop what nothing in STORE refers to: leftovers of interrupted writes, values of clips that
    left the dataset.
    """
    from featkit.store import Store
    from featkit.store import prune as clean

    _print_counts(clean(Store(store, "r+")), as_json)


@store.command()
@click.argument("store", type=STORE)
@json_option
def migrate(store: str, as_json: bool) -> None:
    """Convert STORE from an older format; values stay as they are."""
    from featkit.store import migrate as convert

    _print_counts(convert(store), as_json)


OUT = click.option(
    "--out", required=True, type=STORE, help="The new store; nothing may be there yet."
)
SHARD_CLIPS = click.option(
    "--shard-clips",
    type=click.IntRange(1),
    help="Clips in one object: more clips make fewer objects.",
)


@store.command()
@click.argument("stores", nargs=-1, required=True, type=STORE, metavar="STORE...")
@OUT
@SHARD_CLIPS
@json_option
def merge(stores: tuple[str, ...], out: str, shard_clips: int | None, as_json: bool) -> None:
    """Write a new store with the clips and features of every STORE.

    The stores are of one dataset and were extracted apart, for other clips or other features. Rows
    are copied bit for bit; nothing is computed.
    """
    from featkit.store import merge as unite

    _print_counts(unite(stores, out, shard_clips), as_json)


@store.command()
@click.argument("store", type=STORE)
@OUT
@SHARD_CLIPS
@json_option
def publish(store: str, out: str, shard_clips: int | None, as_json: bool) -> None:
    """Write a copy of STORE to share: few objects, all metadata in one of them, only read."""
    from featkit.store import merge as unite

    _print_counts(unite([store], out, shard_clips, published=True), as_json)


def _print_counts(counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        print_json(counts)
    else:
        echo(", ".join(f"{key}: {value}" for key, value in counts.items()))


@click.command()
@click.argument("store", type=STORE)
@click.option("-f", "--feature", required=True, type=FEATURE)
@click.option(
    "--out",
    "--to",
    "out",
    required=True,
    type=click.Path(dir_okay=False),
    help="File; .parquet, .csv or .npz by its suffix.",
)
@trust_option
def export(store: str, feature: str, out: str) -> None:
    """Write one feature of STORE, with ids, labels, folds and groups, to a file that other programs
    read.
    """
    from featkit.store import Store
    from featkit.store.export import export as write

    table = Store(store).table(feature)
    write(table, out)
    echo(f"{len(table)} rows of {table.feature} in {out}")


COMMANDS = (verify, store, export)
