"""A recorded block as a template: its lines and its RLP, taken apart once, with every place marked that a copy changes.

Tables that a copy fills: address, hash (rows below), number, decimal, time, bloom (a row a receipt, the block's last).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import rlp

from bench.encoding import to_bytes, to_quantity
from bench.marked import AddressBook, Marked, Piece, Places, list_head, list_of, row_of
from chainsight.errors import DataCheckError

BLOCK, PARENT, TRANSACTIONS_ROOT, RECEIPTS_ROOT, STATE_ROOT, MIX, FIRST_TRANSACTION = range(7)
_HASHES = ("hash", "parentHash", "transactionsRoot", "receiptsRoot", "stateRoot", "mixHash")
_HASH = re.compile(rb'"0x([0-9a-f]{64})"')
_SIGNATURE = re.compile(rb'"v":"0x[0-9a-f]+","r":"0x[0-9a-f]+","s":"0x[0-9a-f]+"')
_BODIES = {
    0: ("nonce", "gasPrice", "gas"),
    1: ("chainId", "nonce", "gasPrice", "gas"),
    2: ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas"),
}
_EIP155 = 35


@dataclass(frozen=True)
class Signing:
    """What a copy needs to sign one transaction anew."""

    sender: int
    """Number of its address."""
    kind: int
    tail: bytes
    """RLP that stands where the signature will, in what is signed (EIP-155), or nothing."""
    base_v: int
    """v of parity 0."""


@dataclass(frozen=True)
class Template:
    """One recorded block, ready to be copied."""

    block: Mapping[str, Any]
    lines: Mapping[str, Marked]
    """`blocks`, `receipts` and, where recorded, `traces`."""
    signings: tuple[Signing, ...]
    bodies: Marked
    """Each transaction's RLP fields before the signature, without the list's head."""
    receipts: Marked
    """Each receipt as its trie holds it."""
    bloom_items: np.ndarray
    """[n, 2]: receipt, number of an address or topic that goes into its bloom."""
    signatures: tuple[tuple[int, int], ...]
    """Where v, r and s of each transaction stand in the block's line."""
    transaction_list: tuple[int, int]
    """Where the transactions stand in the block's line, brackets included."""
    receipt_spans: np.ndarray
    """[n, 4]: start and end of each receipt in its line, then of its logs without brackets."""
    created: tuple[tuple[int, int, str], ...]
    """(address, sender, nonce) of contracts that transactions created."""
    logs: int
    traces: int


def make_template(lines: Mapping[str, bytes], book: AddressBook, items: dict[str, int]) -> Template:
    """Template of one block; numbers of new bloom items are added to `items`.

    Raises `DataCheckError` for what cannot be made anew: blobs, delegations, withdrawals, signatures printed in pieces.
    """
    block = orjson.loads(lines["blocks"])
    receipts = orjson.loads(lines["receipts"])["receipts"]
    traces = orjson.loads(lines["traces"])["traces"] if "traces" in lines else []
    transactions = block["transactions"]
    _refuse(block)
    signatures = tuple((found.start(), found.end()) for found in _SIGNATURE.finditer(lines["blocks"]))
    if len(signatures) != len(transactions):
        raise DataCheckError(
            f"Block {int(block['number'], 16)} prints {len(signatures)} of {len(transactions)} signatures as v, r, s in a row.",
            next_step="Record it as most nodes print it.",
        )
    begin = lines["blocks"].index(b'"transactions":') + len(b'"transactions":')
    pieces = [_receipt(receipt, book) for receipt in receipts]
    return Template(
        block={name: value for name, value in block.items() if name != "transactions"},
        lines={stem: _line(line, block, book) for stem, line in lines.items()},
        signings=tuple(_signing(t, book) for t in transactions),
        bodies=marked_row([_body(t, book) for t in transactions]),
        receipts=marked_row([piece for piece, _ in pieces], blooms=[bloom for _, bloom in pieces]),
        bloom_items=np.array(
            [
                (row, items.setdefault(item, len(items)))
                for row, receipt in enumerate(receipts)
                for log in receipt["logs"]
                for item in (log["address"], *log["topics"])
            ],
            dtype=np.int64,
        ).reshape(-1, 2),
        signatures=signatures,
        transaction_list=(begin, begin + len(orjson.dumps(transactions))),
        receipt_spans=_receipt_spans(lines["receipts"], receipts),
        created=tuple(
            (book.number[receipt["contractAddress"][2:]], book.number[t["from"][2:]], t["nonce"])
            for t, receipt in zip(transactions, receipts, strict=True)
            if t["to"] is None
        ),
        logs=sum(len(receipt["logs"]) for receipt in receipts),
        traces=len(traces),
    )


def marked_row(pieces: Sequence[Piece], blooms: Sequence[int] = ()) -> Marked:
    """Pieces in a row; `blooms` says where in each its bloom begins."""
    whole = row_of(pieces)
    ends = np.cumsum([len(piece.data) for piece in pieces], dtype=np.int64)
    places = {"address": Places(whole.addresses)}
    if blooms:
        starts = np.concatenate([[0], ends[:-1]]) + blooms
        places["bloom"] = Places([(int(start), row) for row, start in enumerate(starts)])
    return Marked(np.frombuffer(whole.data, np.uint8), places, tuple(int(end) for end in ends))


def _refuse(block: Mapping[str, Any]) -> None:
    kinds = {int(transaction["type"], 16) for transaction in block["transactions"]} - set(_BODIES)
    if kinds or block.get("withdrawals"):
        what = f"transactions of type {min(kinds)}" if kinds else "withdrawals"
        raise DataCheckError(
            f"Block {int(block['number'], 16)} has {what}, which cannot be made anew here.",
            next_step="Amplify blocks with transactions of types 0 to 2 and without a list of withdrawals.",
        )


def _line(line: bytes, block: Mapping[str, Any], book: AddressBook) -> Marked:
    rows = {block[name][2:].encode(): row for row, name in enumerate(_HASHES)}
    rows |= {t["hash"][2:].encode(): FIRST_TRANSACTION + row for row, t in enumerate(block["transactions"])}
    number = int(block["number"], 16)
    return Marked(
        np.frombuffer(line, np.uint8),
        {
            "address": book.in_text(line),
            "hash": Places([(found.start(1), rows[found[1]]) for found in _HASH.finditer(line) if found[1] in rows]),
            "number": _after(line, rb'umber":"0x(?=%x")' % number),
            "decimal": _after(line, rb'umber":(?=%d[,}])' % number),
            "time": _after(line, rb'"timestamp":"0x'),
            "bloom": _after(line, rb'"logsBloom":"0x', count=True),
        },
    )


def _after(line: bytes, before: bytes, *, count: bool = False) -> Places:
    return Places([(found.end(), count * row) for row, found in enumerate(re.finditer(before, line))])


def _signing(t: Mapping[str, Any], book: AddressBook) -> Signing:
    kind, v, sender = int(t["type"], 16), int(t["v"], 16), book.number[t["from"][2:]]
    if kind or v < _EIP155:
        return Signing(sender, kind, b"", 0 if kind else 27)
    chain = (v - _EIP155) // 2
    return Signing(sender, 0, bytes(rlp.encode(to_quantity(chain))) + b"\x80\x80", _EIP155 + 2 * chain)


def _body(t: Mapping[str, Any], book: AddressBook) -> Piece:
    """EIP-155, EIP-2930, EIP-1559."""
    kind = int(t["type"], 16)
    fields = [to_quantity(t[name]) for name in _BODIES[kind]]
    fields += [to_bytes(t["to"]), to_quantity(t["value"]), to_bytes(t["input"])]
    pieces = [Piece.string(field, book) for field in fields]
    if kind:
        entries = (
            [Piece.string(to_bytes(entry["address"]), book), _strings(entry["storageKeys"], book)]
            for entry in t.get("accessList") or []
        )
        pieces.append(list_of(list_of(entry) for entry in entries))
    return row_of(pieces)


def _strings(values: Sequence[str], book: AddressBook) -> Piece:
    return list_of(Piece.string(to_bytes(value), book) for value in values)


def _receipt(receipt: Mapping[str, Any], book: AddressBook) -> tuple[Piece, int]:
    """The receipt's envelope and where its bloom begins in it."""
    before = [Piece(bytes(rlp.encode(to_quantity(receipt[name]))), []) for name in ("status", "cumulativeGasUsed")]
    bloom = Piece(bytes(rlp.encode(to_bytes(receipt["logsBloom"]))), [])
    logs = list_of(
        list_of(
            [
                Piece.string(to_bytes(log["address"]), book),
                _strings(log["topics"], book),
                Piece.string(to_bytes(log["data"]), book),
            ]
        )
        for log in receipt["logs"]
    )
    kind = int(receipt.get("type") or "0x0", 16)
    inner = row_of([*before, bloom, logs])
    head = bytes([kind] if kind else []) + list_head(len(inner.data))
    return row_of([Piece(head, []), inner]), len(head) + len(inner.data) - len(logs.data) - 256


def _receipt_spans(line: bytes, receipts: Sequence[Mapping[str, Any]]) -> np.ndarray:
    at = line.index(b'"receipts":[') + len(b'"receipts":[')
    spans = []
    for receipt in receipts:
        logs = line.index(b'"logs":[', at) + len(b'"logs":[')
        end = at + len(orjson.dumps(receipt))
        spans.append((at, end, logs, logs + len(orjson.dumps(receipt["logs"])) - 2))
        at = end + 1
    return np.array(spans, dtype=np.int64).reshape(-1, 4)
