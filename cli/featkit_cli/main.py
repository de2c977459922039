"""The command ``featkit``: collects the commands and turns errors into exit statuses.

0: done. 1: done, but something in it failed. 2: bad usage or input; nothing was touched.
"""

import sys

import click

from featkit import __version__
from featkit.errors import FeatkitError, SchedulerError
from featkit_cli import data, demo, describe, doctor, evaluate, experiment, extract, models, store
from featkit_cli.output import echo, escaped

GROUPS = (demo, data, describe, extract, store, evaluate, experiment, models, doctor)


class Errors(click.Group):
    """A group that turns featkit's own errors into one line and status 2, or 1 if the Dask
    scheduler was lost.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except FeatkitError as error:
            echo(f"Error: {error}", err=True)
            ctx.exit(1 if isinstance(error, SchedulerError) else 2)


@click.group(
    cls=Errors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="featkit")
def cli() -> None:
    """Feature store and classical-ML toolkit for audio classification.

    Start with 'featkit demo', or with your own recordings, one folder per class:

    \b
      featkit extract DATASET -f mfcc_stats --store my.zarr -j 4
      featkit evaluate my.zarr -f mfcc_stats -c svm --out results.jsonl
      featkit compare results.jsonl --html report.html

    Exit status: 0 done; 1 done, but something in it failed; 2 bad usage or input, and nothing was
    touched.
    """


for module in GROUPS:
    for command in module.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line."""
    try:
        status = cli.main(prog_name="featkit", standalone_mode=False)
    except click.ClickException as error:
        error.message = escaped(error.message, lines=True)
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. Finished work is kept; run the same command to continue.", err=True)
        status = 130
    sys.exit(status if isinstance(status, int) else 0)
