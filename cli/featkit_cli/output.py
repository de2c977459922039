"""What commands print: JSON and aligned tables on stdout, progress and failures on stderr.

Names and labels come from files and may hold anything; what is printed is escaped by `escaped`.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from featkit.naming import display
from featkit.naming.showing import UNSAFE, escaped

# Columns of text that is wrapped.
WIDTH = 100

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout."
)


def echo(text: object = "", err: bool = False, lines: bool = False) -> None:
    """Print a message of one line, or with ``lines`` of several, escaped."""
    click.echo(escaped(text, lines), err=err)


def print_json(value: Any) -> None:
    """Print one JSON object; unsafe characters are escaped as JSON escapes them."""
    text = json.dumps(value, ensure_ascii=False, indent=2)

    def code(match: re.Match[str]) -> str:
        return match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}"

    click.echo(UNSAFE.sub(code, text))


def print_table(
    header: Sequence[str], rows: Iterable[Sequence[object]], wrapped: bool = False
) -> None:
    """Print rows under a header in aligned columns; ``wrapped``: the last one within `WIDTH`."""
    cells = [[escaped(cell) for cell in row] for row in rows]
    click.echo(display.columns(header, cells, WIDTH if wrapped else 0))


def print_failures(failures: Sequence[dict[str, Any]], most: int = 10) -> None:
    """Print the first failures on stderr."""
    for line in failures[:most]:
        echo(f"  failed: {line['path']} [{line['stage']}] {line['error']}", err=True)
    if len(failures) > most:
        echo(
            f"  … and {len(failures) - most} more; 'featkit failures STORE' lists them all",
            err=True,
        )


@contextmanager
def progress_bar(total: int, unit: str, title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr; what is given is called with (done, total)."""
    from tqdm import tqdm

    with tqdm(total=total, unit=unit, desc=escaped(title)) as bar:

        def step(done: int, total: int) -> None:
            bar.update(done - bar.n)

        yield step


def extraction_progress(dataset: str) -> Callable[[int], Callable[[Any], None]]:
    """Return the ``progress`` of `extract`: a bar on stderr with clips/s and × real time."""
    import time

    from tqdm import tqdm

    def start(total: int) -> Callable[[Any], None]:
        bar = tqdm(total=total, unit="clip", desc=escaped(dataset), disable=total == 0)
        begun, audio = time.perf_counter(), [0.0]

        def step(outcome: Any) -> None:
            audio[0] += outcome.audio_seconds
            bar.update(outcome.n_looked)
            bar.set_postfix_str(
                f"{audio[0] / (time.perf_counter() - begun):.0f}x real time", refresh=False
            )
            if bar.n >= total:
                bar.close()

        return step

    return start


def evaluation_progress() -> Callable[[str, int, int], Callable[[Any], None]]:
    """Return the ``progress`` of `measure`: one bar on stderr for each system, counting folds."""
    from tqdm import tqdm

    def start(title: str, total: int, left: int) -> Callable[[Any], None]:
        bar = tqdm(total=total, initial=total - left, unit="fold", desc=escaped(title))

        def step(score: Any) -> None:
            bar.update()
            if bar.n >= total:
                bar.close()

        if not left:
            bar.close()
        return step

    return start


class _OnStderr(logging.Handler):
    """Prints each line of a log on stderr, above a bar where one is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        tqdm.write(escaped(record.getMessage()), file=sys.stderr)


@contextmanager
def narrated() -> Iterator[None]:
    """Print what the library logs, such as how long a search will take, on stderr."""
    log, handler = logging.getLogger("featkit"), _OnStderr()
    level = log.level
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


def print_means(cells: Sequence[Any]) -> None:
    """Print the mean accuracy of each system; where rows are windows, also that of the clips."""
    from featkit.results import Scores
    from featkit.results.pooling import POOLED, per_clip

    _print_means(Scores(cells))
    if clips := per_clip(cells):
        echo()
        echo(f"{POOLED}:")
        _print_means(Scores(clips))


def _print_means(scores: Any) -> None:
    marks: dict[Any, dict[str, None]] = {}
    for score in scores:
        texts = ["optimistic"] * score.optimistic + ["leakage allowed"] * score.leaky
        marks.setdefault(score.system, {}).update(dict.fromkeys(texts))
    rows = []
    for name, (mean, count) in scores.means().items():
        protocol = ", ".join(name[3:]) + (f" ({', '.join(marks[name])})" if marks[name] else "")
        if mean is not None:
            rows.append((*name[1:3], protocol, f"{100 * mean:.2f}", count))
    print_table(("FEATURE", "CLASSIFIER", "PROTOCOL", "ACCURACY %", "CELLS"), rows)


def print_failed_cells(failed: Sequence[Any]) -> None:
    """Print the cells that failed on stderr."""
    for score in failed:
        text = f"failed: {score.feature} x {score.classifier}, fold {score.fold}: {score.error}"
        echo(text, err=True)
