"""Does a block's content give the hashes its header states? One wrong byte and the block is refused.

Recomputed: the header's hash, transactionsRoot (with each transaction's own hash and sender), receiptsRoot (which covers
logs and blooms), withdrawalsRoot. What no hash covers is held against what one does: positions, gas used, prices paid,
addresses of created contracts, root calls. Not covered by anything: `size`, `totalDifficulty` and the calls below.
"""

from __future__ import annotations

from collections.abc import Sequence

from coincurve import PublicKey
from eth_utils.crypto import keccak

from chainsight.errors import ProofFailed
from ingest.encoding import (
    Json,
    created_address,
    encode_header,
    encode_receipt,
    encode_transaction,
    encode_withdrawal,
    signing_hash,
    to_quantity,
)
from ingest.tries import ordered_root


def prove(
    block: Json, *, receipts: Sequence[Json] | None = None, traces: Sequence[Json] | None = None
) -> frozenset[str]:
    """Names of what was recomputed and agreed: block_hash, transactions_root, receipts_root, withdrawals_root.

    `block` holds full transactions; receipts are in their order, or None when the source has none, and so for traces, of
    which only the positions can be checked. Transactions of types unknown here cannot be re-encoded, so that block's
    transactions_root is left out of the answer. Raises `ProofFailed` with block and field; a field that is missing or
    cannot be read fails the same way.
    """
    number = int(block["number"], 16)
    try:
        proven = [_prove_header(block), *_prove_transactions(block)]
        if receipts is not None:
            proven.append(_prove_receipts(block, receipts))
        if block.get("withdrawals") is not None:
            proven.append(_prove_withdrawals(block))
        _check_traces(block, traces or (), receipts)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise ProofFailed(number, "content", "readable", f"{type(error).__name__}: {error}") from error
    return frozenset(proven)


def _prove_header(block: Json) -> str:
    _agree(block, "hash", block["hash"], "0x" + keccak(encode_header(block)).hex())
    return "block_hash"


def _prove_transactions(block: Json) -> list[str]:
    encoded = []
    for index, transaction in enumerate(block["transactions"]):
        field = f"transactions[{index}]"
        _agree_position(block, field, transaction, index)
        envelope = encode_transaction(transaction)
        if envelope is None:
            continue
        encoded.append(envelope)
        _agree(block, f"{field}.hash", transaction["hash"], "0x" + keccak(envelope).hex())
        _agree(block, f"{field}.from", transaction["from"], recover_sender(transaction))
        _agree_quantity(block, f"{field}.gasPrice", transaction["gasPrice"], _price_paid(block, transaction))
    if len(encoded) < len(block["transactions"]):
        return []
    _agree(block, "transactionsRoot", block["transactionsRoot"], "0x" + ordered_root(encoded).hex())
    return ["transactions_root"]


def _prove_receipts(block: Json, receipts: Sequence[Json]) -> str:
    transactions = block["transactions"]
    _agree(block, "number of receipts", str(len(transactions)), str(len(receipts)))
    gas_before = [0, *(int(receipt["cumulativeGasUsed"], 16) for receipt in receipts)]
    log_index = 0
    for index, (transaction, receipt) in enumerate(zip(transactions, receipts, strict=True)):
        field = f"receipts[{index}]"
        _agree_position(block, field, receipt, index)
        for name in ("from", "to"):
            _agree(block, f"{field}.{name}", transaction[name], receipt[name])
        _agree(block, f"{field}.type", transaction["type"], receipt.get("type") or transaction["type"])
        _agree(block, f"{field}.transactionHash", transaction["hash"], receipt["transactionHash"])
        _agree_quantity(block, f"{field}.gasUsed", receipt["gasUsed"], gas_before[index + 1] - gas_before[index])
        if receipt.get("effectiveGasPrice") is not None and encode_transaction(transaction) is not None:
            paid = _price_paid(block, transaction)
            _agree_quantity(block, f"{field}.effectiveGasPrice", receipt["effectiveGasPrice"], paid)
        made = created_address(transaction["from"], transaction["nonce"]) if transaction["to"] is None else None
        _agree(block, f"{field}.contractAddress", receipt.get("contractAddress"), made)
        for log in receipt["logs"]:
            where = f"{field}.logs[{log_index}]"
            _agree_position(block, where, log, index)
            _agree(block, f"{where}.transactionHash", transaction["hash"], log["transactionHash"])
            _agree_quantity(block, f"{where}.logIndex", log["logIndex"], log_index)
            log_index += 1
    root = ordered_root([encode_receipt(receipt) for receipt in receipts])
    _agree(block, "receiptsRoot", block["receiptsRoot"], "0x" + root.hex())
    return "receipts_root"


def _prove_withdrawals(block: Json) -> str:
    root = ordered_root([encode_withdrawal(withdrawal) for withdrawal in block["withdrawals"]])
    _agree(block, "withdrawalsRoot", block["withdrawalsRoot"], "0x" + root.hex())
    return "withdrawals_root"


def _check_traces(block: Json, traces: Sequence[Json], receipts: Sequence[Json] | None) -> None:
    """Traces stand in this block, transaction after transaction, each opened by the root call it was sent as."""
    transactions = block["transactions"]
    opened = 0
    for index, trace in enumerate(traces):
        field = f"traces[{index}]"
        _agree(block, f"{field}.blockHash", block["hash"], trace["blockHash"])
        if trace.get("transactionPosition") is None:  # a block reward has none
            continue
        position, is_root = int(trace["transactionPosition"]), not trace["traceAddress"]
        opened += is_root
        _agree(block, f"{field}.transactionPosition", str(position), str(opened - 1))
        transaction = transactions[position]
        _agree(block, f"{field}.transactionHash", transaction["hash"], trace["transactionHash"])
        if is_root:
            _check_root_call(block, field, trace, transaction)
            if receipts is not None and receipts[position].get("status"):
                failed = "0x0" if trace.get("error") else "0x1"
                _agree(block, f"{field}.error", receipts[position]["status"], failed)
    if traces:
        _agree(block, "number of root traces", str(len(transactions)), str(opened))


def _check_root_call(block: Json, field: str, trace: Json, transaction: Json) -> None:
    action = trace["action"]
    _agree(block, f"{field}.action.from", action["from"], transaction["from"])
    _agree_quantity(block, f"{field}.action.value", action["value"], int(transaction["value"], 16))
    if trace["type"] == "call":
        _agree(block, f"{field}.action.to", action["to"], transaction["to"])
        _agree(block, f"{field}.action.input", action["input"], transaction["input"])


def recover_sender(transaction: Json) -> str | None:
    """Address whose key signed (`0x…`), or None for a type unknown here or a signature that fits no key."""
    signed = signing_hash(transaction)
    if signed is None:
        return None
    digest, parity = signed
    signature = b"".join(to_quantity(transaction[name]).rjust(32, b"\0") for name in ("r", "s")) + bytes([parity])
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except ValueError:
        return None
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()


def _price_paid(block: Json, transaction: Json) -> int:
    """EIP-1559: what one gas cost, in wei."""
    if transaction.get("maxFeePerGas") is None:
        return int(transaction["gasPrice"], 16)
    base = int(block.get("baseFeePerGas") or "0x0", 16)
    return min(int(transaction["maxFeePerGas"], 16), base + int(transaction["maxPriorityFeePerGas"], 16))


def _agree_position(block: Json, field: str, item: Json, index: int) -> None:
    _agree(block, f"{field}.blockHash", block["hash"], item["blockHash"])
    _agree_quantity(block, f"{field}.blockNumber", item["blockNumber"], int(block["number"], 16))
    _agree_quantity(block, f"{field}.transactionIndex", item["transactionIndex"], index)


def _agree_quantity(block: Json, field: str, stated: str, computed: int) -> None:
    if int(stated, 16) != computed:
        raise ProofFailed(int(block["number"], 16), field, stated, hex(computed))


def _agree(block: Json, field: str, stated: str | None, computed: str | None) -> None:
    if (stated or "").lower() != (computed or "").lower():
        raise ProofFailed(int(block["number"], 16), field, str(stated), str(computed))
