"""Who addresses belong to at a time, as labels say: read once per address, asked by the time of a transfer."""

from __future__ import annotations

from collections.abc import Iterable

from graph.tracing.flow_graph import Statement
from sql.files import load
from sql.store import Store


class Actors:
    """Rows of `address_actors` of one chain, read from the store when they are first asked for."""

    def __init__(self, store: Store, *, chain_id: int) -> None:
        self._store = store
        self._chain_id = chain_id
        self._known: dict[bytes, list[Statement]] = {}

    def read(self, addresses: Iterable[bytes]) -> None:
        """Bring in what is said of these addresses, all with one question."""
        wanted = [address for address in dict.fromkeys(addresses) if address not in self._known]
        if not wanted:
            return
        self._known.update((address, []) for address in wanted)
        asked = self._store.query(load("tracing/actors"), chain_id=self._chain_id, addresses=wanted)
        for row in asked.to_pylist():
            self._known[row.pop("address")].append(Statement(**row))

    def at(self, address: bytes, seconds: int) -> list[Statement]:
        """What is said of an address that was read, as of a time (Unix seconds)."""
        return [said for said in self._known[address] if said.valid_from <= seconds < said.valid_to]
