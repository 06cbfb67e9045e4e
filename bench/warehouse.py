"""What analysts ask, how long it takes, and how large the tables are: `chainsight bench warehouse [--data FOLDER]`.

Twelve questions (bench/questions.py) on two stores (bench/enlarged.py): `accounts`, 2 million real transactions of account
histories, which have neither blocks nor logs; and `enlarged`, real mainnet blocks copied to ten million transfers inside the
database. Figures are p50 and p95 of warm answers in milliseconds, the median of cold ones, and CPU milliseconds. FOLDER is laid
out like the whole folder of public data: accounts/, chain/, labels/. There is nothing for `test`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.enlarged import CHAIN, fill_enlarged, fill_from_accounts
from bench.questions import Latency, draw, measure
from bench.sizes import compare_transfers, table_bytes
from bench.stand import SAMPLE
from chainsight.progress import Progress, Silent
from chainsight.settings import settings
from sql.store import Store, open_store

_TRANSFERS, _DRAWS, _REPEATS, _SEED = 10_000_000, 50, 3, 1


def run(data: Path | None, test: Path | None = None) -> dict[str, Any]:
    """Fill both stores, measure, and compare sizes with what cryo and ethereum-etl write; some minutes and 6 GB of disk."""
    return measure_warehouse(data or settings().data)


def measure_warehouse(
    data: Path, *, transfers: int = _TRANSFERS, draws: int = _DRAWS, repeats: int = _REPEATS
) -> dict[str, Any]:
    """The same with other sizes."""
    started = time.monotonic()
    teller, home = _Teller(), settings().home.resolve()
    recording, labels = data / "chain" / SAMPLE, sorted((data / "labels").glob("etherscan*.csv*"))
    figures: dict[str, Any] = {}
    (home / "bench").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="warehouse-", dir=home / "bench") as folder:
        scratch = Path(folder)
        for name in ("accounts", "enlarged"):
            store = open_store(f"chdb://{scratch}/{name}")
            try:
                if name == "accounts":
                    fill_from_accounts(store, data / "accounts", teller)
                else:
                    fill_enlarged(store, recording, labels, transfers=transfers, progress=teller)
                figures |= _asked(store, scratch / name, name, draws=draws, repeats=repeats, teller=teller)
            finally:
                store.close()
        compared = compare_transfers(recording.resolve(), home, scratch, teller)
    return {
        "name": "warehouse",
        "data": f"accounts and {SAMPLE} enlarged to {transfers:,} transfers",
        "figures": figures | compared.pop("chainsight"),
        "baselines": compared,
        "draws": draws,
        "repeats": repeats,
        "seed": _SEED,
        "seconds": time.monotonic() - started,
    }


def _asked(store: Store, folder: Path, name: str, *, draws: int, repeats: int, teller: Progress) -> dict[str, Any]:
    figures = {f"{name} {table} bytes a row": size for table, size in table_bytes(store).items()}
    for latency in measure(store, folder, draw(store, chain_id=CHAIN, count=draws, seed=_SEED), repeats=repeats):
        teller.note(f"{name}, {latency.question}: p50 {latency.p50:.1f} ms, p95 {latency.p95:.1f} ms.")
        figures |= _named(name, latency)
    return figures


def _named(name: str, latency: Latency) -> dict[str, float]:
    values = {"p50": latency.p50, "p95": latency.p95, "cold": latency.cold, "cpu": latency.cpu}
    return {f"{name} {latency.question} {key} ms": round(value, 1) for key, value in values.items()}


class _Teller(Silent):
    """A line on standard error now and then."""

    def note(self, text: str) -> None:
        """At once."""
        print(text, file=sys.stderr, flush=True)
