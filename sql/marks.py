"""What a plan of transforms is made from, read from the store, and the marks that say it was carried out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping

import pyarrow as pa

from sql.as_of import read_as_of
from sql.chain_parameters import chain_parameters
from sql.changes import Change, Mark, Run, Seen, fingerprint, known_tables
from sql.files import Statement, load
from sql.store import Parameter, Store

_TOUCHED = {
    f"transforms/{name}": f"touched/{name}" for name in ("transfers_erc20", "transfers_erc721", "transfer_marks")
}
"""Queries that say whether new knowledge would change any row of a transform; the others run anew whatever was learnt."""
_VERSION_STEP = 1_000
"""Withdrawals write the next version of a row; ours has to be higher, also where a clock was set back after a batch."""


def read_marks(store: Store, chain_id: int) -> dict[str, Mark]:
    """The mark of every transform that ever ran on a chain, by its name."""
    found = store.query(load("queries/transform_marks"), chain_id=chain_id).to_pylist()
    return {row["transform"]: Mark(**row) for row in found}


def read_seen(store: Store, chain_id: int, statements: Iterable[Statement], marks: Mapping[str, Mark]) -> Seen:
    """What the store holds now, as a plan needs it; raises `StoreEmpty` when nothing was ingested."""
    listed = list(statements)
    since = min((marks[one.name].changes_version if one.name in marks else 0 for one in listed), default=0)
    changes = store.query(load("queries/audit_changes"), chain_id=chain_id, since=since).to_pylist()
    seen = [change["version"] for change in changes] + [mark.changes_version for mark in marks.values()]
    last = max([mark.version for mark in marks.values()] + seen, default=0)
    parameters = chain_parameters(chain_id)
    known = known_tables(listed)
    knowledge = _fingerprints(store, chain_id, frozenset().union(*known.values()))
    learnt = {
        name
        for name, tables in known.items()
        if name not in marks or marks[name].knowledge != fingerprint(tables, knowledge)
    }
    return Seen(
        head=read_as_of(store, chain_id).block_number,
        changes=tuple(Change(**row) for row in changes),
        knowledge=knowledge,
        version=max(time.time_ns(), last + _VERSION_STEP),
        settings={one.name: settings_checksum(one, parameters) for one in listed},
        untouched=frozenset(
            name
            for name in learnt & _TOUCHED.keys()
            if not _is_touched(store, chain_id, load(_TOUCHED[name]), parameters)
        ),
    )


def _is_touched(store: Store, chain_id: int, question: Statement, parameters: Mapping[str, Parameter]) -> bool:
    asked = {name: parameters[name] for name in question.parameters & parameters.keys()}
    return store.query(question, chain_id=chain_id, **asked).num_rows > 0


def settings_checksum(statement: Statement, parameters: Mapping[str, Parameter]) -> str:
    """SHA-256 of those parameters that a statement asks for, by name; empty when it asks for none of them."""
    asked = {name: parameters[name] for name in sorted(statement.parameters & parameters.keys())}
    return hashlib.sha256(json.dumps(asked, default=str).encode()).hexdigest() if asked else ""


def write_mark(store: Store, chain_id: int, run: Run, *, head: int, seconds: float) -> None:
    """Say that a run is done: after its last row."""
    mark = run.mark
    _write(
        store,
        [
            {
                "chain_id": chain_id, "transform": mark.transform, "checksum": mark.checksum,
                "changes_version": mark.changes_version, "knowledge": mark.knowledge, "whole_version": mark.whole_version,
                "settings": mark.settings, "range_count": len(run.blocks), "to_block": head, "seconds": seconds,
                "version": mark.version,
            }
        ],
    )  # fmt: skip


def forget_marks(store: Store, chain_id: int, transforms: Iterable[str]) -> None:
    """Make transforms run over all blocks the next time, whatever they have done."""
    marks = read_marks(store, chain_id)
    version = max([time.time_ns(), *(mark.version + _VERSION_STEP for mark in marks.values())])
    _write(
        store,
        [
            {
                "chain_id": chain_id, "transform": name, "checksum": "", "changes_version": 0, "knowledge": 0,
                "whole_version": 0, "settings": "", "range_count": 0, "to_block": 0, "seconds": 0.0, "version": version,
            }
            for name in transforms
        ],
    )  # fmt: skip


def _write(store: Store, rows: list[dict[str, object]]) -> None:
    unsigned = ("chain_id", "changes_version", "knowledge", "whole_version", "to_block", "version")
    kinds = {**dict.fromkeys(unsigned, pa.uint64()), "range_count": pa.uint32()}
    columns = {name: pa.array([row[name] for row in rows], kinds.get(name)) for name in rows[0]} if rows else {}
    store.insert("transform_marks", pa.table(columns))


def _fingerprints(store: Store, chain_id: int, tables: frozenset[str]) -> dict[str, int]:
    """A number for the visible rows of each table, 0 for none; of views and tables without versions it says nothing."""
    columns = store.query(load("queries/version_columns"), tables=sorted(tables)).to_pylist()
    of_chain = {row["table"]: row["has_chain"] for row in columns}
    found: dict[str, int] = {}
    for table, has_chain in sorted(of_chain.items()):
        where = " WHERE chain_id = {chain_id:UInt64}" if has_chain else ""
        row = store.query(
            f"SELECT if(count() = 0, 0, cityHash64(count(), sum(cityHash64(version)))) AS number FROM {table}{where}",
            chain_id=chain_id,
        )
        found[table] = int(row.column("number")[0].as_py())
    return found
