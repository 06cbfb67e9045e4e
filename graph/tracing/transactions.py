"""Whole transactions as tracing reads them, and what an address got in one for what it gave.

Only transactions in which an address lost one thing and gained another are read, all of a round with one question; prices are
asked for only where there are several gains to share between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from graph.tracing.exchanges import Movement, Settlement, Terms, Transaction
from graph.tracing.ledgers import Ledger
from graph.tracing.pages import LEFT_OUT_RANKS, RANK_PARAMETERS
from sql.files import load
from sql.store import Store

_Name = tuple[int, int]
"""A transaction by block and position."""


@dataclass(frozen=True)
class Exchange:
    """What an address got for one asset that it gave in one transaction; backwards, what it gave for what it got."""

    lost: bytes
    """The token that went; zeros for the native coin."""
    is_in: bool
    """Whether it is read backwards."""
    terms: dict[int, Terms]
    """By the row of the ledger with which the asset went; rows that were paid and not exchanged are missing."""
    gains: dict[bytes, list[tuple[int, int]]]
    """Rows and amounts that brought each token that was got."""
    spent: dict[bytes, Fraction]
    """How much of the lost asset went into each token."""

    def brought(self, token: bytes, row: int) -> list[tuple[int, int]]:
        """Rows and amounts that brought a token for what went with a row; of the lost asset itself only what came after it."""
        found = self.gains.get(token, [])
        return [(other, size) for other, size in found if token != self.lost or (other < row) == self.is_in]

    def amount(self, token: bytes, size: int, given: int) -> int:
        """How much of a row of `size` was got for `given` units of the lost asset, rounded down."""
        return int(Fraction(size * given) / self.spent[token])


class Transactions:
    """Transactions of one chain, read from the store when they are first asked for."""

    def __init__(self, store: Store, *, chain_id: int) -> None:
        self._store = store
        self._chain_id = chain_id
        self._known: dict[_Name, Transaction] = {}
        self._exchanges: dict[tuple[bytes, _Name, int, bool], Exchange | None] = {}

    def read(self, names: Iterable[_Name]) -> None:
        """Bring these transactions in, all with one question."""
        wanted = sorted(set(names) - self._known.keys())
        if not wanted:
            return
        self._known.update(dict.fromkeys(wanted, Transaction()))
        named = {"blocks": [block for block, _ in wanted], "indices": [index for _, index in wanted]}
        asked = self._store.query(load("tracing/transactions"), chain_id=self._chain_id, **named, **RANK_PARAMETERS)
        rows = asked.to_pylist()
        for name, group in groupby(rows, key=lambda row: (row["block_number"], row["transaction_index"])):
            own = list(group)
            moved = [
                Movement(
                    row["kind"], row["from_address"], row["to_address"], row["token_address"],
                    int.from_bytes(row["amount"], "little"),
                )
                for row in own
            ]  # fmt: skip
            self._known[name] = Transaction(moved, frozenset(row["token_address"] for row in own if row["is_spam"]))
        self._price([name for name in wanted if len({moved.token for moved in self._known[name].movements}) > 2])

    def _price(self, names: list[_Name]) -> None:
        if not names:
            return
        named = {"blocks": [block for block, _ in names], "indices": [index for _, index in names]}
        rows = self._store.query(load("tracing/prices"), chain_id=self._chain_id, **named).to_pylist()
        for row in rows:
            name = (row["block_number"], row["transaction_index"])
            prices = {**self._known[name].prices, row["token_address"]: row["usd_a_unit"]}
            self._known[name] = replace(self._known[name], prices=prices)

    def exchange(self, ledger: Ledger, row: int) -> Exchange | None:
        """What came, in a transaction that was read, of the asset that moved in a row; None if it was only paid."""
        columns = ledger.page.columns
        name = (int(columns["block_number"][row]), int(columns["transaction_index"][row]))
        key = (ledger.address, name, int(columns["asset_key"][row]), bool(columns["is_in"][row]))
        if key not in self._exchanges:
            self._exchanges[key] = _exchange(ledger, row, self._known[name])
        return self._exchanges[key]


def _exchange(ledger: Ledger, row: int, transaction: Transaction) -> Exchange | None:
    page, columns = ledger.page, ledger.page.columns
    is_in, own, lost = bool(columns["is_in"][row]), columns["asset_key"][row], page.asset(row).token
    settlement = Settlement(transaction.reversed() if is_in else transaction, ledger.address, lost)
    found = Exchange(lost, is_in, {}, defaultdict(list), defaultdict(Fraction))
    given: dict[int, int] = {}
    for other in ledger.same_transaction(row):
        if columns["rank"][other] in LEFT_OUT_RANKS:
            continue
        if bool(columns["is_in"][other]) != is_in:
            found.gains[page.asset(other).token].append((other, page.amount(other)))
        elif columns["asset_key"][other] == own:
            given[other] = page.amount(other)
    for other, size in given.items():
        terms = settlement.terms(page.counterparty(other))
        if terms is None:
            continue
        if not found.brought(lost, other):
            terms = terms.without(lost)
        found.terms[other] = terms
        for token, share in terms.gains.items():
            found.spent[token] += Fraction(size * share, terms.whole)
    return found if found.terms and found.spent.keys() <= found.gains.keys() else None
