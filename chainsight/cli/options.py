"""Options that many commands share, written once, and the store they open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from chainsight.errors import StoreEmpty, UsageError
from chainsight.settings import settings
from ingest.intake import ChosenSource, choose_source
from ingest.ranges import parse_range
from sql.as_of import known_chains
from sql.migrate import migrate
from sql.store import Store, open_store

StoreOption = Annotated[
    str,
    typer.Option(
        "--store",
        help="DSN of the store.",
        envvar="CHAINSIGHT_STORE",
        show_default="chdb:// under .chainsight",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document (the default when stdout is no terminal).")
]
ChainOption = Annotated[int, typer.Option("--chain-id", help="Chain to work on (0: the one chain the store holds).")]

BlocksOption = Annotated[
    str, typer.Option("--blocks", "-b", help="Blocks FROM:TO, both in it: 19M:19.1M, 100:, :500k. Default: all.")
]
ArchiveOption = Annotated[Path | None, typer.Option(help="Folder of blocks, receipts and traces as .jsonl[.zst].")]
_NODES = typer.Option(
    "--rpc",
    help="Node: http(s)://, ws(s):// or the path of an IPC socket; give several, and one stands in for another.",
)
RpcOption = Annotated[list[str] | None, _NODES]
NeededRpcOption = Annotated[list[str], _NODES]
TablesOption = Annotated[Path | None, typer.Option(help="Folder of transaction and token-transfer Parquet.")]


@contextmanager
def opened_store(dsn: str) -> Iterator[Store]:
    """The store that `--store` names, with its tables up to date; closed afterwards."""
    store = open_store(dsn or settings().store_dsn)
    try:
        migrate(store)
        yield store
    finally:
        store.close()


def chosen_source(
    *, archive: Path | None, rpc: list[str] | None, tables: Path | None, blocks: str, chain_id: int
) -> ChosenSource:
    """The one source that was named, and the chain it is of; raises `UsageError` unless it is exactly one."""
    return choose_source(
        archive=archive, rpc=rpc or (), tables=tables, blocks=parse_range(blocks), chain_id=chain_id or None
    )


def chosen_chain(store: Store, chain_id: int) -> int:
    """The chain that `--chain-id` names, or the only one in the store; raises `UsageError` when it holds several."""
    if chain_id:
        return chain_id
    known = known_chains(store)
    if not known:
        raise StoreEmpty("blocks", "Ingest some first: chainsight ingest --archive DIR, --rpc URL or --tables DIR.")
    if len(known) > 1:
        raise UsageError(f"The store holds chains {', '.join(map(str, known))}.", next_step="Name one with --chain-id.")
    return known[0]
