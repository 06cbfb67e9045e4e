"""What a list says of token contracts: symbol, name, decimals. Tidy CSV: address, symbol, name, decimals."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa

from chainsight.progress import SILENT, Progress
from ingest.delimited import read_csv
from ingest.stated_addresses import normalise_address
from ingest.statements import LearnSummary, note_bad_lines
from sql.store import Store

_COLUMNS = ("address", "symbol", "name", "decimals")
_MOST_DECIMALS = 77  # 10**77 is the largest power of ten below 2**256


def import_tokens(store: Store, file: Path, *, chain_id: int, progress: Progress = SILENT) -> LearnSummary:
    """Record the tokens of a list; a repeat changes nothing, a newer statement about a token replaces the older one.

    Lines without an EVM address or with impossible decimals are left out and named. Raises `ArchiveMissing` and
    `ArchiveDamaged`.
    """
    rows: list[tuple[bytes, str, str, int]] = []
    bad: list[str] = []
    for line, row in read_csv(file, _COLUMNS):
        address, decimals = normalise_address(row["address"]), row["decimals"].strip()
        if address is None or not decimals.isdecimal() or int(decimals) > _MOST_DECIMALS:
            bad.append(f"{file.name}:{line}")
        else:
            rows.append((address, row["symbol"], row["name"], int(decimals)))
    note_bad_lines(bad, progress)
    known = {
        (row["token_address"], row["symbol"], row["name"], row["decimals"])
        for row in store.query(
            "SELECT token_address, symbol, name, decimals FROM tokens WHERE chain_id = {chain_id:UInt64}",
            chain_id=chain_id,
        ).to_pylist()
    }
    new = [row for row in rows if row not in known]
    columns = list(zip(*new, strict=True)) if new else [(), (), (), ()]
    table = pa.table(
        {
            "chain_id": pa.array([chain_id] * len(new), pa.uint64()),
            "token_address": pa.array(columns[0], pa.binary(20)),
            "symbol": pa.array(columns[1], pa.string()),
            "name": pa.array(columns[2], pa.string()),
            "decimals": pa.array(columns[3], pa.uint8()),
            "source": pa.array([file.stem] * len(new), pa.string()),
            "version": pa.array([time.time_ns()] * len(new), pa.uint64()),
        }
    )
    return LearnSummary(read=len(rows), added=store.insert("tokens", table), dropped=0, bad_lines=tuple(bad))
