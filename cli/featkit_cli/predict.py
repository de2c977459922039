"""``featkit predict`` and ``featkit stream``: labels of new recordings with a saved model."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from featkit.errors import ParameterError
from featkit.naming.showing import escaped
from featkit_cli.output import echo, json_option, print_json, print_table
from featkit_cli.recordings import recordings
from featkit_cli.targets import check_target
from featkit_cli.trust import trust_option, trusted

if TYPE_CHECKING:
    from featkit.bundle import Prediction


@click.command()
@click.argument("bundle")
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--window",
    type=float,
    help="Predict every window of so many seconds. Without it, a model that was trained on windows "
    "pools those of a recording.",
)
@click.option("--hop", type=float, help="Seconds between windows; by default, their length.")
@click.option("--segments", is_flag=True, help="Merge windows with equal labels to segments.")
@click.option(
    "--intervene",
    metavar="CHANGE",
    help="Predict changed recordings: highpass=20, gain=-6, … as 'featkit evaluate' takes it.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Also write to FILE: .csv, and with windows segments as .txt (labels for Audacity) or "
    ".rttm.",
)
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False), hidden=True)
@trust_option
@json_option
def predict(
    bundle: str,
    files: tuple[str, ...],
    window: float | None,
    hop: float | None,
    segments: bool,
    intervene: str | None,
    out: str | None,
    csv_file: str | None,
    as_json: bool,
) -> None:
    """Predict the labels of FILES with BUNDLE.

    FILES are recordings, folders, which are searched for recordings, or - for paths on standard
    input, one in a line. Exit status 1 if a file cannot be read.
    """
    from featkit.bundle import Bundle
    from featkit.bundle.segments import merged
    from featkit.store.whole import write_text

    paths = list(recordings(files))
    targets = _targets(out, csv_file)
    _check_targets(targets, window, len(paths))
    segments = segments or any(suffix != ".csv" for _, suffix in targets)
    if segments and window is None:
        raise ParameterError("--segments merges windows: give --window S")
    model = Bundle.load(bundle, trusted())
    if intervene is not None:
        model = model.after(intervene)
    predictions = model.predict(paths, window, hop)
    if segments:
        predictions = merged(predictions)
    for place, suffix in targets:
        write_text(place, _formats()[suffix](predictions))
    if as_json:
        print_json({"predictions": [_row(one, window is not None) for one in predictions]})
    else:
        _print(predictions)
        for place, _ in targets:
            echo(f"written: {place}")
    if any(one.error for one in predictions):
        raise click.exceptions.Exit(1)


def _formats() -> Any:
    from featkit.bundle.segments import FORMATS

    return FORMATS


def _targets(out: str | None, csv_file: str | None) -> list[tuple[str, str]]:
    """Return each file to write with the suffix of its format."""
    targets = [(out, Path(out).suffix)] if out else []
    return targets + ([(csv_file, ".csv")] if csv_file else [])


def _check_targets(targets: Sequence[tuple[str, str]], window: float | None, paths: int) -> None:
    """Raise for a file that cannot be written as asked, before any work."""
    for place, suffix in targets:
        if suffix not in _formats():
            raise ParameterError(f"{place!r}: the suffix must be one of {', '.join(_formats())}")
        if suffix != ".csv" and window is None:
            raise ParameterError(f"{place!r} holds segments of a recording: give --window S")
        if suffix == ".txt" and paths > 1:
            raise ParameterError(
                f"{place!r}: a label track holds one recording, not {paths}; write .rttm or .csv"
            )
        check_target(place)


def _row(one: "Prediction", timed: bool) -> dict[str, Any]:
    """Return a prediction as JSON has it."""
    times = {"start": one.start, "end": one.end} if timed else {}
    outcome: dict[str, Any] = {"label": one.label, "probabilities": one.probabilities}
    return {"path": one.path, **times, **({"error": one.error} if one.error else outcome)}


def _print(predictions: Sequence["Prediction"]) -> None:
    """Print a line for each prediction; errors have a column of their own."""
    failed = any(one.error for one in predictions)
    rows = []
    for one in predictions:
        probability = max(one.probabilities.values(), default=None)
        time = "" if one.error and not one.end else f"{one.start:.2f}–{one.end:.2f} s"
        cells = (one.path, time, one.label, "" if probability is None else f"{probability:.3f}")
        rows.append((*cells, one.error) if failed else cells)
    header = ("PATH", "TIME", "LABEL", "PROBABILITY")
    print_table((*header, "ERROR") if failed else header, rows)


@click.command()
@click.argument("bundle")
@click.option("--rate", required=True, type=click.IntRange(1), help="Samples per second.")
@click.option("--window", required=True, type=float, help="Length of a window in seconds.")
@click.option("--hop", type=float, help="Seconds between windows; by default, their length.")
@click.option("--channels", default=1, show_default=True, type=click.IntRange(1))
@click.option(
    "--type",
    "encoding",
    default="s16",
    show_default=True,
    type=click.Choice(["s16", "s32", "f32"]),
    help="Little-endian integers, or floats in [−1, 1].",
)
@trust_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in a line per window.")
def stream(bundle: str, rate: int, as_json: bool, **options: Any) -> None:
    """Predict raw samples on standard input with BUNDLE, window by window, as they arrive.

    \b
      arecord -f S16_LE -r 16000 -t raw | featkit stream model --rate 16000 --window 2 --hop 0.5
    """
    import json

    from featkit.bundle import Bundle
    from featkit.bundle.streaming import listen

    loaded = Bundle.load(bundle, trusted())
    read = sys.stdin.buffer.read
    failed = False
    for one in listen(loaded, read, sr=rate, **options):
        failed = failed or bool(one.error)
        if as_json:
            row = {key: value for key, value in _row(one, True).items() if key != "path"}
            click.echo(json.dumps(row))
        else:
            probability = max(one.probabilities.values(), default=0.0)
            outcome = f"error: {one.error}" if one.error else f"{one.label}  {probability:.3f}"
            click.echo(escaped(f"{one.start:.2f}–{one.end:.2f} s  {outcome}"))
        sys.stdout.flush()
    if failed:
        raise click.exceptions.Exit(1)


COMMANDS = (predict, stream)
