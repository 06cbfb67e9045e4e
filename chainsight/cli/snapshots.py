"""Commands about the graph as of a block: graph snapshot."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from chainsight.cli import output
from chainsight.cli.graph import graph_app
from chainsight.cli.options import ChainOption, JsonOption, StoreOption, chosen_chain, opened_store
from chainsight.errors import StoreEmpty, UsageError
from graph.snapshots import KINDS, NO_MONEY, Snapshot, SnapshotGraph, first_block_since, last_block_until, latest, take
from sql.as_of import read_as_of
from sql.store import Store


@graph_app.command()
def snapshot(
    as_of: Annotated[
        str,
        typer.Option("--as-of", help="Last block, or a time (2023-07-13, 2023-07-13T12:00). Default: the last one."),
    ] = "",
    since: Annotated[
        str, typer.Option("--since", help="First block, a time, or so long before the end: 7d, 12h.")
    ] = "",
    token_class: Annotated[
        str, typer.Option("--token-class", help="native, wrapped, stable, fungible, collectible, or all.")
    ] = "all",
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Kind of transfer; give several. Default: all.")
    ] = None,
    leave_out: Annotated[
        str, typer.Option("--leave-out", help="Of poisoning, empty, doubtful, dust, spam, service, hub, bait; or none.")
    ] = ",".join(NO_MONEY),
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for edges.parquet and marked.parquet. Default: only figures.")
    ] = None,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Add up the graph as of a block and since another, and say what it holds and what was left out of it.

    Example: chainsight graph snapshot --since 7d --token-class stable --leave-out dust,spam,service --out week
    """
    with opened_store(store) as opened:
        chain = chosen_chain(opened, chain_id)
        last = _block(opened, chain, as_of, is_end=True) if as_of else latest(opened, chain).as_of_block
        chosen = Snapshot(
            chain_id=chain,
            as_of_block=last,
            since=_first(opened, chain, since, last),
            token_class=token_class,
            kinds=tuple(kind or KINDS),
            leave_out=() if leave_out in ("", "none") else tuple(part.strip() for part in leave_out.split(",")),
        )
        graph = take(opened, chosen)
    if graph.edges.num_rows == 0:
        raise StoreEmpty(
            f"transfers of chain {chain} from block {chosen.since:,} to {chosen.as_of_block:,} that this snapshot would show",
            "Widen it with --since and --as-of, or leave out less with --leave-out.",
        )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        pq.write_table(graph.edges, out / "edges.parquet")
        pq.write_table(graph.marked, out / "marked.parquet")
    output.emit_figures(_figures(graph), json=json)


def _figures(graph: SnapshotGraph) -> dict[str, object]:
    edges, marked = graph.edges, graph.marked
    ends = set(edges.column("from_id").to_pylist()) | set(edges.column("to_id").to_pylist())
    return {
        "chain_id": graph.snapshot.chain_id,
        "since_block": graph.snapshot.since,
        "as_of_block": graph.snapshot.as_of_block,
        "addresses": len(ends),
        "edges": edges.num_rows,
        "transfers": sum(edges.column("transfer_count").to_pylist()),
        **{f"{mark}_addresses": sum(marked.column(f"is_{mark}").to_pylist()) for mark in ("service", "hub", "bait")},
        **{f"{what}_transfers": number for what, number in sorted(graph.transfers.items()) if what != "edge"},
    }


def _first(store: Store, chain_id: int, text: str, last: int) -> int:
    """The first block: 0 for none named; `7d` and `12h` count back from the last block's time."""
    if span := re.fullmatch(r"([0-9]+)([dh])", text):
        end = _time_of(store, chain_id, last)
        hours = int(span[1]) * (24 if span[2] == "d" else 1)
        if hours * 3_600 > end.timestamp():
            raise UsageError(
                f"{text} before block {last:,} of {end:%Y-%m-%d} is a time before 1970.",
                next_step="Leave --since out for everything from the first block on.",
            )
        return first_block_since(store, chain_id, end - dt.timedelta(hours=hours))
    return _block(store, chain_id, text, is_end=False) if text else 0


def _block(store: Store, chain_id: int, text: str, *, is_end: bool) -> int:
    if re.fullmatch(r"[0-9]+(_[0-9]+)*", text):
        return int(text)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is neither a block nor a time.", next_step="Write a height or a time such as 2023-07-13T12:00."
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return last_block_until(store, chain_id, moment) if is_end else first_block_since(store, chain_id, moment)


def _time_of(store: Store, chain_id: int, block: int) -> dt.datetime:
    known = read_as_of(store, chain_id)
    if block >= known.block_number:
        return known.block_timestamp
    found = store.query(
        "SELECT toInt64(toUnixTimestamp(max(block_timestamp))) AS seconds FROM transfers"
        " WHERE chain_id = {chain_id:UInt64} AND block_number <= {block:UInt64}",
        chain_id=chain_id,
        block=block,
    )
    return dt.datetime.fromtimestamp(found.column("seconds")[0].as_py(), dt.UTC)
