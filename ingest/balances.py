"""Do balances add up? What a node says an account has, against what it had before plus the sum of its transfers here.

A sample of accounts and tokens is asked for at two blocks, the one before the store's coverage begins and the as-of block; the
difference must be the sum of all transfers between, to the last wei. Integers of any size, in Python; the store sums pieces of
64 bits that cannot wrap. With a store that does not begin at genesis the node must be an archive node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainsight.chains import chain_settings
from chainsight.progress import SILENT, Progress
from ingest.contract_calls import ContractCalls
from ingest.coverage import covered_from
from sql.as_of import read_as_of
from sql.files import load
from sql.store import Store

NATIVE = bytes(20)
_BALANCE_OF = bytes.fromhex("70a08231")
_PIECE_BITS = 64


@dataclass(frozen=True)
class BalanceCheck:
    """One account and token: what it should have at `to_block`, and what it has."""

    account: bytes
    token: bytes
    """Twenty zero bytes for the native coin."""
    from_block: int
    to_block: int
    expected: int | None
    """Smallest units; None where the node does not say what was there before."""
    seen: int | None
    status: str
    """`match`; `mismatch`; `explained`, where it does not add up and that says nothing against the store: the token does
    otherwise than its events say, or what is missing is known to be; `unknown` where the contract does not say."""
    reason: str
    """For people; empty for a match."""

    def as_row(self) -> dict[str, str]:
        """The same as texts, which any format can hold: amounts are wider than numbers are in most."""
        return {
            "account": f"0x{self.account.hex()}",
            "token": "native" if self.token == NATIVE else f"0x{self.token.hex()}",
            "expected": "" if self.expected is None else str(self.expected),
            "seen": "" if self.seen is None else str(self.seen),
            "status": self.status,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class BalanceReport:
    """All checks of one sample."""

    chain_id: int
    from_block: int
    to_block: int
    checks: tuple[BalanceCheck, ...]

    def count(self, status: str) -> int:
        """How many of the sample ended so."""
        return sum(1 for check in self.checks if check.status == status)

    def __str__(self) -> str:
        return (
            f"{self.count('match')} of {len(self.checks)} sampled balances match blocks {self.from_block:,} to "
            f"{self.to_block:,}; {self.count('mismatch')} do not, {self.count('explained')} do not for a known reason, "
            f"{self.count('unknown')} cannot be told"
        )


def check_balances(
    store: Store,
    urls: str | Sequence[str],
    *,
    chain_id: int,
    most: int = 50,
    seed: int = 0,
    progress: Progress = SILENT,
) -> BalanceReport:
    """Check up to `most` native balances and as many of tokens, drawn by `seed` from what moved since coverage began.

    The blocks looked at are the longest run without a gap that ends at the as-of block. A mismatch is a result, not an error.
    Raises `StoreEmpty` without blocks, `WrongChain` when a node is of another chain, `NodeRefused` and `NodeLies`.
    """
    last = read_as_of(store, chain_id).block_number
    first = covered_from(store, chain_id=chain_id, before=last + 1)
    sample = [
        (row["account"], row["token"])
        for row in store.query(
            load("queries/balance_sample"), chain_id=chain_id, from_block=first, to_block=last, seed=seed, most=most
        ).to_pylist()
    ]
    progress.step(0, 2, f"balances before block {first:,}")
    # Block 0 has no transactions: its state is what the chain began with.
    before = _ask(urls, sample, chain_id, max(first - 1, 0))
    progress.step(1, 2, f"balances at block {last:,}")
    after = _ask(urls, sample, chain_id, last)
    changes = _changes(store, chain_id, first, last, sample)
    progress.step(2, 2, "balances")
    doubts = _doubts(store, chain_id, first, last)
    bounds = {"chain_id": chain_id, "from_block": first, "to_block": last}
    has_all_events = store.query(load("queries/tokens_unproven_batches"), **bounds).to_pylist() == [{"batches": 0}]
    checks = tuple(
        _compare(pair, had, has, changes.get(pair, 0), first, last, doubts, has_all_events)
        for pair, had, has in zip(sample, before, after, strict=True)
    )
    return BalanceReport(chain_id, first, last, checks)


def _ask(
    urls: str | Sequence[str], sample: Sequence[tuple[bytes, bytes]], chain_id: int, block: int
) -> list[int | None]:
    """What the node says each account has at the end of a block; None where a contract does not say."""
    with ContractCalls(urls, chain_id=chain_id, block=block) as node:
        coins = iter(node.balances([account for account, token in sample if token == NATIVE]))
        answers = iter(
            node.read([(token, _BALANCE_OF + account.rjust(32, b"\0")) for account, token in sample if token != NATIVE])
        )
        return [next(coins) if token == NATIVE else _word(next(answers)) for _, token in sample]


def _word(answer: bytes | None) -> int | None:
    return int.from_bytes(answer[:32], "big") if answer is not None and len(answer) >= 32 else None


def _changes(
    store: Store, chain_id: int, first: int, last: int, sample: Sequence[tuple[bytes, bytes]]
) -> dict[tuple[bytes, bytes], int]:
    """Gains minus losses of each (account, token), exact."""
    found = store.query(
        load("queries/balance_changes"),
        chain_id=chain_id,
        from_block=first,
        to_block=last,
        accounts=sorted({account.hex().upper() for account, _ in sample}),
        tokens=sorted({token.hex().upper() for _, token in sample}),
    )
    changes: dict[tuple[bytes, bytes], int] = {}
    for row in found.to_pylist():
        amount = sum(int(row[f"piece_{place}"]) << (_PIECE_BITS * place) for place in range(4))
        pair = (row["account"], row["token"])
        changes[pair] = changes.get(pair, 0) + (amount if row["gains"] else -amount)
    return changes


def _doubts(store: Store, chain_id: int, first: int, last: int) -> str:
    """What may be missing from the native transfers of this chain; empty when nothing is."""
    if chain_settings(chain_id).layer > 1:
        return "On a rollup, deposits from below and fees for data move coins that no transaction states."
    held = store.query(load("queries/traced_blocks"), chain_id=chain_id, from_block=first, to_block=last).to_pylist()[0]
    if held["untraced"]:
        return f"{held['untraced']:,} blocks with transactions have no traces: what moved inside of calls is not known."
    return ""


def _compare(
    pair: tuple[bytes, bytes],
    had: int | None,
    has: int | None,
    change: int,
    first: int,
    last: int,
    doubts: str,
    has_all_events: bool,
) -> BalanceCheck:
    account, token = pair
    # A contract that did not exist yet had nobody's balance.
    expected = (had or 0) + change if has is not None else None
    if has is None or expected is None:
        status, reason = "unknown", "The contract does not answer balanceOf."
    elif has == expected:
        status, reason = "match", ""
    else:
        status, reason = _judge(token, has - expected, doubts, has_all_events)
    return BalanceCheck(account, token, first, last, expected, has, status, reason)


def _judge(token: bytes, difference: int, doubts: str, has_all_events: bool) -> tuple[str, str]:
    """Whose fault a difference is. Only of a token whose events are proven to be all there is it certainly the token's."""
    more = f"The node says {abs(difference)} {'more' if difference > 0 else 'less'} than the transfers give."
    if token == NATIVE:
        return ("explained", f"{more} {doubts}") if doubts else ("mismatch", more)
    if not has_all_events:
        return "mismatch", f"{more} No receipts root proves that the store has all events, so that some may be missing."
    usual = "balances that grow by themselves (rebasing), or" if difference > 0 else "a fee taken from transfers, or"
    return "explained", f"{more} The token does not do what its events say: {usual} changes without an event."
