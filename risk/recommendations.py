"""Advice: who, what to do, why, until when. Follows from the scores and the policy alone.

Subjects are addresses of grade Medium or above and everybody on a list; services only when a list or an illicit label
names them. Counterparties are Low addresses with a direct or two-hop exposure that the policy finds worth watching.
"""

from __future__ import annotations

from risk.assessment import Draft
from sql.files import load
from sql.store import Store


def recommend(store: Store, draft: Draft) -> None:
    """Write the recommendations of a draft; needs its score rows and exposures."""
    statement = load("risk/recommendation_rows")
    values = draft.parameters()
    store.command(statement, **{key: values[key] for key in statement.parameters})
