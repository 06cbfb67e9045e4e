"""What says that two addresses have one owner: the table of heuristics, one SQL file each in sql/entities/.

A heuristic is a SELECT of pairs with the columns left_address, right_address, via_address, strength, sentence, evidence. It
reads the shared working tables (graph/workings.py) and some of its own that live for one run. Hard ones are enough alone: what
they show takes the keys of both addresses, or nearly so. Soft ones count for a score of the pair (graph/entities/scores.py),
together with what else is known of the two. Parameters come from the literature named in each file and from common practice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from chainsight.categories import CATEGORIES
from graph.workings import KNOWN_AND_MOVED, moment, prepare_workings
from sql.as_of import AsOf
from sql.files import Statement, load
from sql.store import Parameter, Store

_MOST_EVIDENCE = 10
_PAIR = ("left_address", "right_address")


@dataclass(frozen=True)
class Heuristic:
    """One reason to take two addresses for one owner's: its file is sql/entities/<name>.sql."""

    name: str
    title: str
    is_hard: bool
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def statement(self) -> Statement:
        """Its SELECT."""
        return load(f"entities/{self.name}")


HEURISTICS: tuple[Heuristic, ...] = (
    # The surest first: where two contradict each other by way of labels, the earlier one is believed.
    Heuristic("named_owner", "Named by labels as one owner's", True, {"min_confidence": 0.5}),
    Heuristic("custody", "Deposit address of an exchange", True),
    Heuristic("factory", "Made by a factory of its own", True, {"min_contracts": 2}),
    Heuristic("deployer", "Created the contract", True),
    Heuristic("sweep", "Emptied together in one block", True, {"min_wallets": 3, "min_share": 0.9}),
    Heuristic("airdrop_collection", "Airdrop handed to one collector", True, {"min_wallets": 5, "min_share": 0.99}),
    Heuristic("deposit_reuse", "Shared deposit address", True, {"max_givers": 10}),
    Heuristic("handover", "Whole balance to a new wallet", False, {"min_share": 0.9, "min_parting": 0.3}),
    Heuristic("gas_funding", "First coins", False, {"max_funded": 200}),
    Heuristic("consolidation", "Handed on to one collector", False, {"min_share": 0.9, "max_wallets": 200}),
    Heuristic("self_authorisation", "Lets the other move its tokens", False),
    Heuristic("two_way", "Pay each other", False, {"min_payments": 3}),
    Heuristic(
        "timing_profile",
        "Awake at the same hours",
        False,
        # Thirty transactions on a week's days make a histogram; the rest bounds the work and what is kept.
        {"min_transactions": 30, "min_days": 7, "neighbours": 20, "min_alike": 0.9, "most_partners": 3},
    ),
)
SOFT = tuple(entry.name for entry in HEURISTICS if not entry.is_hard)
CONTEXT = ("money_in", "money_out", "shared", "few", "both_few")
"""What is asked of every pair that a soft heuristic links; see sql/entities/context.sql. All 0 to 1."""

WORKING_PARAMETERS: Mapping[str, Parameter] = {
    "hub_counterparties": 500,  # who deals with more is taken for a service
}


def prepare(store: Store, as_of: AsOf) -> None:
    """Build the temporary tables the heuristics read; they go with the session."""
    prepare_workings(store, as_of, KNOWN_AND_MOVED)
    given: dict[str, Parameter] = {
        **WORKING_PARAMETERS,
        "chain_id": as_of.chain_id,
        "as_of_time": moment(as_of.block_timestamp),
        # Words that name a kind of thing and not whose it is.
        "plain_words": sorted({*CATEGORIES, *(name.replace("_", " ") for name in CATEGORIES), "wallet", "contract"}),
    }
    for name in ("entities/owners", "entities/carriers"):
        statement = load(name)
        store.command(statement, **{key: given[key] for key in statement.parameters})


def find_links(store: Store, heuristic: Heuristic, *, chain_id: int, as_of_block: int) -> pa.Table:
    """All pairs a heuristic links, after `prepare`: its six columns, evidence cut to ten transactions."""
    given = {**heuristic.parameters, "chain_id": chain_id, "as_of_block": as_of_block}
    asked = {name: given[name] for name in heuristic.statement.parameters}
    cut = f"""
SELECT
    left_address, right_address, via_address, toFloat64(greatest(0, least(1, strength))) AS strength, sentence,
    arraySlice(arraySort(evidence), 1, {_MOST_EVIDENCE}) AS evidence
FROM (
{heuristic.statement.text}
)
WHERE isFinite(strength) AND left_address != right_address
ORDER BY left_address, right_address, via_address"""
    return store.query(Statement(heuristic.name, cut, heuristic.statement.purpose, {}), **asked)


def read_context(store: Store, pairs: pa.Table, *, chain_id: int, as_of_block: int) -> np.ndarray:
    """What else is known of pairs (columns left_address, right_address; ascending, each once): shape [pairs, len(CONTEXT)]."""
    store.command(load("entities/candidates"))
    store.insert("entity_candidates", pairs.select(_PAIR))
    found = store.query(load("entities/context"), chain_id=chain_id, as_of_block=as_of_block)
    return np.nan_to_num(np.stack([found.column(name).to_numpy().astype(float) for name in CONTEXT], axis=1))
