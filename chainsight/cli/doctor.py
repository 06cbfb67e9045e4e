"""`chainsight doctor`: is everything here that a run needs?"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import typer

from chainsight.cli import app, output
from chainsight.cli.options import JsonOption, StoreOption, opened_store
from chainsight.errors import ChainsightError
from chainsight.settings import settings
from graph.spark.graphframes_jar import find_jar
from graph.spark.java import find_java_home
from sql.as_of import known_chains, read_as_of

_LOW_DISK_GIB = 5


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    well: bool
    said: str


@app.command()
def doctor(store: StoreOption = "", json: JsonOption = False) -> None:
    """Look at store, Java, GraphFrames JAR, disk and public data; exit 1 if something a run needs is missing."""
    findings = [
        _look("store", lambda: _describe_store(store)),
        _look("java", lambda: str(find_java_home())),
        _look("graphframes jar", lambda: str(find_jar())),
        _disk(),
        _public_data(),
    ]
    if output.wants_json(json):
        output.emit({"findings": [vars(finding) for finding in findings]})
    else:
        output.emit_rows([{"": "ok" if f.well else "missing", "what": f.what, "said": f.said} for f in findings])
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _look(what: str, describe: Callable[[], str]) -> Finding:
    try:
        return Finding(what, well=True, said=describe())
    except ChainsightError as error:
        return Finding(what, well=False, said=str(error))


def _describe_store(dsn: str) -> str:
    with opened_store(dsn) as opened:
        version = opened.query("SELECT version() AS version").column("version")[0].as_py()
        chains = [f"chain {c} up to block {read_as_of(opened, c).block_number:,}" for c in known_chains(opened)]
    return f"ClickHouse {version}; {', '.join(chains) or 'empty'}"


def _disk() -> Finding:
    home = settings().home.absolute()
    free = shutil.disk_usage(home if home.exists() else home.parent).free / 2**30
    return Finding("disk", well=free > _LOW_DISK_GIB, said=f"{free:.0f} GiB free for {home}")


def _public_data() -> Finding:
    data = settings().data
    said = (
        str(data) if data.is_dir() else f"{data} is not there: labels, lists and benchmarks need it (CHAINSIGHT_DATA)"
    )
    return Finding("public data (optional)", well=True, said=said)
