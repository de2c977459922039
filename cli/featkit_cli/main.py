"""The command ``featkit``: collects the commands and turns errors into exit statuses.

0: done. 1: done, but something in it failed. 2: bad usage or input; nothing was touched.
"""

import errno
import io
import sys

import click

from featkit import __version__
from featkit.errors import FeatkitError, SchedulerError
from featkit.naming import outside
from featkit.naming.plugins import reason
from featkit_cli import (
    analyze,
    compare,
    data,
    demo,
    describe,
    doctor,
    evaluate,
    experiment,
    explain,
    extract,
    inspect,
    mapping,
    models,
    predict,
    store,
)
from featkit_cli.output import echo, narrated

GROUPS = (
    demo,
    data,
    describe,
    extract,
    store,
    evaluate,
    compare,
    experiment,
    inspect,
    mapping,
    explain,
    models,
    analyze,
    predict,
    doctor,
)

# What the system says of a path that a user named; everything else happens to work under way.
OF_PATHS = frozenset(
    (
        errno.EACCES,
        errno.EEXIST,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ENOTEMPTY,
        errno.EPERM,
        errno.EROFS,
    )
)


class Errors(click.Group):
    """A group that turns errors of featkit and of the system into one line and a status.

    Nothing that a command imports because a file names it is trusted, unless the user named it too.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            with outside.restricted(), narrated():
                return super().invoke(ctx)
        except (FeatkitError, OSError, MemoryError, SystemExit) as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # Whoever reads the output has enough; click ends quietly.
            echo(f"Error: {message(error)}", err=True, lines=True)
            ctx.exit(status(error))


def message(error: BaseException) -> str:
    """Return the line that tells a user which error ended a command."""
    if isinstance(error, FeatkitError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"out of memory; finished work is kept ({reason(error)})"
    if isinstance(error, OSError) and error.strerror:
        places = [str(name) for name in (error.filename, error.filename2) if name is not None]
        return f"{error.strerror}: {' and '.join(places)}" if places else error.strerror
    return reason(error)


def status(error: BaseException) -> int:
    """Return the exit status of an error: 2 where the input is wrong, 1 where the work failed."""
    if isinstance(error, FeatkitError):
        return 1 if isinstance(error, SchedulerError) else 2
    return 2 if isinstance(error, OSError) and error.errno in OF_PATHS else 1


@click.group(
    cls=Errors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="featkit")
def cli() -> None:
    """Feature store and classical-ML toolkit for audio classification.

    Start with 'featkit demo', or with your own recordings, one folder per class:

    \b
      featkit extract DATASET -f mfcc_stats --store my.zarr -j 4
      featkit evaluate my.zarr -c svm --out results.jsonl
      featkit compare results.jsonl --out report.html --store my.zarr

    Exit status: 0 done; 1 done, but something in it failed; 2 bad usage or input, and nothing was
    touched.
    """


for module in GROUPS:
    for command in module.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line."""
    try:
        code = cli.main(prog_name="featkit", standalone_mode=False)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        echo(shown.getvalue().rstrip("\n"), err=True, lines=True)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        echo("Stopped. Finished work is kept; run the same command to continue.", err=True)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
