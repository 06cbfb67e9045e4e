"""What ordinary wallets look like, as anybody can read it from the chain: what whoever wants to look ordinary copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chainsight.errors import UsageError
from models.evasions.history import History

_MOST_COUNTERPARTIES = 300
_MOST_TOKENS = 20
_FEWEST_MOVES = 20
"""A shorter life is none to borrow."""


@dataclass(frozen=True)
class Crowd:
    """Read from wallets that are held to be licit, never from those that are judged."""

    counterparties: tuple[bytes, ...]
    """Those whom most of them deal with, the commonest first."""
    tokens: tuple[bytes, ...]
    """The fungible ones that most of them move, the commonest first."""
    lives: tuple[History, ...]
    """Histories worth borrowing."""


def read_crowd(histories: Sequence[History]) -> Crowd:
    """The crowd that these wallets are; raises `UsageError` where they have no counterparty, token or longer life to copy."""
    met, moved = Counter[bytes](), Counter[bytes]()
    for history in histories:
        met.update({move.counterparty for move in history.moves if move.is_payment} - {history.address})
        moved.update({move.token for move in history.moves if move.is_token_payment})
    lives = tuple(history for history in histories if len(history.moves) >= _FEWEST_MOVES)
    if not (met and moved and lives):
        raise UsageError(
            f"{len(histories)} ordinary wallets show nothing to copy: {len(met)} counterparties, {len(moved)} tokens, "
            f"{len(lives)} lives of {_FEWEST_MOVES} moves.",
            next_step="Give more of them, with payments and token transfers.",
        )
    return Crowd(_commonest(met, _MOST_COUNTERPARTIES), _commonest(moved, _MOST_TOKENS), lives)


def _commonest(counted: Counter[bytes], most: int) -> tuple[bytes, ...]:
    ranked: Iterable[tuple[bytes, int]] = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return tuple(name for name, _ in list(ranked)[:most])
