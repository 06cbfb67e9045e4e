"""Judge every address of a chain: channels side by side, one score, one grade, reasons as sentences.

All the work is done where the data are, by the statements of sql/risk/; here stand their order and what they are told.
Each writes rows under a publication number that nobody can see until `scheduler.publish` commits it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from chainsight.categories import CATEGORIES
from chainsight.chains import chain_settings, label_chains
from chainsight.progress import SILENT, Progress
from risk.policy import Policy
from sql.as_of import AsOf
from sql.files import load
from sql.store import Parameter, Store

LABEL_STATEMENTS = ("risk/risk_label_lists", "risk/risk_label_labels")
FINDING_STATEMENTS = ("risk/risk_label_exposures", "risk/risk_label_typologies", "risk/risk_label_models")


@dataclass(frozen=True)
class Draft:
    """A publication that is being written: everything its rows depend on."""

    chain_id: int
    publication: int
    policy: Policy
    as_of: AsOf
    decided_at: dt.datetime
    """Labels and list entries count when they were known and valid at this time (UTC)."""

    def parameters(self) -> dict[str, Parameter]:
        """What the statements of sql/risk/ may ask for."""
        return {
            "chain_id": self.chain_id,
            "publication": self.publication,
            "policy": self.policy.as_json(),
            "at": self.decided_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            "as_of_block": self.as_of.block_number,
            "as_of_block_hash": self.as_of.block_hash.hex(),
            "chain_names": label_chains(self.chain_id),
            "service_categories": sorted(name for name, category in CATEGORIES.items() if category.is_service),
            "native_symbol": chain_settings(self.chain_id).native_symbol,
        }


def gather_labels(store: Store, draft: Draft) -> None:
    """Write who is listed and who is labelled; exposures start from these rows."""
    _run(store, draft, LABEL_STATEMENTS)


def assess(store: Store, draft: Draft, *, progress: Progress = SILENT) -> None:
    """Write what exposures, detectors and models say, then one score row per address."""
    statements = (*FINDING_STATEMENTS, "risk/score_rows")
    for done, name in enumerate(statements):
        progress.step(done, len(statements), "assess")
        _run(store, draft, (name,))
    progress.step(len(statements), len(statements), "assess")


def _run(store: Store, draft: Draft, names: tuple[str, ...]) -> None:
    values = draft.parameters()
    for name in names:
        statement = load(name)
        store.command(statement, **{key: values[key] for key in statement.parameters})
