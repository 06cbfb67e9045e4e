"""Why a wallet has its score, in transactions: those that hold it up, and the smallest set without which it is not elevated.

A transaction's part is what the model's log-odds lose when it is taken out after those above it; the neighbours are held as
they are stored (models/whatif/engine.py). Of long histories the latest moves are looked at, which the answer says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from chainsight.addresses import show_hex
from chainsight.errors import StoreError
from chainsight.progress import SILENT, Progress
from models.serving import WalletAnswer, WalletScorer
from models.whatif.engine import Rehearsal
from models.whatif.moves import WalletMoves, read_wallet_moves
from models.whatif.pieces import Pieces, take_apart
from models.whatif.scoring import Floats, VariantScorer
from models.whatif.search import Search
from sql.store import Store

MOST_EVIDENCE = 30
MOST_MOVES = 2_000
MOST_VARIANTS = 1_500
_ROUNDS, _FURTHER_ROUNDS = 24, 6
_SAME = 0.01
"""Log-odds that differ by less are shown alike."""


class FeaturesInMotion(StoreError):
    """The stored features of a wallet are not those of its moves: a build is under way."""


@dataclass(frozen=True)
class Payment:
    """One movement: who gave whom what, and when."""

    giver: bytes
    receiver: bytes
    kind: str
    token: bytes
    """Zeros for the native coin."""
    amount: int
    """Smallest units; for a transaction that failed, what it would have moved."""
    moved_at: int
    """Seconds since 1970."""
    block_number: int
    has_failed: bool


@dataclass(frozen=True)
class EvidenceTransaction:
    """A transaction of the wallet with all it moves there, and its part in the score."""

    place: int
    """Among the wallet's transactions that were looked at, in the order of the chain."""
    transaction_hash: bytes
    """Zeros for a movement without one."""
    payments: tuple[Payment, ...]
    log_odds: float
    """What the log-odds lose without it, after those before it in the list; of payments that count together only, one may add."""
    share: float
    """Of what they lose without all of the list."""


@dataclass(frozen=True)
class SmallestSet:
    """Transactions without which the wallet is not elevated; an upper bound, a smaller set may exist."""

    transactions: tuple[bytes, ...]
    transfers: int
    """Movements in them."""
    log_odds: float
    """Without them."""


@dataclass(frozen=True)
class Explanation:
    """One wallet explained."""

    answer: WalletAnswer
    threshold_log_odds: float
    moves_read: int
    moves_left_out: int
    """Older moves that were not looked at."""
    log_odds_read: float
    """Of the moves that were looked at; the wallet's own where none was left out."""
    evidence: tuple[EvidenceTransaction, ...]
    """Empty where no `MOST_EVIDENCE` transactions were found that lower the score."""
    log_odds_without_evidence: float
    smallest: SmallestSet | None
    """None for a wallet that is not elevated, and where none was found within the budget. Of the moves that were looked at."""
    variants: int
    """Histories that were tried."""

    @property
    def has_score(self) -> bool:
        """False where there is too little evidence for one."""
        return bool(np.isfinite(self.answer.verdicts.log_odds[0]))

    @property
    def is_elevated(self) -> bool:
        """Of the whole wallet, whatever the moves that were looked at say."""
        return bool(self.answer.verdicts.is_elevated[0])


def explain_wallet(
    store: Store, scorer: WalletScorer, address: bytes, *, most_variants: int = MOST_VARIANTS,
    most_moves: int = MOST_MOVES, progress: Progress = SILENT,
) -> Explanation:  # fmt: skip
    """Score, reasons, evidence and the smallest set of a wallet under a model.

    Without a score (too few moves) there is no evidence either. Raises `StoreEmpty` for an address without features, and
    `FeaturesInMotion` where its features say something else than its moves.
    """
    answer = scorer.answer(store, address)
    moves = read_wallet_moves(store, address, chain_id=scorer.chain_id, to_block=answer.as_of_block, most=most_moves)
    if not np.isfinite(answer.verdicts.log_odds[0]):
        return Explanation(answer, scorer.threshold_log_odds, len(moves), moves.left_out, np.nan, (), np.nan, None, 0)
    with searching(
        store, scorer, moves, to_block=answer.as_of_block, most_variants=most_variants, progress=progress
    ) as search:
        _require_one_state(answer, moves, search.start)
        path = search.descend(until=scorer.threshold_log_odds, most=search.pieces.count, rounds=_ROUNDS)
        told = evidence_of(search, path)
        after = _after(search, tuple(piece for piece, _ in told)) if told else search.start
        is_elevated = bool(answer.verdicts.is_elevated[0])
        smallest = _smallest(search, path, scorer.threshold_log_odds) if is_elevated else None
    return Explanation(
        answer=answer,
        threshold_log_odds=scorer.threshold_log_odds,
        moves_read=len(moves),
        moves_left_out=moves.left_out,
        log_odds_read=search.start,
        evidence=tuple(_transaction(search.pieces, piece, part, part / (search.start - after)) for piece, part in told),
        log_odds_without_evidence=after,
        smallest=smallest,
        variants=search.scorer.tried,
    )


@contextmanager
def searching(
    store: Store, scorer: WalletScorer, moves: WalletMoves, *, to_block: int, most_variants: int,
    progress: Progress = SILENT,
) -> Iterator[Search]:  # fmt: skip
    """A search through one wallet's transactions, with the session it needs."""
    with Rehearsal.open(store, chain_id=scorer.chain_id, to_block=to_block) as rehearsal:
        variants = VariantScorer(store, scorer, rehearsal)
        start = float(variants.log_odds([moves])[0])
        yield Search(variants, take_apart(moves), most_variants, start, progress)


def evidence_of(search: Search, path: tuple[int, ...] = (), *, most: int = MOST_EVIDENCE) -> list[tuple[int, float]]:
    """Pieces that hold the score up and what each takes from the log-odds after those before it, in the order of the search.

    `path` is what was taken out already; from there it goes on, or anew where that is too long to be shown: the first few of a
    hundred payments that count together may move nothing. Empty where no `most` pieces were found that lower the score.
    """
    begun = path if len(path) <= most else ()
    path = search.descend(begun, until=-np.inf, most=most, rounds=_FURTHER_ROUNDS) or path[:most]
    if not path:
        return []
    told = search.log_odds([path[: size + 1] for size in range(len(path))])
    best = int(np.argmin(np.where(np.isnan(told), np.inf, told)))
    if not told[best] < search.start:
        return []
    parts = -np.diff(np.concatenate([[search.start], told[: best + 1]]))
    return list(zip(path[: best + 1], parts.tolist(), strict=True))


def _require_one_state(answer: WalletAnswer, moves: WalletMoves, start: float) -> None:
    """The feature tables are written one after the other and say last how far they know: amid that they mix two states."""
    said = float(answer.verdicts.log_odds[0])
    if not moves.left_out and not abs(said - start) < _SAME:
        raise FeaturesInMotion(
            f"The features of {show_hex(answer.address)} give log-odds of {said:+.2f}, its moves up to block "
            f"{answer.as_of_block:,} {start:+.2f}: the features are being rebuilt.",
            next_step="Ask again when the build is done; should it stay so, run chainsight features build and predict.",
        )


def _smallest(search: Search, path: tuple[int, ...], threshold: float) -> SmallestSet | None:
    if search.start < threshold or not path or not _after(search, path) < threshold:
        return None
    removed = search.prune(path, threshold)
    masks = [search.pieces.rows(piece) for piece in removed]
    return SmallestSet(
        transactions=tuple(_hash_of(search.pieces, piece) for piece in sorted(removed)),
        transfers=sum(int(native.sum() + tokens.sum()) for native, tokens in masks),
        log_odds=_after(search, removed),
    )


def _after(search: Search, removed: tuple[int, ...]) -> float:
    told: Floats = search.log_odds([removed])
    return float(told[0])


def _hash_of(pieces: Pieces, piece: int) -> bytes:
    tables = zip((pieces.moves.native, pieces.moves.tokens), pieces.rows(piece), strict=True)
    return next(
        bytes(table.column("transaction_hash")[int(np.flatnonzero(mask)[0])].as_py())
        for table, mask in tables
        if mask.any()
    )


def _transaction(pieces: Pieces, piece: int, part: float, share: float) -> EvidenceTransaction:
    payments: list[Payment] = []
    for table, mask in zip((pieces.moves.native, pieces.moves.tokens), pieces.rows(piece), strict=True):
        for row in table.take(np.flatnonzero(mask)).to_pylist():
            ends = (pieces.moves.address, row["counterparty"])
            giver, receiver = ends if row["is_out"] else ends[::-1]
            payments.append(
                Payment(
                    giver=giver,
                    receiver=receiver,
                    kind=row["kind"],
                    token=row.get("token_address", bytes(20)),
                    amount=int.from_bytes(row["amount"], "little"),
                    moved_at=row["moved_at"],
                    block_number=row["block_number"],
                    has_failed=row.get("success", 1) == 0,
                )
            )
    return EvidenceTransaction(piece, _hash_of(pieces, piece), tuple(payments), part, share)
