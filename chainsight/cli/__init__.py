"""`chainsight …`: text to values, one stage function called, its answer printed. The order is the order of the data."""

from __future__ import annotations

import sys

import typer

from chainsight.cli import output
from chainsight.errors import ChainsightError

app = typer.Typer(
    name="chainsight",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="From blocks to risk labels and recommendations. Start with [bold]chainsight demo[/bold].",
)


def main() -> None:
    """Run the command line: 0 done, 1 failed, 2 asked wrongly, 3 a data check failed."""
    # Each module registers its commands on `app` when it is imported; the order here is the order in --help.
    from chainsight.cli import commands  # noqa: F401

    try:
        app(standalone_mode=True)
    except ChainsightError as error:
        output.fail(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        output.say("Stopped. What was committed stays; the same command goes on from there.")
        sys.exit(130)
