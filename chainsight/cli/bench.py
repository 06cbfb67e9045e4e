"""`chainsight bench NAME`: one benchmark, its figures beside its baselines, as one JSON document."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Annotated, Any

import typer

import bench as benchmarks
from bench.machine import describe_machine
from chainsight.cli import app, output
from chainsight.cli.options import JsonOption
from chainsight.errors import UnknownName, UsageError


def benchmark_names() -> list[str]:
    """Every module in bench/ that has a `run`."""
    names = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(name for name in names if hasattr(importlib.import_module(f"bench.{name}"), "run"))


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which one; leave it out to list them.")] = "",
    of: Annotated[str, typer.Argument(help="Of what, where a benchmark may be of several things: soak ingest.")] = "",
    data: Annotated[Path | None, typer.Option(help="Folder laid out like its folder in CHAINSIGHT_DATA.")] = None,
    test: Annotated[Path | None, typer.Option(help="Second such folder: only scored, nothing refitted.")] = None,
    json: JsonOption = False,
) -> None:
    """Run a benchmark by hand; results with dates are in bench/RESULTS.md.

    Example: chainsight bench wallets --data DIR
    """
    names = benchmark_names()
    if not name:
        output.say("Benchmarks: " + ", ".join(names))
        return
    if name not in names:
        raise UnknownName("benchmark", name, names)
    module = importlib.import_module(f"bench.{name}")
    subjects = getattr(module, "SUBJECTS", ())
    if of and of not in subjects:
        raise UnknownName(f"subject of the benchmark {name}", of, subjects)
    for folder in (data, test):
        if folder is not None and not folder.is_dir():
            raise UsageError(f"There is no folder {folder}.", next_step="Name one with --data DIR.")
    result = module.run(data, test)
    result.setdefault("machine", describe_machine())
    if output.wants_json(json):
        output.emit(result)
    else:
        output.emit_rows(_side_by_side(result), title=f"{name} on {result['data']}, {result['seconds']:.0f} s")


def _side_by_side(result: dict[str, Any]) -> list[dict[str, Any]]:
    columns = {"chainsight": result["figures"], **result["baselines"]}
    return [
        {"figure": figure, **{column: _short(values.get(figure)) for column, values in columns.items()}}
        for figure in result["figures"]
    ]


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
