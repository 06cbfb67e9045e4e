"""What lists say of token contracts, into `tokens`: symbol, name, decimals, and which list says so."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from chainsight.errors import ArchiveDamaged
from chainsight.progress import SILENT, Progress
from ingest.delimited import read_text
from ingest.statements import LearnSummary, note_bad_lines
from ingest.token_lists import ListedToken, read_token_list
from sql.files import load
from sql.store import Store

CONTRACT = "contract"
"""Source of what a contract says of itself (ingest/metadata.py)."""
_STATED = ("chain_id", "token_address", "symbol", "name", "decimals")
_FIELDS = ("chain_id", "address", "symbol", "name", "decimals")
_LEARNED = {
    "standard": pa.string(), "total_supply": pa.binary(32), "symbol_raw": pa.string(), "name_raw": pa.string(),
    "symbol_bytes": pa.uint64(), "name_bytes": pa.uint64(), "as_of_block": pa.uint64(),
}  # fmt: skip
_UNASKED: dict[str, Any] = {
    "standard": "", "total_supply": None, "symbol_raw": "", "name_raw": "", "symbol_bytes": 0, "name_bytes": 0,
    "flags": [], "as_of_block": 0,
}  # fmt: skip


def import_tokens(
    store: Store, file: Path, *, chain_id: int | None = None, progress: Progress = SILENT
) -> LearnSummary:
    """Record the tokens of a list; a repeat changes nothing, a newer statement about a token replaces the older one.

    What a contract said of itself stays beside it (standard, supply, the raw texts and their marks); its own symbol, name and
    decimals give way to the list's.

    A JSON list says of which chain each token is; of the tokens of a CSV file and of entries that do not say it,
    `chain_id` does. Entries without an EVM address or with impossible decimals are left out and named. Raises
    `ArchiveMissing`, `ArchiveDamaged` for a file that is no list or holds no readable token, and `UsageError`.
    """
    listed = read_token_list(read_text(file), chain_id=chain_id)
    tokens: dict[tuple[int, bytes], ListedToken] = {}
    bad: list[str] = []
    reasons: Counter[str] = Counter()
    doubts: Counter[str] = Counter()
    for entry in listed.entries:
        if isinstance(entry.token, ListedToken):
            tokens[entry.token.chain_id, entry.token.address] = entry.token
            doubts.update([entry.doubt] if entry.doubt else [])
        else:
            bad.append(f"{file.name}:{entry.place}: {entry.token}")
            reasons[entry.token.reason] += 1
    if bad and not tokens:
        raise ArchiveDamaged(
            f"{file} holds no readable token ({bad[0]}).", next_step="Check that it is a list of tokens."
        )
    note_bad_lines(bad, progress)
    for doubt, count in doubts.most_common():
        progress.note(f"{count:,} kept, though the address {doubt}")
    added = _learn(store, list(tokens.values()), source=listed.source)
    return LearnSummary(
        read=len(tokens),
        added=added,
        dropped=0,
        bad_lines=tuple(bad),
        left_out=dict(reasons.most_common()),
        doubts=dict(doubts.most_common()),
    )


def _learn(store: Store, tokens: Sequence[ListedToken], *, source: str) -> int:
    stored = store.query(load("queries/tokens_stored"), chains=sorted({token.chain_id for token in tokens})).to_pylist()
    known = {tuple(row[name] for name in _STATED) for row in stored if row["source"] != CONTRACT}
    new = [token for token in tokens if tuple(getattr(token, name) for name in _FIELDS) not in known]
    learned = {(row["chain_id"], row["token_address"]): row for row in stored}
    rows = [learned.get((token.chain_id, token.address), _UNASKED) for token in new]
    # A list gives a contract its symbol by right: it imitates nobody.
    flags = [[flag for flag in row["flags"] if flag != "imitates"] for row in rows]
    table = pa.table(
        {
            "chain_id": pa.array([token.chain_id for token in new], pa.uint64()),
            "token_address": pa.array([token.address for token in new], pa.binary(20)),
            "symbol": pa.array([token.symbol for token in new], pa.string()),
            "name": pa.array([token.name for token in new], pa.string()),
            "decimals": pa.array([token.decimals for token in new], pa.uint8()),
            **{name: pa.array([row[name] for row in rows], kind) for name, kind in _LEARNED.items()},
            "flags": pa.array(flags, pa.list_(pa.string())),
            "source": pa.array([source] * len(new), pa.string()),
            "version": pa.array([time.time_ns()] * len(new), pa.uint64()),
        }
    )
    return store.insert("tokens", table)
