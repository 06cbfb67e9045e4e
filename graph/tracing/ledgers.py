"""Histories of addresses as tracing reads them: whole, in time order, each from one range of the key of `address_transfers`.

A ledger is read once and kept, so that several policies and several visits share it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.tracing.lots import History
from graph.tracing.pages import LEFT_OUT_RANKS, RANK_PARAMETERS, Asset, Entry, Page, TransferKey, page_of
from sql.files import Statement, load
from sql.store import Store

HUB_CAP = 10_000
"""Transfers from which on an address that nobody labels counts as a hub, where a trace stops: exchanges, routers, large bots."""


@dataclass(frozen=True)
class Book:
    """The history of one asset at one address, and the rows it was made of."""

    asset: Asset
    page: Page
    rows: NDArray[np.intp]
    """Rows of the page by position in the history."""
    history: History

    def __len__(self) -> int:
        return len(self.rows)

    def entries(self, places: Sequence[int]) -> list[Entry]:
        """The rows at some positions."""
        return self.page.entries(self.rows[np.array(places, np.intp)])

    @cached_property
    def all_entries(self) -> list[Entry]:
        """The rows at all positions."""
        return self.page.entries(self.rows)

    @cached_property
    def _blocks(self) -> NDArray[np.uint64]:
        return self.page.columns["block_number"][self.rows]

    def places(self, keys: Sequence[TransferKey]) -> list[int]:
        """The positions of some transfers; raises `KeyError` where one is not in the history."""
        blocks = np.array([key.block for key in keys], np.uint64)
        firsts = np.searchsorted(self._blocks, blocks, "left")
        lasts = np.searchsorted(self._blocks, blocks, "right")
        alone = (lasts - firsts == 1).tolist()
        return [
            first if is_alone else self._place(key, range(first, last))
            for key, first, last, is_alone in zip(keys, firsts.tolist(), lasts.tolist(), alone, strict=True)
        ]

    def _place(self, key: TransferKey, places: range) -> int:
        found = {entry.key: place for entry, place in zip(self.entries(places), places, strict=True)}
        return found[key]


@dataclass
class Ledger:
    """Everything one address gave and received."""

    address: bytes
    page: Page
    start: int
    stop: int
    """Its rows of the page."""
    _books: dict[Asset, Book | None] = field(default_factory=dict)
    _exchanged: dict[tuple[int, ...], bool] = field(default_factory=dict)
    """Whether it may have exchanged, by transaction, asset and direction."""

    @cached_property
    def _asset_keys(self) -> dict[Asset, int]:
        keys = self.page.columns["asset_key"][self.start : self.stop]
        found, first = np.unique(keys, return_index=True)
        return {self.page.asset(self.start + int(row)): int(key) for key, row in zip(found, first, strict=True)}

    def book(self, asset: Asset) -> Book | None:
        """The history of one asset; None where it never had any."""
        if asset not in self._books:
            key = self._asset_keys.get(asset)
            self._books[asset] = None if key is None else self._make(asset, key)
        return self._books[asset]

    def _make(self, asset: Asset, asset_key: int) -> Book:
        columns = self.page.columns
        rows = self.start + np.flatnonzero(columns["asset_key"][self.start : self.stop] == np.uint64(asset_key))
        sizes = self.page.whole_amounts(rows)
        signs = columns["is_in"][rows].tolist()
        movements = [size if is_in else -size for size, is_in in zip(sizes, signs, strict=True)]
        return Book(asset, self.page, rows, History(movements))

    def may_have_exchanged(self, row: int) -> bool:
        """Whether, within the transaction of a row, the address lost what the row gave and gained something else.

        Backwards: whether it gained what the row brought and lost something else. Fees and collectibles do not count: such a
        thing is bought, and its payment is followed to the seller. What was got for what, the whole transaction tells.
        """
        columns = self.page.columns
        name = tuple(int(columns[part][row]) for part in ("block_number", "transaction_index", "asset_key", "is_in"))
        if name not in self._exchanged:
            self._exchanged[name] = self._lost_and_gained(row)
        return self._exchanged[name]

    def _lost_and_gained(self, row: int) -> bool:
        columns = self.page.columns
        counted = [other for other in self.same_transaction(row) if columns["rank"][other] not in LEFT_OUT_RANKS]
        sizes = self.page.whole_amounts(np.array(counted, np.intp))
        net: dict[int, int] = defaultdict(int)
        for other, size in zip(counted, sizes, strict=True):
            net[int(columns["asset_key"][other])] += size if columns["is_in"][other] else -size
        own, sign = int(columns["asset_key"][row]), 1 if columns["is_in"][row] else -1
        return net[own] * sign > 0 and any(change * sign < 0 for key, change in net.items() if key != own)

    def same_transaction(self, row: int) -> range:
        """Rows of the same transaction."""
        blocks, indices = self.page.columns["block_number"], self.page.columns["transaction_index"]
        place = (blocks[row], indices[row])
        first = last = row
        while first > self.start and (blocks[first - 1], indices[first - 1]) == place:
            first -= 1
        while last + 1 < self.stop and (blocks[last + 1], indices[last + 1]) == place:
            last += 1
        return range(first, last + 1)


class Ledgers:
    """Ledgers of one chain up to a block, read from the store when they are first asked for."""

    def __init__(
        self,
        store: Store,
        *,
        chain_id: int,
        until_block: int,
        hub_cap: int = HUB_CAP,
        asked_tokens: Iterable[bytes] = (),
    ) -> None:
        """`asked_tokens` are read and counted though they are marked as spam."""
        self.chain_id = chain_id
        self.until_block = until_block
        self.hub_cap = hub_cap
        self._store = store
        self._asked_tokens = list(asked_tokens)
        self._known: dict[bytes, Ledger | None] = {}
        self._hubs: set[bytes] = set()

    def read(self, addresses: Iterable[bytes]) -> None:
        """Bring the ledgers of these addresses in: one question who has many rows, one for the rows of all who are no hub."""
        wanted = [address for address in dict.fromkeys(addresses) if address not in self._known]
        if not wanted:
            return
        self._known.update(dict.fromkeys(wanted))
        large = self._ask(load("tracing/sizes"), wanted, hub_cap=self.hub_cap).column("address").to_pylist()
        self._hubs.update(address for address in large if self._is_busy(address))
        spam = self._spam([address for address in large if address not in self._hubs])
        asked = [address for address in wanted if address not in self._hubs]
        if asked:
            histories = self._ask(load("tracing/histories"), asked, spam_keys=spam, **RANK_PARAMETERS)
            self._known.update(_ledgers(histories.combine_chunks()))

    def _is_busy(self, address: bytes) -> bool:
        found = self._ask(load("tracing/busy"), [address], most=self.hub_cap + 1, asked_tokens=self._asked_tokens)
        return bool(found.column("transfer_count")[0].as_py() > self.hub_cap)

    def _spam(self, addresses: list[bytes]) -> list[int]:
        """Which spam of these addresses is not worth reading; theirs alone, because others in the same round may hold it."""
        if not addresses:
            return []
        keys: list[int] = (
            self._ask(load("tracing/spam"), addresses, asked_tokens=self._asked_tokens).column("spam_key").to_pylist()
        )
        return keys

    def _ask(self, question: Statement, addresses: list[bytes], **more: Any) -> pa.Table:
        return self._store.query(
            question, chain_id=self.chain_id, until_block=self.until_block, addresses=addresses, **more
        )

    def is_hub(self, address: bytes) -> bool:
        """Whether an address that was read has more transfers than the cap."""
        return address in self._hubs

    def __getitem__(self, address: bytes) -> Ledger | None:
        """The ledger of an address that was read; None for a hub, and for an address that nothing was read of."""
        return self._known[address]


def _ledgers(table: pa.Table) -> dict[bytes, Ledger]:
    page, addresses = page_of(table)
    if not len(addresses):
        return {}
    starts = [0, *(np.flatnonzero(addresses[1:] != addresses[:-1]) + 1).tolist(), len(addresses)]
    found = {}
    for start, stop in pairwise(starts):
        address = addresses[start].tobytes()
        found[address] = Ledger(address, page, start, stop)
    return found
