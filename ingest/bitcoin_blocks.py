"""A Bitcoin block as getblock gives it, and the bytes that its fields stand for.

The JSON is only a way to show a block; the network knows it as bytes. They are put together again here from the fields, so
that a hash taken over them proves every field that went in.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from decimal import Decimal

import msgspec

SATOSHI = 100_000_000
MOST_SATOSHI = 21_000_000 * SATOSHI


class Script(msgspec.Struct):
    """`scriptPubKey`; `address` is absent where the script has none."""

    hex: str
    type: str = ""
    address: str = ""


class Prevout(msgspec.Struct):
    """The output an input spends, as the node states it (verbosity 3)."""

    value: Decimal
    script: Script = msgspec.field(name="scriptPubKey")
    height: int | None = None


class Signature(msgspec.Struct):
    """`scriptSig`."""

    hex: str


class Input(msgspec.Struct):
    """One of `vin`: either `coinbase`, or `txid`, `vout` and `scriptSig`."""

    sequence: int
    coinbase: str | None = None
    txid: str | None = None
    vout: int | None = None
    signature: Signature | None = msgspec.field(default=None, name="scriptSig")
    txinwitness: list[str] = []
    prevout: Prevout | None = None


class Output(msgspec.Struct):
    """One of `vout`; `value` in bitcoin, exactly as its text has it."""

    value: Decimal
    n: int
    script: Script = msgspec.field(name="scriptPubKey")


class Transaction(msgspec.Struct):
    """One of `tx`, or the result of getrawtransaction."""

    txid: str
    hash: str
    version: int
    locktime: int
    vin: list[Input]
    vout: list[Output]
    size: int = 0
    weight: int = 0
    fee: Decimal | None = None
    hex: str | None = None


class Header(msgspec.Struct):
    """The part of a block that says where it belongs."""

    hash: str
    height: int
    previousblockhash: str | None = None


class Block(msgspec.Struct):
    """The result of getblock with verbosity 2 or 3."""

    hash: str
    height: int
    version: int
    merkleroot: str
    time: int
    nonce: int
    bits: str
    size: int
    weight: int
    tx: list[Transaction]
    previousblockhash: str | None = None


def header_bytes(block: Block) -> bytes:
    """The 80 bytes of a header; raises `ValueError` or `struct.error` for a field that has no such bytes."""
    return (
        struct.pack("<i", block.version)
        + reversed_hash(block.previousblockhash or "00" * 32)
        + reversed_hash(block.merkleroot)
        + struct.pack("<I", block.time)
        + _exactly(bytes.fromhex(block.bits), 4)[::-1]
        + struct.pack("<I", block.nonce)
    )


def transaction_bytes(transaction: Transaction) -> tuple[bytes, bytes]:
    """A transaction without and with its witnesses (BIP 144); the two are the same where it has none."""
    start = struct.pack("<I", transaction.version & 0xFFFFFFFF)
    body = compact_size(len(transaction.vin)) + b"".join(map(_input_bytes, transaction.vin))
    body += compact_size(len(transaction.vout)) + b"".join(map(_output_bytes, transaction.vout))
    end = struct.pack("<I", transaction.locktime)
    plain = start + body + end
    if not any(entry.txinwitness for entry in transaction.vin):
        return plain, plain
    witnesses = b"".join(_stack(bytes.fromhex(item) for item in entry.txinwitness) for entry in transaction.vin)
    return plain, start + b"\x00\x01" + body + witnesses + end


def satoshi(value: Decimal) -> int:
    """Bitcoin as satoshi; raises `ValueError` for what is no whole number of them or no amount of money.

    >>> satoshi(Decimal("20999999.9769")), satoshi(Decimal("0.1") + Decimal("0.2"))
    (2099999997690000, 30000000)
    """
    amount = value * SATOSHI
    if not amount.is_finite() or amount != int(amount) or not 0 <= amount <= MOST_SATOSHI:
        raise ValueError(f"{value} is no amount of bitcoin")
    return int(amount)


def reversed_hash(text: str) -> bytes:
    """The 32 bytes of a hash as they stand in a block; people write them the other way round."""
    return _exactly(bytes.fromhex(text), 32)[::-1]


def compact_size(number: int) -> bytes:
    """A length as Bitcoin writes it.

    >>> compact_size(252).hex(), compact_size(253).hex()
    ('fc', 'fdfd00')
    """
    if number < 0xFD:
        return bytes([number])
    if number <= 0xFFFF:
        return b"\xfd" + struct.pack("<H", number)
    return b"\xfe" + struct.pack("<I", number)


def _input_bytes(entry: Input) -> bytes:
    if entry.coinbase is not None:
        spent, script = bytes(32) + b"\xff\xff\xff\xff", bytes.fromhex(entry.coinbase)
    elif entry.txid is not None and entry.vout is not None and entry.signature is not None:
        spent, script = reversed_hash(entry.txid) + struct.pack("<I", entry.vout), bytes.fromhex(entry.signature.hex)
    else:
        raise ValueError("an input names neither coinbase nor the output it spends")
    return spent + compact_size(len(script)) + script + struct.pack("<I", entry.sequence)


def _output_bytes(output: Output) -> bytes:
    script = bytes.fromhex(output.script.hex)
    return struct.pack("<q", satoshi(output.value)) + compact_size(len(script)) + script


def _stack(items: Iterable[bytes]) -> bytes:
    listed = list(items)
    return compact_size(len(listed)) + b"".join(compact_size(len(item)) + item for item in listed)


def _exactly(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise ValueError(f"{length} bytes expected, not {len(content)}")
    return content
