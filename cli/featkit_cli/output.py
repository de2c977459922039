"""What commands print: JSON and aligned tables on stdout, progress and failures on stderr.

Names and labels come from files and may hold anything; what is printed is escaped by `escaped`.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

# Control characters, among them those that steer a terminal; marks that reverse the direction of
# text; and halves of characters, which stand for bytes of a name that are not UTF-8.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout."
)


def escaped(text: object, lines: bool = False) -> str:
    """Return ``text`` with what could steer a terminal written as ``\\x1b``; with ``lines``, line
    breaks and tabs stay.

    >>> escaped("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """

    def visible(match: re.Match[str]) -> str:
        character = match[0]
        if lines and character in "\n\t":
            return character
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")

    return _UNSAFE.sub(visible, str(text))


def echo(text: object = "", err: bool = False, lines: bool = False) -> None:
    """Print a message of one line, or with ``lines`` of several, escaped."""
    click.echo(escaped(text, lines), err=err)


def print_json(value: Any) -> None:
    """Print one JSON object; unsafe characters are escaped as JSON escapes them."""
    text = json.dumps(value, ensure_ascii=False, indent=2)

    def code(match: re.Match[str]) -> str:
        return match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}"

    click.echo(_UNSAFE.sub(code, text))


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under a header in aligned columns."""
    cells = [list(header), *([escaped(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        click.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


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

    with tqdm(total=total, unit=unit, desc=title) as bar:

        def step(done: int, total: int) -> None:
            bar.update(done - bar.n)

        yield step


def extraction_progress() -> Callable[[int], Callable[[Any], None]]:
    """Return the ``progress`` of `extract`: a bar on stderr with clips/s and × real time."""
    import time

    from tqdm import tqdm

    def start(total: int) -> Callable[[Any], None]:
        bar = tqdm(total=total, unit="clip", desc="extract", disable=total == 0)
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
    """Print the mean accuracy of each system."""
    from featkit.results.scores import PAPER_WEIGHTED

    systems: dict[tuple[str, str, str], list[Any]] = {}
    for score in cells:
        if score.accuracy is not None:
            marks = ["optimistic"] * score.optimistic + ["leakage allowed"] * score.leaky
            protocol = score.protocol + (f" ({', '.join(marks)})" if marks else "")
            systems.setdefault((score.feature, score.classifier, protocol), []).append(score)
    rows = []
    for names, scores in systems.items():
        weights = [score.n_test if score.protocol == PAPER_WEIGHTED else 1 for score in scores]
        mean = sum(
            score.accuracy * weight for score, weight in zip(scores, weights, strict=True)
        ) / sum(weights)
        rows.append((*names, f"{100 * mean:.2f}", len(scores)))
    print_table(("FEATURE", "CLASSIFIER", "PROTOCOL", "ACCURACY %", "CELLS"), rows)


def print_failed_cells(failed: Sequence[Any]) -> None:
    """Print the cells that failed on stderr."""
    for score in failed:
        text = f"failed: {score.feature} x {score.classifier}, fold {score.fold}: {score.error}"
        echo(text, err=True)
