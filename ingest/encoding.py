"""JSON-RPC objects back into the bytes that Ethereum hashes: headers, transactions, receipts, withdrawals.

Encodings: yellow paper (headers, legacy), EIP-155, EIP-2718 (envelope), EIP-2930, EIP-1559, EIP-4844, EIP-7702, EIP-4895.
Functions raise `Unreadable` for a field that is missing or no hex, and `UnknownType` for transactions of other chains.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import rlp

Json: TypeAlias = dict[str, Any]

# Header fields in the order of the yellow paper; q: quantity, b: bytes as they are.
_HEADER = (
    ("parentHash", "b"), ("sha3Uncles", "b"), ("miner", "b"), ("stateRoot", "b"), ("transactionsRoot", "b"),
    ("receiptsRoot", "b"), ("logsBloom", "b"), ("difficulty", "q"), ("number", "q"), ("gasLimit", "q"),
    ("gasUsed", "q"), ("timestamp", "q"), ("extraData", "b"), ("mixHash", "b"), ("nonce", "b"),
)  # fmt: skip
# What forks appended, in order: a header has the first few of them.
_HEADER_SINCE = (
    ("baseFeePerGas", "q"),  # London
    ("withdrawalsRoot", "b"),  # Shanghai
    ("blobGasUsed", "q"),  # Cancun
    ("excessBlobGas", "q"),
    ("parentBeaconBlockRoot", "b"),
    ("requestsHash", "b"),  # Prague
)
LAST_KNOWN_TYPE = 4
# Ethereum's own types grow from below; rollups took theirs from above (Arbitrum 0x64…, Optimism 0x7e, zkSync 0xff).
FIRST_TYPE_OF_ROLLUPS = 0x40


class Unreadable(ValueError):
    """A field is missing or not hex; `field` names it."""

    def __init__(self, field: str, value: object) -> None:
        self.field = field
        self.value = value
        super().__init__(f"{field} is {value!r}")


class UnknownType(ValueError):
    """A transaction type whose encoding only its own chain knows."""


def data(source: Json, field: str) -> bytes:
    """Bytes of a 0x-field."""
    text = source.get(field)
    if isinstance(text, str) and text[:2] == "0x":
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            pass
    raise Unreadable(field, text)


def quantity(source: Json, field: str) -> bytes:
    """A number as RLP wants it: big-endian without leading zeros, empty for 0."""
    text = source.get(field)
    if isinstance(text, str) and text[:2] == "0x" and len(text) > 2:
        try:
            return bytes.fromhex(text[2:] if len(text) % 2 == 0 else "0" + text[2:]).lstrip(b"\0")
        except ValueError:
            pass
    raise Unreadable(field, text)


def number(source: Json, field: str) -> int:
    """A quantity as an integer; plain JSON integers, as traces have them, are taken too."""
    stated = source.get(field)
    if isinstance(stated, int) and not isinstance(stated, bool):
        return stated
    return int.from_bytes(quantity(source, field), "big")


def receiver(transaction: Json) -> bytes:
    """Twenty bytes, or none for a creation."""
    return b"" if transaction.get("to") is None else data(transaction, "to")


def transaction_type(source: Json) -> int:
    """EIP-2718 type; legacy where it is not stated."""
    return 0 if source.get("type") is None else number(source, "type")


def encode_header(block: Json) -> bytes:
    """RLP of the header with the fields its fork has."""
    fields = [data(block, name) if kind == "b" else quantity(block, name) for name, kind in _HEADER]
    present = [block.get(name) is not None for name, _ in _HEADER_SINCE]
    for (name, kind), is_there in zip(_HEADER_SINCE, present, strict=True):
        if not is_there:
            break
        fields.append(data(block, name) if kind == "b" else quantity(block, name))
    return rlp.encode(fields)


def encode_transaction(transaction: Json) -> bytes:
    """The bytes whose hash is the transaction's, and which stand in the transactions trie."""
    kind = transaction_type(transaction)
    nonce, gas, value = (quantity(transaction, name) for name in ("nonce", "gas", "value"))
    signature = [quantity(transaction, "r"), quantity(transaction, "s")]
    end = [receiver(transaction), value, data(transaction, "input")]
    if kind == 0:
        price = quantity(transaction, "gasPrice")
        return rlp.encode([nonce, price, gas, *end, quantity(transaction, "v"), *signature])
    if kind > LAST_KNOWN_TYPE:
        if kind < FIRST_TYPE_OF_ROLLUPS:
            raise Unreadable("type", transaction.get("type"))
        raise UnknownType(f"transaction type {kind}")
    fees = ("gasPrice",) if kind == 1 else ("maxPriorityFeePerGas", "maxFeePerGas")
    fields: list[object] = [quantity(transaction, "chainId"), nonce]
    fields += [quantity(transaction, name) for name in fees]
    fields += [gas, *end, _access_list(transaction)]
    if kind == 3:
        hashes = _listed(transaction, "blobVersionedHashes")
        fields += [
            quantity(transaction, "maxFeePerBlobGas"),
            [data({"blob": item}, "blob") for item in hashes],
        ]
    if kind == 4:
        fields.append([_authorization(item) for item in _listed(transaction, "authorizationList")])
    return bytes([kind]) + rlp.encode([*fields, _parity(transaction), *signature])


def encode_receipt(receipt: Json) -> bytes:
    """The bytes that stand in the receipts trie: status (or root, before Byzantium), gas, bloom, logs."""
    kind = transaction_type(receipt)
    if kind > LAST_KNOWN_TYPE:
        if kind < FIRST_TYPE_OF_ROLLUPS:
            raise Unreadable("type", receipt.get("type"))
        raise UnknownType(f"receipt type {kind}")
    outcome = data(receipt, "root") if receipt.get("status") is None else quantity(receipt, "status")
    logs = [
        [
            data(log, "address"),
            [data({"topics": topic}, "topics") for topic in log["topics"]],
            data(log, "data"),
        ]
        for log in _listed(receipt, "logs")
    ]
    encoded = rlp.encode([outcome, quantity(receipt, "cumulativeGasUsed"), data(receipt, "logsBloom"), logs])
    return encoded if kind == 0 else bytes([kind]) + encoded


def encode_withdrawal(withdrawal: Json) -> bytes:
    """The bytes that stand in the withdrawals trie; the amount is in Gwei."""
    names = ("index", "validatorIndex")
    start = [quantity(withdrawal, name) for name in names]
    return rlp.encode([*start, data(withdrawal, "address"), quantity(withdrawal, "amount")])


def _listed(source: Json, field: str) -> list[Any]:
    listed = source.get(field)
    if isinstance(listed, list):
        return listed
    raise Unreadable(field, listed)


def _access_list(transaction: Json) -> list[object]:
    return [
        [
            data(entry, "address"),
            [data({"storageKeys": key}, "storageKeys") for key in _listed(entry, "storageKeys")],
        ]
        for entry in transaction.get("accessList") or []
    ]


def _authorization(item: Json) -> list[object]:
    start = [quantity(item, "chainId"), data(item, "address"), quantity(item, "nonce")]
    return [*start, _parity(item), quantity(item, "r"), quantity(item, "s")]


def _parity(signed: Json) -> bytes:
    """The parity bit; nodes call it yParity, v, or both."""
    if signed.get("yParity") is None:
        return quantity(signed, "v")
    parity = quantity(signed, "yParity")
    if signed.get("v") is not None and quantity(signed, "v") != parity:
        raise Unreadable("v", signed["v"])
    return parity
