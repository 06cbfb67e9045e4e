"""Where Bitcoin blocks come from: one small seam in front of recorded folders and live nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.bitcoin_networks import Network
from ingest.source import Reach

BATCH_BYTES = 64 << 20
BATCH_BLOCKS = 500


@dataclass(frozen=True)
class RawBitcoinBlock:
    """One block as getblock gives it with verbosity 2 or 3, on one line."""

    number: int
    block_hash: str
    """As people write it, lower case."""
    previous_hash: str
    """Zeros for the first block of a chain."""
    where: str
    """File and line, or node and method: what an error names."""
    payload: bytes


@dataclass(frozen=True)
class SpentTransactions:
    """Transactions whose outputs are spent, as far as the source could show them."""

    found: dict[str, bytes]
    """Transaction id to the result of getrawtransaction."""
    refused: dict[str, str]
    """Transaction id to why not, in the words of the node."""


class BitcoinSource(Protocol):
    """Blocks of one Bitcoin network, in ascending order without gaps."""

    kind: str
    """`archive` or `rpc`, as `bitcoin_audit.source` holds it."""
    location: str
    """Folder or node for the record, without credentials."""
    unresolved_reason: str
    """Why an input stays unresolved whose transaction this source was not, or could not be, asked for."""

    def network(self) -> Network | None:
        """The network the source says it is of; None when it does not say."""
        ...

    def reach(self) -> Reach:
        """First block and head at this moment; an archive's never move."""
        ...

    def block_hash(self, number: int) -> str | None:
        """The hash of one block on the source's best branch; None where it has no block of that height."""
        ...

    def read(self, first: int, last: int) -> Iterator[RawBitcoinBlock]:
        """Blocks first … last, both in it.

        Raises `ArchiveDamaged` or `NodeRefused` naming file and line or method and block, and `BranchChanged` when a node
        goes over to another branch meanwhile.
        """
        ...

    def transactions(self, wanted: Sequence[str]) -> SpentTransactions:
        """Single transactions by id: what the source can show of them, and why not the others."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
