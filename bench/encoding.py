"""Transactions, receipts, headers and withdrawals as the bytes that consensus hashes: what made-up blocks are hashed with; pure.

Sources: the Ethereum yellow paper, section 4 and appendix D; EIP-2718 (envelopes), EIP-2930, EIP-1559, EIP-4844,
EIP-4895, EIP-4788, EIP-7685, EIP-7702. Input everywhere: one JSON-RPC object as a dict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import rlp
from eth_utils.crypto import keccak

Rlp: TypeAlias = "bytes | Sequence[Rlp]"
Json: TypeAlias = Mapping[str, Any]

_LAST_PRE_EIP155_V = 28
_FIRST_EIP155_V = 35
# Ethereum's own types grow from below; rollups took theirs from above (Arbitrum 0x64, zkSync 0x71, Optimism 0x7e).
_FIRST_TYPE_OF_ROLLUPS = 0x40


def to_bytes(value: str | None) -> bytes:
    """Bytes of `0x…`; None (a contract creation's receiver) is the empty string."""
    return b"" if value is None else bytes.fromhex(value[2:])


def to_quantity(value: str | int | None) -> bytes:
    """A number without leading zeros, as RLP wants it."""
    number = int(value, 16) if isinstance(value, str) else (value or 0)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_header(block: Json) -> bytes:
    """A header's RLP; fields of later forks are there when the node sends them."""
    fields: list[Rlp] = [
        *(to_bytes(block[name]) for name in ("parentHash", "sha3Uncles", "miner", "stateRoot")),
        *(to_bytes(block[name]) for name in ("transactionsRoot", "receiptsRoot", "logsBloom")),
        *(to_quantity(block[name]) for name in ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")),
        *(to_bytes(block[name]) for name in ("extraData", "mixHash", "nonce")),
    ]
    later: tuple[tuple[str, Callable[[Any], bytes]], ...] = (
        ("baseFeePerGas", to_quantity),
        ("withdrawalsRoot", to_bytes),
        ("blobGasUsed", to_quantity),
        ("excessBlobGas", to_quantity),
        ("parentBeaconBlockRoot", to_bytes),
        ("requestsHash", to_bytes),
    )
    fields += [encode(block[name]) for name, encode in later if block.get(name) is not None]
    return bytes(rlp.encode(fields, infer_serializer=False))


def encode_transaction(transaction: Json) -> bytes | None:
    """The signed envelope whose Keccak is the transaction's hash; None for types only their own chain knows."""
    kind, body = int(transaction["type"], 16), _body(transaction)
    if body is None:
        return None
    signature = [to_quantity(transaction["r"]), to_quantity(transaction["s"])]
    if kind == 0:
        return bytes(rlp.encode([*body, to_quantity(transaction["v"]), *signature], infer_serializer=False))
    parity = to_quantity(transaction.get("yParity", transaction["v"]))
    return bytes([kind]) + bytes(rlp.encode([*body, parity, *signature], infer_serializer=False))


def encode_receipt(receipt: Json) -> bytes:
    """The receipt's envelope as the receipts trie holds it."""
    logs = [
        [to_bytes(log["address"]), [to_bytes(topic) for topic in log["topics"]], to_bytes(log["data"])]
        for log in receipt["logs"]
    ]
    # Before Byzantium a receipt carried the state root in place of the status.
    outcome = to_bytes(receipt["root"]) if receipt.get("root") else to_quantity(receipt["status"])
    fields = [outcome, to_quantity(receipt["cumulativeGasUsed"]), to_bytes(receipt["logsBloom"]), logs]
    kind = int(receipt.get("type") or "0x0", 16)
    return (bytes([kind]) if kind else b"") + bytes(rlp.encode(fields, infer_serializer=False))


def encode_withdrawal(withdrawal: Json) -> bytes:
    """EIP-4895: index, validator, address, Gwei."""
    fields = [to_quantity(withdrawal["index"]), to_quantity(withdrawal["validatorIndex"])]
    fields += [to_bytes(withdrawal["address"]), to_quantity(withdrawal["amount"])]
    return bytes(rlp.encode(fields, infer_serializer=False))


def created_address(sender: str, nonce: str) -> str:
    """Address of a contract that a transaction creates: the last 20 bytes of Keccak(rlp(sender, nonce))."""
    return "0x" + keccak(rlp.encode([to_bytes(sender), to_quantity(nonce)], infer_serializer=False))[12:].hex()


def _body(t: Json) -> list[Rlp] | None:
    """The fields before the signature, by type."""
    kind = int(t["type"], 16)
    call: list[Rlp] = [to_quantity(t["gas"]), to_bytes(t["to"]), to_quantity(t["value"]), to_bytes(t["input"])]
    if kind == 0:
        return [to_quantity(t["nonce"]), to_quantity(t["gasPrice"]), *call]
    if kind not in _TYPED_TAILS:
        if kind < _FIRST_TYPE_OF_ROLLUPS:
            raise ValueError(f"transaction type {kind} is not known to any chain")
        return None
    fees = ("gasPrice",) if kind == 1 else ("maxPriorityFeePerGas", "maxFeePerGas")
    head: list[Rlp] = [to_quantity(t["chainId"]), to_quantity(t["nonce"]), *(to_quantity(t[name]) for name in fees)]
    return [*head, *call, _access_list(t), *_TYPED_TAILS[kind](t)]


def _access_list(t: Json) -> list[Rlp]:
    return [
        [to_bytes(entry["address"]), [to_bytes(key) for key in entry["storageKeys"]]]
        for entry in t.get("accessList") or []
    ]


def _blob_tail(t: Json) -> list[Rlp]:
    return [to_quantity(t["maxFeePerBlobGas"]), [to_bytes(blob) for blob in t["blobVersionedHashes"]]]


def _authorizations(t: Json) -> list[Rlp]:
    return [
        [
            [
                *(to_quantity(a["chainId"]), to_bytes(a["address"]), to_quantity(a["nonce"])),
                *(to_quantity(a.get("yParity", a.get("v"))), to_quantity(a["r"]), to_quantity(a["s"])),
            ]
            for a in t["authorizationList"]
        ]
    ]


_TYPED_TAILS: dict[int, Callable[[Json], list[Rlp]]] = {
    1: lambda t: [],
    2: lambda t: [],
    3: _blob_tail,
    4: _authorizations,
}
