"""How near an address stands to sanctioned, illicit and mixing ones: directly, and through one address.

The taint starts from listed and labelled addresses. Paths of two hops follow time, never go through services (many
people's money) or hubs, and leave dust out; amounts are native coin. The rules are figures of the policy.
"""

from __future__ import annotations

from chainsight.progress import SILENT, Progress
from risk.assessment import Draft
from sql.files import load
from sql.store import Store

STATEMENTS = ("risk/exposure_direct", "risk/exposure_indirect")


def measure_exposure(store: Store, draft: Draft, *, progress: Progress = SILENT) -> None:
    """Write the exposures of every address; needs the rows of `risk.assessment.gather_labels`."""
    values = draft.parameters()
    for done, name in enumerate(STATEMENTS):
        progress.step(done, len(STATEMENTS), "exposure")
        statement = load(name)
        store.command(statement, **{key: values[key] for key in statement.parameters})
    progress.step(len(STATEMENTS), len(STATEMENTS), "exposure")
