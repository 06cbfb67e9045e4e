"""Where blocks come from: one small seam in front of recorded folders and live nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

BATCH_BYTES = 48 << 20
BATCH_BLOCKS = 500


@dataclass(frozen=True)
class RawBlock:
    """One block as JSON-RPC results: the bytes for ClickHouse, the same parsed once for the checks."""

    number: int
    where: str
    """File and line, or node and method: what an error names."""
    payload: bytes
    """The result of eth_getBlockByNumber with full transactions, on one line."""
    block: dict[str, Any]
    receipts_payload: bytes
    """`{"number": …, "receipts": […]}` on one line; empty where the source has none."""
    receipts: list[dict[str, Any]] | None
    traces_payload: bytes
    """`{"number": …, "traces": […]}` on one line; empty where the source has none."""
    traces: list[dict[str, Any]] | None

    @property
    def size(self) -> int:
        """Bytes of payload."""
        return len(self.payload) + len(self.receipts_payload) + len(self.traces_payload)


@dataclass(frozen=True)
class Reach:
    """First and last block a source has now, both in it."""

    first: int
    head: int


class ChainSource(Protocol):
    """Blocks of one chain, in ascending order without gaps. Reading twice gives the same bytes."""

    kind: str
    """`archive` or `rpc`, as `ingest_audit.source` holds it."""
    location: str
    """Folder or node for the record, without credentials."""

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

    def close(self) -> None:
        """Let go of files and connections."""
        ...


def claimed_chain_id(transaction: dict[str, Any]) -> int | None:
    """The chain a transaction was signed for: its chainId, else EIP-155's v; None before EIP-155.

    >>> claimed_chain_id({"type": "0x0", "v": "0x26"}), claimed_chain_id({"v": "0x1b"})
    (1, None)
    """
    stated = transaction.get("chainId")
    if stated is not None:
        return int(stated, 16)
    v = int(transaction.get("v") or "0x0", 16)
    is_legacy = int(transaction.get("type") or "0x0", 16) == 0
    return (v - 35) // 2 if is_legacy and v >= 35 else None
