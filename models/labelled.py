"""Whom a wallet model learns from: judged accounts, or listed ones beside a sample of all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from chainsight.categories import CATEGORIES
from chainsight.chains import label_chains
from models.features.matrix import FeatureMatrix, as_addresses
from models.predictor import Labels
from models.wallets.model import moves_of
from models.wallets.unlabelled import FEWEST_MOVES, sample_unlabelled
from sql.files import Statement, load
from sql.store import Store

FEWEST_POSITIVES = 20
ILLICIT = ",".join(sorted(name for name, category in CATEGORIES.items() if category.is_illicit))
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Labelled:
    """Accounts with a label and features, in the order of their bytes."""

    addresses: tuple[bytes, ...]
    labels: Labels
    """1 illicit; 0 licit, or unlabelled where a sample stands for all others."""
    rows: Places
    """Their rows in the feature matrix."""
    in_conflict: int
    """Accounts left out because sources call them both licit and illicit."""
    without_moves: int
    """Accounts left out because too little was seen of them."""
    too_few: str = "no move"
    """What too little is."""

    @property
    def positives(self) -> int:
        """Illicit ones."""
        return int(self.labels.sum())

    @property
    def left_out(self) -> str:
        """How many were left out and why, as the end of a sentence."""
        reasons = ((self.in_conflict, "labels in conflict"), (self.without_moves, self.too_few))
        said = [f"{count} with {reason}" for count, reason in reasons if count]
        return f"; left out: {', '.join(said)}" if said else ""


@dataclass(frozen=True)
class Listed:
    """Illicit accounts and a sample of the others."""

    labelled: Labelled
    wallets: int
    """How many unlabelled wallets of the chain have as many moves as those of the sample."""


def labelled_rows(store: Store, matrix: FeatureMatrix, *, chain_id: int) -> Labelled:
    """Judged accounts that have at least one move of their own, in the order of their bytes."""
    addresses, labels, agreed = _judged(store, load("queries/training_labels"), chain_id=chain_id)
    rows = matrix.rows_of(addresses)
    moves = matrix.values[:, matrix.names.index("move_count")]
    moved = (rows >= 0) & (np.nan_to_num(moves[rows]) > 0) if len(matrix.addresses) else np.zeros(len(rows), np.bool_)
    kept = agreed & moved
    return Labelled(
        addresses=tuple(address for address, keep in zip(addresses, kept, strict=True) if keep),
        labels=labels[kept],
        rows=rows[kept],
        in_conflict=int((~agreed).sum()),
        without_moves=int((agreed & ~moved).sum()),
    )


def listed_rows(store: Store, matrix: FeatureMatrix, *, chain_id: int) -> Listed:
    """Accounts that any source calls illicit and none licit, and a sample of all wallets without an illicit label.

    Both have at least `FEWEST_MOVES` moves. Raises `TooFewUnlabelled`.
    """
    addresses, labels, agreed = _judged(store, load("queries/listed_labels"), chain_id=chain_id)
    rows = matrix.rows_of(addresses)
    enough = moves_of(matrix.values, matrix.names) >= FEWEST_MOVES
    ours = rows[(labels == 1) & agreed & (rows >= 0)]
    listed, eligible = ours[enough[ours]], enough.copy()
    # Somebody in dispute is neither.
    eligible[rows[(labels == 1) & (rows >= 0)]] = False
    sample = sample_unlabelled(matrix.addresses, eligible, positives=len(listed), needed=FEWEST_POSITIVES)
    places = np.sort(np.concatenate([listed, sample]))
    labelled = Labelled(
        addresses=tuple(as_addresses(matrix.addresses[places])),
        labels=np.isin(places, listed).astype(np.int64),
        rows=places,
        in_conflict=int((~agreed).sum()),
        without_moves=int(((labels == 1) & agreed).sum()) - len(listed),
        too_few=f"fewer than {FEWEST_MOVES} moves",
    )
    return Listed(labelled, int(eligible.sum()))


def first_seen_of(store: Store, addresses: Sequence[bytes], *, chain_id: int, to_block: int) -> npt.NDArray[Any]:
    """Seconds since 1970 of each address's first appearance: for cuts in time and the leak alarm only."""
    found = store.query(load("queries/first_seen"), chain_id=chain_id, to_block=to_block).to_pandas()
    seen = pd.Series(found["first_seen"].to_numpy(), index=found["address"].astype(str))
    return seen.reindex([address.hex() for address in addresses]).fillna(0).to_numpy(np.int64)


def _judged(store: Store, query: Statement, *, chain_id: int) -> tuple[list[bytes], Labels, npt.NDArray[np.bool_]]:
    """Addresses, their highest judgement, and whether all judgements agree."""
    found = store.query(query, illicit=ILLICIT, chains=label_chains(chain_id))
    labels = np.array(found.column("label").to_pylist(), dtype=np.int64)
    agreed = labels == np.array(found.column("lowest_label").to_pylist(), dtype=np.int64)
    return [bytes.fromhex(text) for text in found.column("address").to_pylist()], labels, agreed
