"""Where blocks come from: one small seam in front of recorded folders and live nodes.

Python moves bytes: a block is handed on as the JSON it came as, and ClickHouse decodes and proves it. Only its number, hash
and parent are read here, without parsing the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import msgspec

from chainsight.settings import settings

BATCH_BLOCKS = 500


def batch_bytes() -> int:
    """JSON after which a batch of blocks is written; see CHAINSIGHT_BATCH_MB."""
    return settings().batch_mb << 20


@dataclass(frozen=True)
class RawBlock:
    """One block as JSON-RPC results, each on one line."""

    number: int
    block_hash: str
    """`0x…`, lower case."""
    parent_hash: str
    where: str
    """File and line, or node and method: what an error names."""
    payload: bytes
    """The result of eth_getBlockByNumber with full transactions."""
    receipts_payload: bytes = b""
    """`{"number": …, "receipts": […]}`; empty where the source has none."""
    traces_payload: bytes = b""
    """`{"number": …, "traces": […]}` as trace_block gives them; empty where the source has none."""

    @property
    def size(self) -> int:
        """Bytes of payload."""
        return len(self.payload) + len(self.receipts_payload) + len(self.traces_payload)


@dataclass(frozen=True)
class Reach:
    """What a source has now: its first block, its last, and the last that is safe and finalized; all of them in it."""

    first: int
    head: int
    safe: int
    finalized: int


class ChainSource(Protocol):
    """Blocks of one chain, in ascending order without gaps. Reading final blocks twice gives the same bytes."""

    kind: str
    """`archive` or `rpc`, as `ingest_audit.source` holds it."""
    location: str
    """Folder or node for the record, without credentials."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Methods a node does not know, without which something is not in the blocks; none for what was recorded."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how the source was read."""
        ...

    def chain_id(self) -> int | None:
        """The chain the blocks say they are of; None when they do not say (untyped, unprotected transactions only)."""
        ...

    def reach(self) -> Reach:
        """First block and head at this moment; an archive's never move."""
        ...

    def read(self, first: int, last: int) -> Iterator[RawBlock]:
        """Blocks first … last, both in it, each with receipts and traces where the source has them.

        Raises `ArchiveMissing`, `ArchiveDamaged` or `NodeRefused`, naming file and line or method and block.
        """
        ...

    def distrust(self, number: int, reason: str) -> bool:
        """Block `number`, as handed out last, is wrong: read again from it, it comes from elsewhere; False: there is none."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class BlockHead(msgspec.Struct, rename="camel"):
    """What names a block and ties it to the one before it."""

    number: str | int
    hash: str
    parent_hash: str


_HEAD = msgspec.json.Decoder(BlockHead)


def read_head(payload: bytes | msgspec.Raw) -> tuple[int, str, str]:
    """Number, hash and parent's hash of a block's JSON; raises `ValueError` when it does not say.

    >>> read_head(b'{"number": "0x10", "hash": "0xAB", "parentHash": "0xcd", "transactions": []}')
    (16, '0xab', '0xcd')
    """
    head = _HEAD.decode(payload)  # msgspec's errors are ValueErrors
    return read_number(head.number), head.hash.lower(), head.parent_hash.lower()


def read_number(stated: str | int) -> int:
    """A block number as JSON-RPC (`0x…`) or an archive's line (also decimal) writes it; raises `ValueError`."""
    return int(stated, 16) if isinstance(stated, str) else stated
