"""Follow money: one engine that pushes traced parcels along time-ordered histories, under any policy, in either direction.

A round takes every address whose waiting parcels are worth the least share by now, looks up who it is (labels as of the time
each parcel came), reads the histories of those that are followed with one question to the store, splits their parcels by the
policy, and hands the parts to the other sides. So a round costs the same few questions however many addresses it has. Where the
money goes on in another form within one transaction (swap, wrap: graph/tracing/exchanges.py, for which one question more reads
such transactions) it stays at the address and changes its asset; what came back there as it was waits once more. After every
round all that ended and all that waits must add up to what was traced; if not, that is a defect here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from chainsight.addresses import ZERO_ADDRESS, show_hex
from chainsight.errors import StoreEmpty, UnknownName, UsageError
from graph.tracing.actors import Actors
from graph.tracing.crossings import CROSSED_CATEGORIES, crossings
from graph.tracing.flow_graph import Question, Statement, Trace
from graph.tracing.ledgers import Book, Ledger, Ledgers
from graph.tracing.lots import NOTHING, Parcel, share_out
from graph.tracing.pages import FEE_RANK, Asset, Entry
from graph.tracing.policies import CONSERVING_POLICIES, POLICIES, Account
from graph.tracing.standing import Node, Spot, Standing
from graph.tracing.transactions import Exchange, Transactions


class _Part(NamedTuple):
    """A part of a movement in a ledger, on its way to the other side."""

    ledger: Ledger
    asset: Asset
    entry: Entry
    parcel: Parcel
    hop: int


def trace(question: Question, ledgers: Ledgers, actors: Actors, transactions: Transactions) -> Trace:
    """Answer a question from ledgers, labels and transactions, which questions on the same chain and blocks may share.

    Raises `StoreEmpty` where the sources are unknown or never moved the asset that way, `UsageError` where one is a hub or the
    window is empty, and `UnknownName` for a policy or direction that is none.
    """
    check_question(question, ledgers)
    return _Push(question, ledgers, actors, transactions).run()


def check_question(question: Question, ledgers: Ledgers) -> None:
    """Refuse what cannot be traced before anything long is asked; raises what `trace` raises but `StoreEmpty`."""
    for kind, name, known in (("policy", question.policy, POLICIES), ("direction", question.direction, ("out", "in"))):
        if name not in known:
            raise UnknownName(kind, name, known)
    for category in question.through:
        if category not in CROSSED_CATEGORIES:
            raise UnknownName("rule to go through a", category, CROSSED_CATEGORIES)
    if question.until_block is not None and question.since_block > question.until_block:
        raise UsageError(
            f"The window is empty: it begins with block {question.since_block:,} and ends with block {question.until_block:,}.",
            next_step="Say an earlier --since or a later --until.",
        )
    ledgers.read(question.sources)
    for address in question.sources:
        if ledgers.is_hub(address):
            raise UsageError(
                f"{show_hex(address)} has more than {ledgers.hub_cap:,} transfers: it would be a trace of everybody's money.",
                next_step="Trace one of its counterparties, or raise --hub-cap.",
            )


class _Push:
    """One trace at work."""

    def __init__(self, question: Question, ledgers: Ledgers, actors: Actors, transactions: Transactions) -> None:
        self._question = question
        self._ledgers = ledgers
        self._actors = actors
        self._transactions = transactions
        self._parts: list[_Part] = []
        self._standing = Standing()
        self._accounts: dict[Node, Account] = {}
        self._visited: dict[bytes, int] = {}
        self._said: dict[bytes, list[Statement]] = {}
        self._is_outward = question.direction == "out"
        self._total = 0
        self._least = 1

    def run(self) -> Trace:
        """Rounds until nobody has enough to be followed."""
        self._begin()
        while followed := self._enough():
            self._look(followed)
            self._check()
        self._standing.end_waiting("below_share")
        self._check()
        return Trace(self._question, self._total, self._standing.ends, self._standing.flows, self._visited, self._said)

    def _begin(self) -> None:
        """Everything the sources gave (backwards: got) of the asset, fees apart, sets out."""
        question = self._question
        sign = -1 if question.direction == "out" else 1
        for address in question.sources:
            ledger = self._ledgers[address]
            book = ledger.book(question.asset) if ledger else None
            if ledger is None or book is None:
                continue
            for entry, movement in zip(book.all_entries, book.history.movements, strict=True):
                aside = entry.key.rank == FEE_RANK or entry.counterparty in question.sources
                if movement * sign > 0 and entry.key.block >= question.since_block and not aside:
                    self._total += abs(movement)
                    self._parts.append(_Part(ledger, book.asset, entry, Parcel(abs(movement), abs(movement)), 0))
        self._hand_over()
        if not self._total:
            verb = "gave away" if question.direction == "out" else "received"
            raise StoreEmpty(
                f"transfers in which {', '.join(str(show_hex(source)) for source in question.sources[:3])} {verb} "
                f"{_asset_name(question.asset)} from block {question.since_block} to {self._ledgers.until_block}",
                "Try another --token, --direction or a wider --since and --until.",
            )
        self._least = max(1, round(self._total * question.least_share))

    def _enough(self) -> list[Node]:
        """Who has waiting parcels of the least share together, the largest first; whoever is one too many ends here."""
        worth = {
            node: sum(parcel.worth for parcel in parcels.values()) for node, parcels in self._standing.waiting.items()
        }
        chosen = []
        for node in sorted((node for node in worth if worth[node] >= self._least), key=lambda node: -worth[node]):
            address, asset = node
            if address not in self._visited and len(self._visited) >= self._question.budget:
                self._standing.end_all(address, asset, "budget", self._standing.waiting.pop(node))
                continue
            self._visited[address] = self._visited.get(address, 0) + worth[node]
            chosen.append(node)
        return chosen

    def _check(self) -> None:
        if self._question.policy in CONSERVING_POLICIES:
            self._standing.check(self._total, self._question.policy)

    def _look(self, nodes: list[Node]) -> None:
        """Stop what is at a service, too far or at a hub; split the rest."""
        self._actors.read(address for address, _ in nodes)
        going: dict[tuple[Node, int], dict[Spot, Parcel]] = defaultdict(dict)
        crossing: list[tuple[Node, Spot, Parcel, Statement]] = []
        for node in nodes:
            for spot, parcel in self._standing.waiting.pop(node).items():
                stop = self._stop(node[0], spot)
                if stop is not None and stop.category in self._question.through and spot[2] < self._question.hops:
                    crossing.append((node, spot, parcel, stop))
                elif stop is not None:
                    self._standing.end(*node, "service", spot[2], parcel, stop)
                elif spot[2] >= self._question.hops:
                    self._standing.end(*node, "hops", spot[2], parcel)
                else:
                    going[node, spot[2]][spot] = parcel
        self._ledgers.read([node[0] for node, _ in going] + [node[0] for node, *_ in crossing])
        for node, spot, parcel, stop in crossing:
            self._cross(node, spot, parcel, stop)
        for (node, hop), parcels in going.items():
            self._split(node, parcels, hop)
        self._hand_over()

    def _stop(self, address: bytes, spot: Spot) -> Statement | None:
        """The label at which a parcel stops, as of the time it came."""
        said = self._actors.at(address, spot[1])
        self._said.setdefault(address, said)
        return next((label for label in said if label.category in self._question.stop_categories), None)

    def _cross(self, node: Node, spot: Spot, parcel: Parcel, stop: Statement) -> None:
        """Through a service that may be gone through, to all payments that its rule finds, in equal shares."""
        ledger, hop = self._ledgers[node[0]], spot[2]
        book = ledger.book(node[1]) if ledger else None
        if ledger is None or book is None:
            self._standing.end(*node, "service", hop, parcel, stop)
            return
        places = crossings(book, book.places([spot[0]])[0], self._question.direction)
        parts: dict[int, Parcel] = {}
        left = share_out(parcel, len(places), [(place, 1) for place in places], parts)
        self._load(ledger, book, parts, hop)
        self._standing.end(*node, "service", hop, left, stop)

    def _split(self, node: Node, parcels: Mapping[Spot, Parcel], hop: int) -> None:
        ledger = self._ledgers[node[0]]
        book = ledger.book(node[1]) if ledger else None
        if ledger is None or book is None:
            self._standing.end_all(*node, "hub" if self._ledgers.is_hub(node[0]) else "held", parcels)
            return
        if node not in self._accounts:
            self._accounts[node] = Account(book.history, self._question.policy, self._question.direction)
        places = book.places([key for key, _, _ in parcels])
        spread = self._accounts[node].split(dict(zip(places, parcels.values(), strict=True)))
        self._load(ledger, book, spread.parts, hop)
        held = "nearby" if self._question.policy == "ttr" else "held"
        self._standing.end(*node, held, hop, spread.held)
        self._standing.end(*node, "unexplained", hop, spread.unexplained)

    def _load(self, ledger: Ledger, book: Book, parts: Mapping[int, Parcel], hop: int) -> None:
        entries = zip(book.entries(list(parts)), parts.values(), strict=True)
        self._parts += [_Part(ledger, book.asset, entry, parcel, hop) for entry, parcel in entries]

    def _hand_over(self) -> None:
        """All parts on: to the other side, or into what the address got for it in the same transaction."""
        parts, self._parts = self._parts, []
        onward = []
        for part in parts:
            ledger, asset, entry, parcel, hop = part
            if entry.key.rank == FEE_RANK and not entry.is_in:
                self._standing.end(ledger.address, asset, "fees", hop, parcel)
            elif entry.key.block < self._question.since_block:
                self._standing.end(ledger.address, asset, "outside", hop, parcel)
            else:
                onward.append((part, entry.has_company and ledger.may_have_exchanged(entry.row)))
        self._transactions.read(part.entry.key[:2] for part, may_have_exchanged in onward if may_have_exchanged)
        for part, may_have_exchanged in onward:
            paid = self._exchange(part) if may_have_exchanged else part.parcel
            if paid.worth or paid.amount:
                self._pass_on(part, paid)

    def _pass_on(self, part: _Part, parcel: Parcel) -> None:
        own, asset, entry, hop = part.ledger.address, part.asset, part.entry, part.hop + 1
        other = entry.counterparty
        pair = (other, own) if entry.is_in else (own, other)
        self._standing.record(*pair, asset, asset, hop, parcel, entry.key, entry.seconds, self._is_redirect(entry))
        if other == ZERO_ADDRESS:
            self._standing.end(other, asset, "burnt", hop, parcel)
        else:
            self._arrive(other, asset, (entry.key, entry.seconds, hop), parcel)

    def _is_redirect(self, entry: Entry) -> bool:
        """Whether ttr sends a part against the direction that was asked for."""
        return entry.is_in == self._is_outward

    def _exchange(self, part: _Part) -> Parcel:
        """Into what the address got for it; returns what was paid and not exchanged."""
        row = part.entry.row
        found = self._transactions.exchange(part.ledger, row)
        terms = found.terms.get(row) if found else None
        if found is None or terms is None:
            return part.parcel
        shares: dict[bytes, Parcel] = {}
        left = share_out(part.parcel, terms.whole, terms.gains.items(), shares)
        for token, share in shares.items():
            self._gain(part, found, token, share)
        return left

    def _gain(self, part: _Part, found: Exchange, token: bytes, share: Parcel) -> None:
        """A share of what was given, at the rows that brought a token for it; what came back as it was is no flow."""
        ledger, asset, entry, _, hop = part
        gain = found.brought(token, entry.row)
        pieces: dict[int, Parcel] = {}
        share_out(share, sum(size for _, size in gain), gain, pieces)
        got = ledger.page.asset(gain[0][0])
        before, after = (got, asset) if entry.is_in else (asset, got)
        keys = [other.key for other in ledger.page.entries(np.array([row for row, _ in gain], np.intp))]
        for (row, size), key in zip(gain, keys, strict=True):
            back = pieces.get(row, NOTHING)
            if got == asset:
                piece = Parcel(min(back.amount, size), back.worth)
            else:
                piece = Parcel(found.amount(token, size, share.amount), back.worth)
                ends = (ledger.address, ledger.address, after, before)
                self._standing.record(*ends, hop, piece, key, entry.seconds, self._is_redirect(entry))
            self._arrive(ledger.address, got, (key, entry.seconds, hop), piece)

    def _arrive(self, address: bytes, asset: Asset, spot: Spot, parcel: Parcel) -> None:
        """To be followed on, unless it is where the trace began: what leaves there set out with everything else."""
        if address in self._question.sources and asset == self._question.asset:
            self._standing.end(address, asset, "returned", spot[2], parcel)
        else:
            self._standing.wait(address, asset, spot, parcel)


def _asset_name(asset: Asset) -> str:
    if asset.token == ZERO_ADDRESS:
        return "the native coin"
    return f"{show_hex(asset.token)}" + (f" number {asset.token_id}" if asset.token_id else "")
