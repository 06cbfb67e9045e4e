"""Account histories as tables: Parquet of transactions and token transfers, and what is known of the accounts.

A folder holds, found by pattern (several files of one pattern are read together)
    normal_txs*.parquet       account, ts, block, tx_index, hash8, from_id, to_id, value_wei, gas_price, gas_used,
                              is_error, method_id, input_len
    addresses.parquet         address (20 bytes); its row number is the id above
    erc20_transfers*.parquet  account, block, ts, hash, from, to, value_raw, token, token_symbol, …      (may be absent)
    labels*.csv               account, flag, source                                                      (may be absent)

What histories do not have: hashes beyond 8 bytes, block headers, logs, internal calls. So no `blocks` row is written,
fees go to nobody in particular (one row per transaction, see sql/transforms/transfers_fee.sql), and the position of a
token transfer is a hash of its content. A flag 1 becomes a label of an illicit category (phishing where Etherscan
says so, else abuse), a flag 0 the category `licit`: see chainsight/categories.py.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chainsight.categories import source_confidence
from chainsight.errors import ArchiveDamaged, ArchiveMissing, DataCheckError
from chainsight.progress import SILENT, Progress
from ingest.delimited import read_csv
from ingest.finality import note_heads
from ingest.stated_addresses import normalise_address
from ingest.statements import Statement, learn_labels, note_bad_lines
from sql.files import load
from sql.store import Parameter, Store

_INT, _TEXT = pa.int64(), pa.string()
_TRANSACTION_COLUMNS = {
    "account": _INT, "ts": _INT, "block": _INT, "tx_index": _INT, "hash8": _INT, "from_id": _INT, "to_id": _INT,
    "value_wei": _TEXT, "gas_price": _INT, "gas_used": _INT, "is_error": _INT, "method_id": _TEXT, "input_len": _INT,
}  # fmt: skip
_TOKEN_COLUMNS = {
    "account": _TEXT, "block": _INT, "ts": _INT, "hash": pa.binary(), "from": _TEXT, "to": _TEXT, "value_raw": _TEXT,
    "token": _TEXT, "token_symbol": _TEXT, "token_name": _TEXT, "token_decimal": _INT,
}  # fmt: skip
_SQL_TYPES = {_INT: "Int64", _TEXT: "String", pa.binary(): "String"}
_ROWS_A_BATCH = 250_000
# ClickHouse's own conversion of decimal text wraps above 2**256 - 1 without a word.
_LARGEST = str(2**256 - 1)
_LAST_MOMENT = 2**32 - 1
_MOST_SHOWN = 100
_AGAIN = "Fetch the file again; nothing of it was kept."
# Decimals are missing for a few tokens; -1 stands for unknown on the way in.
_MAY_BE_UNKNOWN = {"token_decimal": -1, "token_symbol": "", "token_name": ""}
_ADDRESS = r"^0x[0-9a-fA-F]{40}$"


@dataclass(frozen=True)
class TablesSummary:
    """What a folder of tables brought."""

    chain_id: int
    from_block: int
    to_block: int
    raw_transactions: int
    """Rows in the files; a transaction in two histories counts twice."""
    transactions: int
    transfers: int
    """Of every kind."""
    token_transfers: int
    addresses: int
    labels: int
    labels_added: int
    unchanged: bool
    """True when this very content was in the store already, so nothing was written."""

    def __str__(self) -> str:
        what = (
            f"{self.transactions:,} transactions, {self.token_transfers:,} token transfers, {self.addresses:,} addresses, "
            f"{self.labels:,} labels of chain {self.chain_id}"
        )
        return f"{what}: nothing new" if self.unchanged else what


@dataclass(frozen=True)
class _Files:
    transactions: list[Path]
    addresses: list[Path]
    token_transfers: list[Path]
    labels: list[Path]

    def all(self) -> list[Path]:
        return [*self.transactions, *self.addresses, *self.token_transfers, *self.labels]


def ingest_tables(store: Store, folder: Path, *, chain_id: int = 1, progress: Progress = SILENT) -> TablesSummary:
    """Read a folder of account histories into the store; a second run over the same files writes nothing.

    Raises `ArchiveMissing` when the folder or a file is not there, `ArchiveDamaged` for files that cannot be read,
    lack a column, or hold what cannot be (ids beyond the index, amounts beyond 256 bits).
    """
    files = _find(Path(folder))
    location = f"{Path(folder).resolve().name} sha256:{_digest(files.all())}"
    known = store.query(load("queries/tables_audit"), chain_id=chain_id, location=location).to_pylist()
    statements, bad = _read_labels(files.labels, chain_id=chain_id)
    if known:
        progress.note(f"{folder} is in the store already; nothing to do.")
    else:
        _refuse_other_sources(store, folder, chain_id)
        _stage(store, files, progress=progress)
        _write(store, chain_id=chain_id, location=location, progress=progress)
    note_bad_lines(bad, progress)
    added, _ = learn_labels(store, statements) if statements else (0, 0)
    audit = store.query(load("queries/tables_audit"), chain_id=chain_id, location=location).to_pylist()[0]
    last = audit["to_block"]
    note_heads(store, chain_id=chain_id, latest=last, safe=last, finalized=last)  # histories are past
    return TablesSummary(
        chain_id=chain_id,
        from_block=audit["from_block"],
        to_block=audit["to_block"],
        raw_transactions=sum(pq.ParquetFile(file).metadata.num_rows for file in files.transactions),
        transactions=audit["transaction_count"],
        transfers=audit["transfer_count"],
        token_transfers=audit["token_transfers"] or 0,
        addresses=sum(pq.ParquetFile(file).metadata.num_rows for file in files.addresses),
        labels=len(statements),
        labels_added=added,
        unchanged=bool(known) and not added,
    )


def _find(folder: Path) -> _Files:
    if not folder.is_dir():
        raise ArchiveMissing(f"There is no folder {folder}.", next_step="Give the folder that holds the Parquet files.")
    files = _Files(
        transactions=sorted(folder.glob("normal_txs*.parquet")),
        addresses=sorted(folder.glob("addresses.parquet")),
        token_transfers=sorted(folder.glob("erc20_transfers*.parquet")),
        labels=sorted(folder.glob("labels*.csv")),
    )
    for found, pattern in (
        (files.transactions, "normal_txs*.parquet"),
        (files.addresses, "addresses.parquet"),
    ):
        if not found:
            raise ArchiveMissing(f"{folder} holds no {pattern}.", next_step="Both it and the index must be there.")
    return files


def _digest(files: Sequence[Path]) -> str:
    """First 16 hex digits of the SHA-256 over all contents: same files, same import."""
    total = hashlib.sha256()
    for file in files:
        try:
            with file.open("rb") as opened:
                total.update(hashlib.file_digest(opened, "sha256").digest())
        except OSError as error:
            raise ArchiveDamaged(f"{file} cannot be read: {error.strerror}.", next_step=_AGAIN) from error
    return total.hexdigest()[:16]


def _refuse_other_sources(store: Store, folder: Path, chain_id: int) -> None:
    found = store.query(load("queries/audited_blocks"), chain_id=chain_id, source="tables").to_pylist()
    if found and found[0]["other_batches"]:
        raise DataCheckError(
            f"The store holds blocks {found[0]['other_from']} to {found[0]['other_to']} of chain {chain_id} from "
            f"blocks; the histories in {folder} would show some of their transfers twice.",
            next_step="Use another --store or --chain-id for tables.",
        )


def _stage(store: Store, files: _Files, *, progress: Progress) -> None:
    addresses = _read(files.addresses[0], {"address": pa.binary()})
    ids = pa.array(range(addresses.num_rows), pa.int64())
    # An empty address stands for the receiver of a contract creation and for the giver of a genesis allocation.
    length = pc.binary_length(addresses["address"])
    _refuse(
        addresses,
        pc.invert(pc.is_in(length, pa.array([0, 20]))),
        files.addresses[0],
        "not 20 bytes",
        "address",
    )
    _drop_staged(store)
    store.command("CREATE TEMPORARY TABLE staged_addresses (id Int64, address String)")
    store.insert("staged_addresses", addresses.append_column("id", ids))
    _create(store, "staged_transactions", _TRANSACTION_COLUMNS)
    _create(store, "staged_token_transfers", _TOKEN_COLUMNS)
    for file in files.transactions:
        rows = _read(file, _TRANSACTION_COLUMNS)
        _check_transactions(rows, file, addresses.num_rows)
        _insert(store, "staged_transactions", rows, progress)
    for file in files.token_transfers:
        rows = _read(file, _TOKEN_COLUMNS)
        _check_token_transfers(rows, file)
        _insert(store, "staged_token_transfers", rows, progress)


def _write(store: Store, *, chain_id: int, location: str, progress: Progress) -> None:
    """Decode what is staged, derive transfers, and write the audit row last."""
    version = time.time_ns()
    for name in ("tables_transactions", "tables_token_transfers", "tables_tokens"):
        progress.note(load(f"decode/{name}").purpose)
        store.command(load(f"decode/{name}"), chain_id=chain_id, version=version)
    reach = store.query(load("queries/staged_tables_reach")).to_pylist()[0]
    bounds: dict[str, Parameter] = {**reach, "chain_id": chain_id, "version": version}
    for name in ("transfers_native", "transfers_fee"):
        progress.note(load(f"transforms/{name}").purpose)
        store.command(load(f"transforms/{name}"), **bounds)
    store.command(load("decode/tables_audit"), **bounds, location=location)
    _drop_staged(store)


def _create(store: Store, table: str, columns: dict[str, pa.DataType]) -> None:
    listed = ", ".join(f"{name} {_SQL_TYPES[kind]}" for name, kind in columns.items())
    store.command(f"CREATE TEMPORARY TABLE {table} ({listed})")


def _drop_staged(store: Store) -> None:
    for table in ("staged_addresses", "staged_transactions", "staged_token_transfers"):
        store.command(f"DROP TABLE IF EXISTS {table}")


def _insert(store: Store, table: str, rows: pa.Table, progress: Progress) -> None:
    for start in range(0, rows.num_rows, _ROWS_A_BATCH):
        progress.step(start, rows.num_rows, f"reading {table.removeprefix('staged_')}")
        store.insert(table, rows.slice(start, _ROWS_A_BATCH))


def _read(file: Path, columns: dict[str, pa.DataType]) -> pa.Table:
    """The columns we need, in our types; a whole number kept as a float is taken back."""
    try:
        opened = pq.ParquetFile(file)
        missing = [name for name in columns if name not in opened.schema_arrow.names]
        if missing:
            raise ArchiveDamaged(f"{file} has no column {', '.join(missing)}.", next_step="See --help for the columns.")
        twice = [name for name in columns if opened.schema_arrow.names.count(name) > 1]
        if twice:
            raise ArchiveDamaged(f"{file} has more than one column {', '.join(twice)}.", next_step=_AGAIN)
        rows = opened.read(columns=list(columns)).cast(pa.schema(columns.items()))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ArchiveDamaged(f"{file} cannot be read: {str(error).splitlines()[0]}.", next_step=_AGAIN) from error
    for name in rows.column_names:
        if name in _MAY_BE_UNKNOWN:
            column = pc.fill_null(rows[name], _MAY_BE_UNKNOWN[name])
            rows = rows.set_column(rows.column_names.index(name), name, column)
        elif rows[name].null_count:
            raise ArchiveDamaged(f"{file}: {rows[name].null_count} rows have no {name}.", next_step=_AGAIN)
    return rows


def _check_transactions(rows: pa.Table, file: Path, known_addresses: int) -> None:
    for name, lowest in (("from_id", 0), ("to_id", -1)):
        wrong = pc.or_(pc.less(rows[name], lowest), pc.greater_equal(rows[name], known_addresses))
        _refuse(rows, wrong, file, f"{name} is not in addresses.parquet", name)
    for name in ("block", "tx_index", "gas_price", "gas_used"):
        _refuse(rows, pc.less(rows[name], 0), file, f"{name} is negative", name)
    _check_times(rows, file)
    _check_amounts(rows, file, "value_wei")


def _check_token_transfers(rows: pa.Table, file: Path) -> None:
    for name in ("from", "to", "token"):
        wrong = pc.invert(pc.match_substring_regex(rows[name], _ADDRESS))
        _refuse(rows, wrong, file, f"{name} is no address", name)
    _refuse(rows, pc.not_equal(pc.binary_length(rows["hash"]), 32), file, "hash is not 32 bytes", "hash")
    _refuse(rows, pc.less(rows["block"], 0), file, "block is negative", "block")
    _check_times(rows, file)
    _check_amounts(rows, file, "value_raw")


def _check_times(rows: pa.Table, file: Path) -> None:
    _refuse(rows, pc.less(rows["ts"], 0), file, "ts is negative", "ts")
    # What does not fit the column would become some other moment, silently.
    _refuse(rows, pc.greater(rows["ts"], _LAST_MOMENT), file, "ts is after the year 2106", "ts")


def _check_amounts(rows: pa.Table, file: Path, column: str) -> None:
    text = rows[column]
    no_number = pc.invert(pc.match_substring_regex(text, r"^[0-9]{1,78}$"))
    too_large = pc.and_(pc.equal(pc.utf8_length(text), len(_LARGEST)), pc.greater(text, _LARGEST))
    _refuse(rows, pc.or_(no_number, too_large), file, f"{column} is no amount of 256 bits", column)


def _refuse(rows: pa.Table, wrong: pa.ChunkedArray, file: Path, what: str, column: str) -> None:
    if pc.any(wrong).as_py():
        row = pc.index(wrong, pa.scalar(True)).as_py()
        raise ArchiveDamaged(f"{file}, row {row}: {what}: {_short(rows[column][row])}.", next_step=_AGAIN)


def _short(value: pa.Scalar) -> str:
    shown = repr(value.as_py())
    return shown if len(shown) <= _MOST_SHOWN else shown[: _MOST_SHOWN - 1] + "…"


def _read_labels(files: Sequence[Path], *, chain_id: int) -> tuple[list[Statement], list[str]]:
    """Flags as labels; lines whose account is no address are left out and named."""
    statements, bad = [], []
    for file in files:
        for line, row in read_csv(file, ("account", "flag", "source")):
            address = normalise_address(row["account"])
            if address is None or len(address) != 20 or row["flag"] not in {"0", "1"}:
                bad.append(f"{file.name}:{line}: {row['account'][:70]!r}, flag {row['flag']!r}")
                continue
            category = "licit"
            if row["flag"] == "1":
                category = "phishing" if "etherscan" in row["source"] else "abuse"
            source = f"accounts:{row['source']}"
            chain = "ethereum" if chain_id == 1 else ""
            statements.append(
                Statement(
                    chain=chain,
                    address=address,
                    label=category,
                    source_category=f"flag {row['flag']}",
                    source=source,
                    category=category,
                    confidence=source_confidence(source),
                )
            )
    return statements, bad
