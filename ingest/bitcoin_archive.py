"""Recorded Bitcoin blocks: a folder with blocks.jsonl[.zst], a result of getblock a line, ascending, without gaps.

Lines with verbosity 3 show what each input spends; with verbosity 2 that is known only where the store has the spent
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from chainsight.errors import ArchiveDamaged, ArchiveMissing
from ingest.archive import find_lines, raw_lines
from ingest.bitcoin_blocks import Header
from ingest.bitcoin_networks import Network
from ingest.bitcoin_source import RawBitcoinBlock, SpentTransactions
from ingest.source import Reach

_REPAIR = "Record or fetch the file again; nothing of this batch was stored."
_header = msgspec.json.Decoder(Header)


class BitcoinArchive:
    """A `BitcoinSource` over a folder; the file is streamed, never held whole."""

    kind = "archive"
    unresolved_reason = "not in the store, and an archive cannot be asked for it"

    def __init__(self, folder: Path) -> None:
        """Find the file; raises `ArchiveMissing` when it is not there."""
        found = find_lines(folder, "blocks") if folder.is_dir() else None
        if found is None:
            raise ArchiveMissing(
                f"{folder} holds no blocks.jsonl or blocks.jsonl.zst.",
                next_step="An archive has one block a line, as getblock HASH 3 gives it.",
            )
        self.location = str(folder.resolve())
        self._file = found
        self._hashes: dict[int, str] = {}

    def network(self) -> Network | None:
        """None: blocks do not say it."""
        return None

    def reach(self) -> Reach:
        """First and last block of the file, which is read through once for it."""
        hashes = self._survey()
        return Reach(min(hashes), max(hashes), max(hashes), max(hashes))

    def block_hash(self, number: int) -> str | None:
        """See `BitcoinSource.block_hash`."""
        return self._survey().get(number)

    def read(self, first: int, last: int) -> Iterator[RawBitcoinBlock]:
        """See `BitcoinSource.read`."""
        for block in self._blocks():
            if block.number > last:
                return
            if block.number >= first:
                yield block

    def transactions(self, wanted: Sequence[str]) -> SpentTransactions:
        """None of them: an archive has blocks only."""
        return SpentTransactions({}, {})

    def close(self) -> None:
        """Nothing is held open between reads."""

    def _survey(self) -> dict[int, str]:
        if not self._hashes:
            self._hashes = {block.number: block.block_hash for block in self._blocks()}
        if not self._hashes:
            raise ArchiveDamaged(f"{self._file} holds no block.", next_step=_REPAIR)
        return self._hashes

    def _blocks(self) -> Iterator[RawBitcoinBlock]:
        expected: int | None = None
        for position, payload in enumerate(raw_lines(self._file), start=1):
            where = f"{self._file}:{position}"
            try:
                header = _header.decode(payload)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise ArchiveDamaged(f"{where} is no whole line of a block: {error}.", next_step=_REPAIR) from error
            if expected is not None and header.height != expected:
                raise ArchiveDamaged(
                    f"{where} holds block {header.height}, block {expected} should follow there.",
                    next_step="An archive holds its blocks in order, without gaps and each once.",
                )
            expected = header.height + 1
            yield RawBitcoinBlock(
                number=header.height,
                block_hash=header.hash,
                previous_hash=header.previousblockhash or "00" * 32,
                where=where,
                payload=payload,
            )
