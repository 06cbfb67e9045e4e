"""How far the figures of the wallets benchmark may be believed: era, campaigns, controls, and wallets from elsewhere.

era        Spearman's correlation, within a class, between an account's first day and what trees make of it from one family of
           features or words: what a family knows of the era (models/wallets/audit.py)
grouped    trees and words where accounts of one first funder, or of one top receiver, are never on both sides
controls   labels and neighbourhoods dealt out anew (models/wallets/controls.py)
transfer   learnt from accounts' own features, judged on the demo's truth and on addresses that lists know
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np

from bench.accounts import CHAIN
from bench.foreign import Foreign
from models.evaluate import choose_threshold, measure
from models.features.catalogue import catalogue
from models.predictor import Labels, Matrix
from models.splits import Split, split_by_group, split_by_hash
from models.wallets.audit import era_correlation
from models.wallets.controls import run_controls, shipped_fit
from models.wallets.trees import WalletTrees
from models.wallets.words import FAMILIES, OWN, Words, WordScores
from sql.files import load
from sql.store import Store

GROUPINGS = ("first_funder", "top_receiver")
_MET = ("in_counterparties", "out_counterparties")


class Audited(Protocol):
    """Labelled accounts as bench/wallets.py has them."""

    @property
    def addresses(self) -> tuple[bytes, ...]:
        """20 bytes each."""
        ...

    @property
    def labels(self) -> np.ndarray:
        """1 illicit, 0 licit."""
        ...

    @property
    def first_seen(self) -> np.ndarray:
        """Seconds since 1970."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns."""
        ...

    @property
    def own(self) -> int:
        """How many columns are own behaviour."""
        ...


def groups_of(store: Store, addresses: Sequence[bytes], until: int) -> dict[str, np.ndarray]:
    """For each grouping a number an account; accounts without a funder or receiver are groups of their own."""
    found = store.query(load("queries/first_funders"), chain_id=CHAIN, to_block=until, addresses=list(addresses))
    known = {row["address"]: row for row in found.to_pylist()}
    groups = {}
    for name in GROUPINGS:
        keys = [known.get(address.hex(), {}).get(name) or address.hex() for address in addresses]
        groups[name] = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    return groups


def audit(accounts: Audited, rows: Matrix, words: Words, groups: dict[str, np.ndarray]) -> dict[str, Any]:
    """Every audit of accounts whose `rows` begin with own features."""
    split = split_by_hash(accounts.addresses)
    met = [accounts.names.index(name) for name in _MET]

    controls = run_controls(
        rows,
        words,
        accounts.labels,
        split,
        shipped_fit(accounts.addresses, accounts.names, split, own=accounts.own),
        own=accounts.own,
        neighbours=np.nan_to_num(rows[:, met]).sum(axis=1),
    )
    return {
        "era_correlation": era_correlation(rows, accounts.first_seen, accounts.labels, families_of(accounts.names))
        | _era_of_words(accounts, words),
        "grouped": {"by hash": _grouped(accounts, rows, words, split)}
        | {
            name: _grouped(accounts, rows, words, split_by_group(accounts.addresses, numbers.tolist()))
            for name, numbers in groups.items()
        },
        "controls": asdict(controls),
    }


def families_of(names: Sequence[str]) -> dict[str, list[int]]:
    """Columns by the table that holds them."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        family = catalogue()[name].table.removeprefix("address_").removesuffix("features").strip("_") or "own"
        found.setdefault(family, []).append(place)
    return found


def transfer(own: Matrix, labels: Labels, judged: dict[str, Foreign]) -> dict[str, dict[str, float]]:
    """What trees on all accounts' own features know of wallets from elsewhere; the threshold is not carried over."""
    trees = _fitted(own, labels, np.ones(len(labels), dtype=np.bool_))
    found = {}
    for name, foreign in judged.items():
        figures = measure(foreign.labels, trees.scores(foreign.rows), 0.5)
        found[name] = {
            "addresses": float(figures.accounts), "illicit": float(figures.positives),
            "average_precision": figures.average_precision, "auc": figures.auc, "recall_at_1pct": figures.recall_at_1pct,
        }  # fmt: skip
    return found


def _era_of_words(accounts: Audited, words: Words) -> dict[str, dict[str, float]]:
    """Of each family of words by what regressions say that had not seen the account."""
    told = WordScores().fit(words, accounts.labels, accounts.addresses, np.ones(len(accounts.labels), dtype=np.bool_))
    families = {f"{name} words": [place] for place, name in enumerate(FAMILIES)}
    return era_correlation(told, accounts.first_seen, accounts.labels, families)


def _grouped(accounts: Audited, rows: Matrix, words: Words, split: Split) -> dict[str, float]:
    found: dict[str, float] = {}
    told = WordScores().fit(words, accounts.labels, accounts.addresses, split.fit)
    for name, columns, families in (("own", accounts.own, OWN), ("graph", rows.shape[1], len(FAMILIES))):
        read = np.hstack([rows[:, :columns], told[:, :families]])
        scores = _fitted(read, accounts.labels, split.fit).scores(read)
        threshold = choose_threshold(accounts.labels[split.validation], scores[split.validation])
        figures = measure(accounts.labels[split.test], scores[split.test], threshold)
        found |= {f"{name}_f1": figures.f1, f"{name}_average_precision": figures.average_precision}
    return found


def _fitted(rows: Matrix, labels: Labels, fit: np.ndarray) -> WalletTrees:
    names = tuple(f"f{number}" for number in range(rows.shape[1]))
    return WalletTrees().fit(rows[fit], labels[fit], names=names)
