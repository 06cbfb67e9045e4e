"""What one form of money became within a transaction: a rule over all its transfers, without a store.

Somebody lost one asset and gained others in the same transaction. A gain counts as what the money became only if it was paid for
with that money. So each loss is followed to who *kept* it, over the whole transaction: a router passes everything on and keeps
nothing, a pool keeps what it took and parts with another token, which the next pool may keep. From whom, over any number of such
steps, a gain came, has exchanged what it kept; what others kept was paid. What came back of the same asset after a payment (100
sent, 1 swapped, 99 refunded) is that part of what was passed on, and no exchange. A token that falls out of the sky beside a
payment takes nothing of it. The rule is ours; it says in terms of balances what TRacer's redirect says of two transfers of one
transaction (Wu et al. 2023).

Mints and burns are dealings with the token's contract (shares of vaults, staked coins). A wrapped coin is the coin itself, so
wraps in the middle change nothing, and one's own wrap is an exchange of as much as was both lost and gained. Several gains for
what one party kept share by price where all have one at the time, else equally: what each was worth is then unknown. Tokens that
are marked as spam are no gain. Swap events are not asked: their tokens are read from the same transfers. Backwards it is the same
rule with givers and receivers changed over.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from chainsight.addresses import ZERO_ADDRESS


class Movement(NamedTuple):
    """One transfer of coins or fungible tokens inside a transaction."""

    kind: str
    giver: bytes
    receiver: bytes
    token: bytes
    amount: int


@dataclass(frozen=True)
class Transaction:
    """All that moved in one transaction, payments first, then calls and events in their order."""

    movements: Sequence[Movement] = ()
    spam: frozenset[bytes] = frozenset()
    """Tokens of it that are marked as spam."""
    prices: Mapping[bytes, float] = field(default_factory=dict)
    """US dollars for one smallest unit at the time, of tokens that have a price."""

    def reversed(self) -> Transaction:
        """With givers and receivers changed over, and the last first, for following money back."""
        turned = [m._replace(giver=m.receiver, receiver=m.giver) for m in reversed(self.movements)]
        return Transaction(turned, self.spam, self.prices)


class Terms(NamedTuple):
    """What a loss became: in whole shares."""

    kept: int
    """The share that was paid and not exchanged."""
    gains: dict[bytes, int]
    """Shares by the token that was got; the lost asset itself for what came back of it."""

    @property
    def whole(self) -> int:
        """All shares."""
        return self.kept + sum(self.gains.values())

    def without(self, token: bytes) -> Terms:
        """The same between all others."""
        return Terms(self.kept, {name: share for name, share in self.gains.items() if name != token})


_Shares = dict[bytes | None, Fraction]
"""Parts by the token that was got; None for what was paid."""


class Settlement:
    """One transaction as it looks to one party that lost `lost` in it."""

    def __init__(self, transaction: Transaction, party: bytes, lost: bytes) -> None:
        self._party, self._lost, self._prices = party, lost, transaction.prices
        self._wrapped = {m.token for m in transaction.movements if m.kind == "wrap"}
        own: dict[bytes, int] = defaultdict(int)
        self._net: dict[bytes, dict[bytes, int]] = defaultdict(lambda: defaultdict(int))
        self._paid: dict[bytes, int] = defaultdict(int)
        self._came_back = 0
        for movement in transaction.movements:
            own[movement.token] += movement.amount * ((movement.receiver == party) - (movement.giver == party))
            if movement.token == lost and movement.receiver == party and own[lost] < 0:
                self._came_back += movement.amount
            self._enter(movement)
        self._loss = -own[lost]
        self._gains = {
            token: gain for token, gain in own.items() if gain > 0 and token != lost and token not in transaction.spam
        }
        self._known: dict[frozenset[bytes], _Shares] = {}

    def _enter(self, movement: Movement) -> None:
        """Change the balances; wraps change none, because either side is the same coin."""
        giver, receiver = (
            movement.token if end == ZERO_ADDRESS and any(movement.token) else end
            for end in (movement.giver, movement.receiver)
        )
        if movement.kind == "wrap" or (not any(movement.token) and {giver, receiver} & self._wrapped):
            return
        coin = self._coin(movement.token)
        self._net[giver][coin] -= movement.amount
        self._net[receiver][coin] += movement.amount
        if giver == self._party and movement.token == self._lost:
            self._paid[receiver] += movement.amount

    def terms(self, receiver: bytes) -> Terms | None:
        """What the payment of the lost asset to `receiver` became; None where nothing was exchanged.

        Of what the receiver kept, what it gave for that counts; of what it passed on, what all others gave who kept some.
        """
        if self._loss <= 0 or not self._gains:
            return None
        receiver = self._lost if receiver == ZERO_ADDRESS and any(self._lost) else receiver
        paid = self._paid.get(receiver, 0)
        kept = min(max(self._net[receiver][self._coin(self._lost)], 0), paid)
        shares: _Shares = defaultdict(Fraction)
        if kept:
            _add(shares, self._got_from(receiver), Fraction(kept, paid))
        if kept < paid or not paid:
            rest = self._passed or ({None: Fraction(1)} if paid else {})
            _add(shares, rest, 1 - Fraction(kept, paid) if paid else Fraction(1))
        gains = {token: part for token, part in shares.items() if token is not None}
        if not gains.keys() - {self._lost}:
            return None
        unit = math.lcm(*(part.denominator for part in shares.values()))
        return Terms(
            int(shares.get(None, Fraction(0)) * unit), {token: int(part * unit) for token, part in gains.items()}
        )

    @cached_property
    def _passed(self) -> _Shares:
        """What became of everything that direct receivers did not keep; empty where it is not seen: they had lent it before."""
        coin = self._coin(self._lost)
        pooled: _Shares = defaultdict(Fraction)
        if self._came_back:
            pooled[self._lost] += self._came_back
        for token, gain in self._gains.items():
            if self._coin(token) == coin:
                pooled[token] += min(gain, self._loss)
        for holder in self._keepers[coin]:
            more = self._net[holder][coin] - self._paid.get(holder, 0)
            if more > 0:
                _add(pooled, self._got_from(holder), Fraction(more))
        whole = sum(pooled.values())
        return {token: part / whole for token, part in pooled.items()} if whole else {}

    @cached_property
    def _keepers(self) -> dict[bytes, list[bytes]]:
        """Who kept some of each coin, the party apart."""
        found: dict[bytes, list[bytes]] = defaultdict(list)
        for holder, balances in self._net.items():
            for coin, balance in balances.items() if holder != self._party else ():
                if balance > 0:
                    found[coin].append(holder)
        return found

    def _given(self, holder: bytes) -> frozenset[bytes]:
        """Coins that a holder parted with."""
        return frozenset(coin for coin, balance in self._net[holder].items() if balance < 0)

    def _got_from(self, holder: bytes) -> _Shares:
        """Shares of the gains that came from a holder, at first or at last hand; all None where nothing came."""
        given = self._given(holder)
        if given not in self._known:
            self._known[given] = self._shares(sorted(self._reached(given)))
        return self._known[given]

    def _shares(self, gains: list[bytes]) -> _Shares:
        """By price where all have one, else equally."""
        if not gains:
            return {None: Fraction(1)}
        worths = [Fraction(self._gains[token]) * Fraction(self._prices.get(token, 0.0)) for token in gains]
        if not all(worths):
            worths = [Fraction(1)] * len(gains)
        whole = sum(worths)
        return {token: worth / whole for token, worth in zip(gains, worths, strict=True)}

    def _reached(self, given: frozenset[bytes]) -> set[bytes]:
        """Gains among coins that somebody parted with, or that parties parted with who kept what had been parted with."""
        coins, border = set(given), list(given)
        seen: set[bytes] = set()
        while border:
            for holder in self._keepers.get(border.pop(), ()):
                if holder not in seen:
                    seen.add(holder)
                    new = self._given(holder) - coins
                    coins |= new
                    border += new
        return {token for token in self._gains if self._coin(token) in coins}

    def _coin(self, token: bytes) -> bytes:
        return ZERO_ADDRESS if token in self._wrapped else token


def _add(shares: _Shares, more: Mapping[bytes | None, Fraction], times: Fraction) -> None:
    for token, part in more.items():
        shares[token] = shares.get(token, Fraction(0)) + part * times
