"""`chainsight …`: text to values, one stage function called, its answer printed. The order is the order of the data."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chainsight import __version__
from chainsight.cli import output
from chainsight.cli.commands import register
from chainsight.errors import ChainsightError

_INTERRUPTED = 130

app = typer.Typer(
    name="chainsight",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="From blocks to risk labels and recommendations. Start with [bold]chainsight demo[/bold].",
)


@app.callback(invoke_without_command=True)
def version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Options that stand before the command."""
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line: 0 done, 1 failed, 2 asked wrongly, 3 a data check failed, 130 interrupted."""
    register(sys.argv[1:])
    try:
        app()
    except ChainsightError as error:
        output.fail(error)
        sys.exit(error.exit_code)
    except SystemExit as stop:
        if stop.code == _INTERRUPTED:
            output.say("Stopped. What was committed stays; the same command goes on from there.")
        raise
