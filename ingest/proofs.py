"""Recompute from a block's content what its header claims: block hash, transactions, receipts and withdrawals roots.

Methods: Ethereum yellow paper (headers, tries); the EIPs are named in encoding.py. The roots cover transactions,
receipts, logs and blooms; what JSON-RPC repeats beside them (positions, hashes, gas and price of one transaction) is
compared with what it repeats. Not covered by any hash of a block: `from` (it is inside the signature; compared with
receipt and root call where there are any), `size`, `totalDifficulty`, and traces, of which the envelope and the root
call only are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import rlp
from eth_hash.auto import keccak

from chainsight.errors import ProofFailed
from ingest.encoding import (
    FIRST_TYPE_OF_ROLLUPS,
    Json,
    UnknownType,
    Unreadable,
    data,
    encode_header,
    encode_receipt,
    encode_transaction,
    encode_withdrawal,
    number,
    quantity,
    receiver,
    transaction_type,
)
from ingest.tries import ordered_root

_BLOB_GAS = 1 << 17


def prove(block: Json, *, receipts: Sequence[Json] | None, traces: Sequence[Json] | None) -> frozenset[str]:
    """Recompute what can be recomputed; returns its names: block_hash, transactions_root, receipts_root …

    Raises `ProofFailed` naming block and field. Roots over transaction types of rollups, whose encoding is their own,
    are left out of the answer; so is `withdrawals_root` where the list itself is not there.
    """
    height = _height(block)
    checks: list[tuple[str, Callable[[], None]]] = [
        ("transactions_root", lambda: _prove_transactions(block, height))
    ]
    if block.get("withdrawals") is not None:
        checks.append(("withdrawals_root", lambda: _prove_withdrawals(block, height)))
    if receipts is not None:
        checks.append(("receipts_root", lambda: _prove_receipts(block, receipts, height)))
    if traces is not None:
        checks.append(("trace_envelopes", lambda: _check_traces(block, receipts, traces, height)))
    # The header comes last: a wrong list is named as such before its root is.
    checks.append(("block_hash", lambda: _prove_header(block, height)))
    proven = set()
    for name, check in checks:
        try:
            check()
        except UnknownType:
            continue
        except Unreadable as error:
            raise ProofFailed(height, error.field, repr(error.value), "no readable value") from error
        proven.add(name)
    return frozenset(proven)


def _height(block: Json) -> int:
    try:
        return number(block, "number")
    except Unreadable as error:
        raise ProofFailed(0, "number", repr(error.value), "no readable value") from error


def _expect(height: int, field: str, stated: bytes, computed: bytes) -> None:
    if stated != computed:
        raise ProofFailed(height, field, "0x" + stated.hex(), "0x" + computed.hex())


def _prove_header(block: Json, height: int) -> None:
    _expect(height, "hash", data(block, "hash"), keccak(encode_header(block)))


def _prove_transactions(block: Json, height: int) -> None:
    encoded: list[bytes] = []
    unknown = 0
    for index, transaction in enumerate(block["transactions"]):
        with _Named(f"transactions[{index}]"):
            _check_place(transaction, block, index, height, f"transactions[{index}]")
            try:
                encoded.append(encode_transaction(transaction))
            except UnknownType:
                unknown += 1
                continue
            field = f"transactions[{index}].hash"
            _expect(height, field, data(transaction, "hash"), keccak(encoded[-1]))
    if unknown:
        raise UnknownType(f"{unknown} transactions")
    _expect(height, "transactionsRoot", data(block, "transactionsRoot"), ordered_root(encoded))


def _prove_withdrawals(block: Json, height: int) -> None:
    encoded = []
    for index, withdrawal in enumerate(block["withdrawals"]):
        with _Named(f"withdrawals[{index}]"):
            encoded.append(encode_withdrawal(withdrawal))
    _expect(height, "withdrawalsRoot", data(block, "withdrawalsRoot"), ordered_root(encoded))


def _prove_receipts(block: Json, receipts: Sequence[Json], height: int) -> None:
    transactions = block["transactions"]
    if len(receipts) != len(transactions):
        raise ProofFailed(
            height, "number of receipts", str(len(receipts)), f"{len(transactions)} transactions"
        )
    is_rollup = any(transaction_type(transaction) >= FIRST_TYPE_OF_ROLLUPS for transaction in transactions)
    encoded = []
    gas_before = next_log = 0
    for index, (receipt, transaction) in enumerate(zip(receipts, transactions, strict=True)):
        where = f"receipts[{index}]"
        with _Named(where):
            _check_place(receipt, block, index, height, where)
            _expect(
                height,
                f"{where}.transactionHash",
                data(receipt, "transactionHash"),
                data(transaction, "hash"),
            )
            gas_before = _check_gas(receipt, gas_before, height, where)
            next_log = _check_logs(receipt, block, next_log, height, where)
            if not is_rollup:
                _check_outcome(receipt, transaction, block, height, where)
                encoded.append(encode_receipt(receipt))
    _expect_number(height, "gasUsed", number(block, "gasUsed"), gas_before)
    if is_rollup:
        raise UnknownType("receipts of a rollup")
    _expect(height, "receiptsRoot", data(block, "receiptsRoot"), ordered_root(encoded))


def _check_place(entry: Json, block: Json, index: int, height: int, where: str) -> None:
    """Where a transaction, receipt or log says it stands."""
    _expect(height, f"{where}.blockHash", data(entry, "blockHash"), data(block, "hash"))
    _expect_number(height, f"{where}.blockNumber", number(entry, "blockNumber"), height)
    _expect_number(height, f"{where}.transactionIndex", number(entry, "transactionIndex"), index)


def _check_gas(receipt: Json, gas_before: int, height: int, where: str) -> int:
    """The gas of one transaction is what the block's running total grew by."""
    total = number(receipt, "cumulativeGasUsed")
    _expect_number(height, f"{where}.gasUsed", number(receipt, "gasUsed"), total - gas_before)
    return total


def _check_logs(receipt: Json, block: Json, next_log: int, height: int, where: str) -> int:
    """Logs are numbered through the block and repeat where their transaction stands."""
    for position, log in enumerate(receipt["logs"]):
        name = f"{where}.logs[{position}]"
        with _Named(f"logs[{position}]"):
            _check_place(log, block, number(receipt, "transactionIndex"), height, name)
            _expect_number(height, f"{name}.logIndex", number(log, "logIndex"), next_log + position)
            _expect(
                height,
                f"{name}.transactionHash",
                data(log, "transactionHash"),
                data(receipt, "transactionHash"),
            )
    return next_log + len(receipt["logs"])


def _check_outcome(receipt: Json, transaction: Json, block: Json, height: int, where: str) -> None:
    """Fields of a receipt that follow from its transaction and header."""
    kind = transaction_type(transaction)
    _expect_number(height, f"{where}.type", transaction_type(receipt), kind)
    if receipt.get("from") is not None:
        _expect(height, f"{where}.from", data(receipt, "from"), data(transaction, "from"))
    if "to" in receipt:
        _expect(height, f"{where}.to", receiver(receipt), receiver(transaction))
    if receipt.get("effectiveGasPrice") is not None:
        price = _effective_price(transaction, block, kind)
        _expect_number(height, f"{where}.effectiveGasPrice", number(receipt, "effectiveGasPrice"), price)
    if receipt.get("blobGasUsed") is not None:
        blobs = len(transaction.get("blobVersionedHashes") or []) * _BLOB_GAS
        _expect_number(height, f"{where}.blobGasUsed", number(receipt, "blobGasUsed"), blobs)
    created = b""
    if transaction.get("to") is None:
        created = keccak(rlp.encode([data(transaction, "from"), quantity(transaction, "nonce")]))[12:]
    if receipt.get("contractAddress") is not None:
        _expect(height, f"{where}.contractAddress", data(receipt, "contractAddress"), created)


def _effective_price(transaction: Json, block: Json, kind: int) -> int:
    """EIP-1559: base fee and tip, at most the cap; older types pay what they offer."""
    if kind < 2:
        return number(transaction, "gasPrice")
    tip = number(transaction, "maxPriorityFeePerGas")
    return min(number(transaction, "maxFeePerGas"), number(block, "baseFeePerGas") + tip)


def _check_traces(block: Json, receipts: Sequence[Json] | None, traces: Sequence[Json], height: int) -> None:
    """Every trace belongs to this block, every transaction has its root call first, and failed ones say so."""
    transactions = block["transactions"]
    following = 0
    for index, trace in enumerate(traces):
        where = f"traces[{index}]"
        with _Named(where):
            _expect(height, f"{where}.blockHash", data(trace, "blockHash"), data(block, "hash"))
            _expect_number(height, f"{where}.blockNumber", number(trace, "blockNumber"), height)
            if trace.get("transactionPosition") is None:
                continue
            position = number(trace, "transactionPosition")
            is_root = trace.get("traceAddress") == []
            expected = following if is_root else following - 1
            if position != expected or position >= len(transactions):
                raise ProofFailed(height, f"{where}.transactionPosition", str(position), str(expected))
            transaction = transactions[position]
            _expect(
                height, f"{where}.transactionHash", data(trace, "transactionHash"), data(transaction, "hash")
            )
            if is_root:
                following += 1
                _check_root_call(trace, transaction, receipts[position] if receipts else None, height, where)
    if following != len(transactions):
        raise ProofFailed(
            height, "number of root traces", str(following), f"{len(transactions)} transactions"
        )


def _check_root_call(trace: Json, transaction: Json, receipt: Json | None, height: int, where: str) -> None:
    action = trace["action"]
    _expect(height, f"{where}.action.from", data(action, "from"), data(transaction, "from"))
    _expect(height, f"{where}.action.value", quantity(action, "value"), quantity(transaction, "value"))
    if trace.get("type") == "call":
        _expect(height, f"{where}.action.to", data(action, "to"), receiver(transaction))
        _expect(height, f"{where}.action.input", data(action, "input"), data(transaction, "input"))
    if receipt is not None and receipt.get("status") is not None:
        succeeded = number(receipt, "status")
        _expect_number(height, f"{where}.error", 0 if trace.get("error") else 1, succeeded)


def _expect_number(height: int, field: str, stated: int, computed: int) -> None:
    if stated != computed:
        raise ProofFailed(height, field, str(stated), str(computed))


class _Named:
    """Puts where it happened in front of the field that could not be read."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Unreadable):
            error.field = f"{self._where}.{error.field}"
        elif isinstance(error, KeyError | TypeError | AttributeError):
            raise Unreadable(f"{self._where}.{error.args[0]}", None) from error
