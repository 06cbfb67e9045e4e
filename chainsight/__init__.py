"""The words that every stage shares: settings, errors, addresses, progress, child processes, the command line.

For analysts it is the door to the tables: `chainsight.open()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sql.warehouse import Warehouse

__version__ = "0.1.0"


def open(dsn: str = "") -> Warehouse:  # noqa: A001 - read as chainsight.open
    """Open a store for questions; without a DSN the one that CHAINSIGHT_STORE or CHAINSIGHT_HOME names.

    Raises `StoreEmpty` where there is none, and what `sql.warehouse.open_warehouse` raises else.
    """
    # Only whoever asks for it loads the database; no stage may come in through here.
    from chainsight.settings import settings
    from sql.warehouse import open_warehouse

    return open_warehouse(dsn or settings().store_dsn)
