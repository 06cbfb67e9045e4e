"""Which module holds which command, in the order of `--help`.

Only the module of the command that was asked for is imported: `chainsight score` should not wait for what `train` needs.
"""

from __future__ import annotations

import importlib

MODULES = {
    "demo": "demo",
    "run": "run",
    "ingest": "ingest",
    "logs": "ingest",
    "follow": "follow",
    "bitcoin": "bitcoin",
    "labels": "labels",
    "lists": "labels",
    "tokens": "labels",
    "prices": "prices",
    "transform": "ingest",
    "audit": "audit",
    "graph": "snapshots",
    "typologies": "typologies",
    "entities": "entities",
    "segments": "behaviour",
    "profile": "profile",
    "features": "features",
    "train": "models",
    "predict": "models",
    "explain": "explain",
    "publish": "risk",
    "score": "risk",
    "trace": "trace",
    "query": "query",
    "export": "export",
    "serve": "serve",
    "keys": "serve",
    "schedule": "schedule",
    "bench": "bench",
    "doctor": "doctor",
}


def register(words: list[str]) -> None:
    """Register the command that the first word names, or all of them for help and for words nobody knows."""
    first = words[0] if words else ""
    wanted = [MODULES[first]] if first in MODULES else list(dict.fromkeys(MODULES.values()))
    for module in wanted:
        importlib.import_module(f"chainsight.cli.{module}")
