"""Who let which code act for it (EIP-7702): recover who signed each authorisation and say whether it took effect.

A node skips a tuple whose chain, signature or nonce does not fit, and it stays in the transaction all the same. Chain and
signature can be judged from the tuple alone. The nonce is that of the account at this very place of the chain: known where
the account itself signed shortly before, in this block or in blocks that the store holds without a gap up to here; anything
else is said to be unverified rather than guessed. (Delegated code that creates contracts moves the nonce as well, unseen.) A
delegated account signs transactions as before: having code makes it no contract.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import rlp
from coincurve import PublicKey
from eth_utils.crypto import keccak

from ingest.coverage import covered_from
from sql.files import load
from sql.store import Store

_MAGIC = b"\x05"
_LARGEST_NONCE = 2**64 - 2
_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_LOOK_BACK_BLOCKS = 7_200
"""A day of Ethereum: how far before a batch the transactions of an authority are looked for."""
_NOBODY = bytes(20)


@dataclass(frozen=True)
class _Nonce:
    """What is known of an account's nonce at one place of the chain."""

    value: int = 0
    is_exact: bool = False
    """False: it is `value` or more."""
    tried: int | None = None
    """Nonce of the tuple just before, when nobody could say whether that one was applied."""


def recover_authorities(store: Store, *, chain_id: int, from_block: int, to_block: int, version: int) -> int:
    """Write one row of `authorizations` for each tuple in the transactions of these blocks; returns how many.

    Run it after the transactions are decoded; a repeat writes the same rows. Where there are none it costs one look at the
    transactions' types. After a gap below has been filled, running it again can turn `unverified` into something better.
    """
    bounds = {"chain_id": chain_id, "from_block": from_block, "to_block": to_block}
    sent = store.query(load("queries/authorizations_sent"), **bounds)
    if not sent.num_rows:
        return 0
    rows = [_plain(row) for row in sent.to_pylist()]
    authorities = [_recover(row) for row in rows]
    accounts = {authority for authority, _ in authorities if authority != _NOBODY}
    covered = max(covered_from(store, chain_id=chain_id, before=from_block), from_block - _LOOK_BACK_BLOCKS, 0)
    spent = store.query(
        load("queries/nonces_spent"),
        chain_id=chain_id,
        first=covered,
        from_block=from_block,
        to_block=to_block,
        accounts=sorted(account.hex().upper() for account in accounts),
    ).to_pylist()
    judged = _judge(rows, authorities, spent, chain_id)
    return store.insert("authorizations", _table(rows, authorities, judged, chain_id, version))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    wide = {name: int.from_bytes(row[name], "little") for name in ("signed_chain_id", "y_parity", "r", "s")}
    return {**row, **wide}


def _recover(row: dict[str, Any]) -> tuple[bytes, str]:
    """Who signed, or twenty zero bytes and what is wrong with the signature."""
    if row["y_parity"] > 1:
        return _NOBODY, f"Its yParity is {row['y_parity']}, which is neither 0 nor 1."
    if row["s"] > _CURVE_ORDER // 2:
        return _NOBODY, "Its s is in the upper half of the curve's order (EIP-2)."
    tuple_ = [row["signed_chain_id"], row["delegate_address"], row["nonce"]]
    digest = keccak(_MAGIC + rlp.encode(tuple_))
    signature = row["r"].to_bytes(32, "big") + row["s"].to_bytes(32, "big") + bytes([row["y_parity"]])
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except ValueError:
        return _NOBODY, "Its signature fits no key."
    return keccak(key.format(compressed=False)[1:])[12:], ""


def _judge(
    rows: list[dict[str, Any]], authorities: list[tuple[bytes, str]], spent: list[dict[str, Any]], chain_id: int
) -> list[tuple[str, str]]:
    """(status, reason) of each tuple, by walking the chain once; a transaction counts before the tuples it carries."""
    nonces: dict[bytes, _Nonce] = {}
    judged = []
    at = 0
    for row, (authority, wrong) in zip(rows, authorities, strict=True):
        while at < len(spent) and _place(spent[at]) <= _place(row):
            account = spent[at]["account"]
            nonces[account] = _after(nonces.get(account, _Nonce()), spent[at])
            at += 1
        known = nonces.get(authority, _Nonce())
        status, reason = _verdict(row, wrong, known, chain_id)
        if status == "applied":
            nonces[authority] = _Nonce(row["nonce"] + 1, is_exact=True)
        elif status == "unverified":
            nonces[authority] = replace(known, tried=row["nonce"])
        judged.append((status, reason))
    return judged


def _after(known: _Nonce, spent: dict[str, Any]) -> _Nonce:
    """The nonce after a transaction, or after an authorisation that was stored before the blocks below it were."""
    if spent["is_certain"]:
        return _Nonce(spent["nonce"] + 1, is_exact=True)
    # The store has the blocks below by now, and they may tell what could not be told then.
    if known.is_exact and spent["nonce"] == known.value:
        return _Nonce(spent["nonce"] + 1, is_exact=True)
    if known.is_exact or spent["nonce"] < known.value:
        return known
    return replace(known, tried=spent["nonce"])


def _place(row: dict[str, Any]) -> tuple[int, int]:
    return row["block_number"], row["transaction_index"]


def _verdict(row: dict[str, Any], wrong: str, known: _Nonce, chain_id: int) -> tuple[str, str]:
    if row["signed_chain_id"] not in (0, chain_id):
        return "wrong_chain", f"It was signed for chain {row['signed_chain_id']}."
    if row["nonce"] > _LARGEST_NONCE:
        return "nonce_mismatch", "Its nonce is the largest there can be, which no account may use."
    if wrong:
        return "invalid_signature", wrong
    if row["nonce"] < known.value:
        return "nonce_mismatch", f"The authority's nonce was {known.value} or more, it says {row['nonce']}."
    if row["nonce"] == known.tried:
        return "nonce_mismatch", "The same tuple stands just before: after that the nonce cannot be this one."
    if not known.is_exact:
        return "unverified", "No transaction of the authority shortly before, in blocks without a gap, says its nonce."
    if row["nonce"] > known.value:
        return "nonce_mismatch", f"The authority's nonce was {known.value}, it says {row['nonce']}."
    return "applied", ""


def _table(
    rows: list[dict[str, Any]],
    authorities: list[tuple[bytes, str]],
    judged: list[tuple[str, str]],
    chain_id: int,
    version: int,
) -> pa.Table:
    return pa.table(
        {
            "chain_id": pa.array([chain_id] * len(rows), pa.uint64()),
            "block_number": pa.array([row["block_number"] for row in rows], pa.uint64()),
            "block_hash": pa.array([row["block_hash"] for row in rows], pa.binary(32)),
            "block_timestamp": pa.array([row["block_timestamp"] for row in rows], pa.timestamp("s", "UTC")),
            "transaction_index": pa.array([row["transaction_index"] for row in rows], pa.uint32()),
            "transaction_hash": pa.array([row["transaction_hash"] for row in rows], pa.binary(32)),
            "authorization_index": pa.array([row["authorization_index"] for row in rows], pa.uint32()),
            "authority": pa.array([authority for authority, _ in authorities], pa.binary(20)),
            "delegate_address": pa.array([row["delegate_address"] for row in rows], pa.binary(20)),
            "signed_chain_id": pa.array([row["signed_chain_id"].to_bytes(32, "little") for row in rows], pa.binary(32)),
            "nonce": pa.array([row["nonce"] for row in rows], pa.uint64()),
            "status": pa.array([status for status, _ in judged]),
            "reason": pa.array([reason for _, reason in judged]),
            "version": pa.array([version] * len(rows), pa.uint64()),
        }
    )
