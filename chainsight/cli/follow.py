"""The command that stays at the head of a chain: follow."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Annotated

import typer

from chainsight.chains import chain_settings
from chainsight.cli import app, output
from chainsight.cli.options import ChainOption, JsonOption, NeededRpcOption, StoreOption, opened_store
from ingest.follow import follow_chain
from ingest.heads import watch_heads
from ingest.ranges import parse_range

_LOOK_SECONDS = 0.25
_SHORTEST_POLL_SECONDS, _LONGEST_POLL_SECONDS = 0.25, 4.0


@app.command()
def follow(
    rpc: NeededRpcOption,
    start: Annotated[
        str, typer.Option("--from", help="Block an empty store begins with: 19M, 17686110.", show_default="the head")
    ] = "",
    confirmations: Annotated[int, typer.Option(min=0, help="Blocks below the head to leave alone.")] = 0,
    chain_id: ChainOption = 0,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Stay at the head of a chain: read new blocks as they come, take back those that leave it, until Ctrl-C.

    Example: chainsight follow --rpc http://127.0.0.1:8545 --rpc wss://node.example --from 19M
    """
    from ingest.backfill import settled_chain_id
    from ingest.rpc import RpcSource  # web3 takes a second to import

    source = RpcSource(rpc)
    stop = threading.Event()

    def hang_up() -> None:
        stop.wait()
        source.close()  # a node that is slow to answer does not hold back who wants to leave

    threading.Thread(target=hang_up, daemon=True, name="hang-up").start()
    try:
        chain = settled_chain_id(source, chain_id or None)
        pause = min(max(chain_settings(chain).block_seconds / 4, _SHORTEST_POLL_SECONDS), _LONGEST_POLL_SECONDS)
        with opened_store(store) as opened, output.watching() as progress, _stopped_by_signals(stop, progress.note):
            summary = follow_chain(
                opened,
                source,
                _signs(rpc, stop, pause, progress.note),
                chain_id=chain,
                stop=stop,
                progress=progress,
                confirmations=confirmations,
                start=parse_range(start).first,
            )
    finally:
        stop.set()
        source.close()
    output.say(f"Stopped. {summary} The same command goes on from there.")
    if output.wants_json(json):
        output.emit(asdict(summary))


def _signs(urls: list[str], stop: threading.Event, poll_seconds: float, tell: Callable[[str], None]) -> Iterator[int]:
    """A number whenever one of the nodes has another newest block; several at once are one sign."""
    heard: SimpleQueue[int] = SimpleQueue()

    def listen(url: str) -> None:
        for number in watch_heads(url, stop, poll_seconds, tell=tell):
            heard.put(number)

    for url in urls:
        threading.Thread(target=listen, args=(url,), daemon=True, name="signs").start()
    while not stop.is_set():
        try:
            number = heard.get(timeout=_LOOK_SECONDS)
            while True:
                try:
                    number = heard.get_nowait()
                except Empty:
                    break
            yield number
        except Empty:
            continue


@contextmanager
def _stopped_by_signals(stop: threading.Event, tell: Callable[[str], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM ask for an end between two batches; a second Ctrl-C ends at once, which does no harm either."""

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        tell("Stopping after this batch of blocks…")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
