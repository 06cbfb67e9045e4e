"""A Bitcoin block proves itself: header to hash, transactions to ids, ids to merkle root, scripts to addresses.

What the hashes do not cover (what an input spends, and so the fees) is checked in SQL where the spent outputs are known:
sql/bitcoin/proof_prevouts.sql, proof_fees.sql, proof_rewards.sql.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from chainsight.errors import DataCheckError, ProofFailed
from ingest.bitcoin_addresses import address_of
from ingest.bitcoin_blocks import (
    Block,
    Output,
    Transaction,
    compact_size,
    header_bytes,
    satoshi,
    transaction_bytes,
)
from ingest.bitcoin_networks import Network

PROVEN_BY_HASH = ("addresses", "block_hash", "merkle_root", "proof_of_work", "transaction_ids", "witness_commitment")
_COMMITMENT = "6a24aa21a9ed"  # BIP 141: OP_RETURN, 36 bytes, the commitment's mark
_OP_1 = 0x51
_decoder = msgspec.json.Decoder(Block)
_transaction_decoder = msgspec.json.Decoder(Transaction)


@dataclass(frozen=True)
class Proven:
    """What a block that proved itself holds, counted, so that the rows written can be compared with it."""

    transactions: int
    inputs: int
    outputs: int
    output_value: int
    """Satoshi in all outputs together."""


def prove_block(payload: bytes, *, network: Network, number: int, where: str) -> Proven:
    """Recompute everything a block's own bytes can prove; `payload` is a result of getblock with verbosity 2 or 3.

    Raises `ProofFailed` naming block and field, `DataCheckError` when the payload is no such block.
    """
    try:
        block = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataCheckError(
            f"{where}: block {number} is not what getblock gives with verbosity 2 or 3 ({error}).",
            next_step="Ask Bitcoin Core 22 or newer, or record the block again; nothing of this batch was stored.",
        ) from error
    _require(number, "height", number, block.height)
    _prove_header(block, network)
    sizes = [
        prove_transaction(entry, network=network, number=number, path=f"tx[{index}]")
        for index, entry in enumerate(block.tx)
    ]
    _prove_tree(block)
    _prove_witnesses(block, network)
    plain, full = (80 + len(compact_size(len(block.tx))) + sum(column) for column in zip(*sizes, strict=True))
    _require(number, "size", block.size, full)
    _require(number, "weight", block.weight, 3 * plain + full)
    outputs = [output for transaction in block.tx for output in transaction.vout]
    return Proven(
        transactions=len(block.tx),
        inputs=sum(len(transaction.vin) for transaction in block.tx),
        outputs=len(outputs),
        output_value=sum(satoshi(output.value) for output in outputs),
    )


def prove_transaction(transaction: Transaction, *, network: Network, number: int, path: str) -> tuple[int, int]:
    """Check a transaction's ids, sizes and addresses against its fields; returns its bytes without and with witnesses.

    `number` and `path` are what an error names: the block, and the place in it. Raises `ProofFailed`.
    """
    for place, output in enumerate(transaction.vout):
        _require(number, f"{path}.vout[{place}].n", output.n, place)
        _prove_output(output, network=network, number=number, path=f"{path}.vout[{place}]")
    for place, entry in enumerate(transaction.vin):
        if entry.prevout is not None:
            spent = Output(value=entry.prevout.value, n=entry.vout or 0, script=entry.prevout.script)
            _prove_output(spent, network=network, number=number, path=f"{path}.vin[{place}].prevout")
    try:
        plain, full = transaction_bytes(transaction)
    except (ValueError, struct.error, OverflowError) as error:
        raise ProofFailed(number, path, "no transaction", str(error)) from error
    _require(number, f"{path}.txid", transaction.txid, _double_hash(plain)[::-1].hex())
    _require(number, f"{path}.hash", transaction.hash, _double_hash(full)[::-1].hex())
    if transaction.hex is not None and transaction.hex.lower() != full.hex():
        ends = next(_differences(transaction.hex.lower(), full.hex()))
        raise ProofFailed(number, f"{path}.hex", f"another from byte {ends} on", f"{len(full)} bytes")
    _require(number, f"{path}.size", transaction.size, len(full))
    _require(number, f"{path}.weight", transaction.weight, 3 * len(plain) + len(full))
    return len(plain), len(full)


def prove_spent_transaction(payload: bytes, *, network: Network, transaction_id: str, number: int) -> None:
    """Check that an answer of getrawtransaction is the transaction that was asked for; raises `ProofFailed`."""
    path = f"spent transaction {transaction_id}"
    try:
        transaction = _transaction_decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProofFailed(number, path, "unreadable", str(error)) from error
    _require(number, f"{path}: txid", transaction.txid, transaction_id)
    prove_transaction(transaction, network=network, number=number, path=path)


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over hashes in the order of the block's bytes; a level of odd length repeats its last."""
    level = list(leaves)
    while len(level) > 1:
        if len(level) % 2:
            level.append(level[-1])
        level = [_double_hash(level[place] + level[place + 1]) for place in range(0, len(level), 2)]
    return level[0]


def _prove_header(block: Block, network: Network) -> None:
    try:
        computed = _double_hash(header_bytes(block))
    except (ValueError, struct.error) as error:
        raise ProofFailed(block.height, "header", "no 80 bytes", str(error)) from error
    _require(block.height, "hash", block.hash, computed[::-1].hex())
    bits = int(block.bits, 16)
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3) if bits >> 24 >= 3 else 0
    if int.from_bytes(computed, "little") > target:
        raise ProofFailed(block.height, "bits", f"{block.bits}, a target of {target:064x}", computed[::-1].hex())
    if block.height == 0:
        _require(0, "hash", block.hash, network.genesis_hash)
    minting = [index for index, entry in enumerate(block.tx) if any(part.coinbase is not None for part in entry.vin)]
    if minting != [0] or len(block.tx[0].vin) > 1:
        raise ProofFailed(block.height, "tx[0]", "not its only coinbase", "one coinbase transaction, in front")
    if block.height >= network.height_in_coinbase_from:
        stated = str(block.tx[0].vin[0].coinbase)
        if not stated.startswith(height_script(block.height).hex()):
            raise ProofFailed(block.height, "height", str(block.height), f"a coinbase that begins with {stated[:12]}")


def height_script(height: int) -> bytes:
    """What a coinbase begins with since BIP 34: its height as a script pushes it.

    >>> height_script(16).hex(), height_script(128).hex(), height_script(840000).hex()
    ('60', '028000', '0340d10c')
    """
    if height <= 16:
        return bytes([_OP_1 - 1 + height if height else 0])
    content = height.to_bytes(height.bit_length() // 8 + 1, "little")
    return bytes([len(content)]) + content


def _prove_tree(block: Block) -> None:
    ids = [bytes.fromhex(transaction.txid)[::-1] for transaction in block.tx]
    if len(set(ids)) < len(ids):
        # CVE-2012-2459: a repeated tail gives the same root.
        raise ProofFailed(block.height, "tx", "a list with repetitions", f"{len(set(ids))} different transactions")
    _require(block.height, "merkleroot", block.merkleroot, merkle_root(ids)[::-1].hex())


def _prove_witnesses(block: Block, network: Network) -> None:
    """BIP 141: what the coinbase commits to must be given, all of it; a block without a commitment has no witnesses."""
    coinbase = block.tx[0]
    stated = [
        output.script.hex[len(_COMMITMENT) :][:64].lower()
        for output in coinbase.vout
        if output.script.hex.lower().startswith(_COMMITMENT) and len(output.script.hex) >= 76
    ]
    has_witnesses = any(entry.txinwitness for transaction in block.tx for entry in transaction.vin)
    if not has_witnesses and (not stated or block.height < network.segwit_from):
        return
    if not stated:
        raise ProofFailed(block.height, "tx[0].vout", "without a witness commitment", "transactions with witnesses")
    reserved = coinbase.vin[0].txinwitness
    if len(reserved) != 1:
        raise ProofFailed(
            block.height, "tx[0].vin[0].txinwitness", f"{len(reserved)} items", "a witness commitment, which needs one"
        )
    hashes = [bytes(32), *(bytes.fromhex(transaction.hash)[::-1] for transaction in block.tx[1:])]
    computed = _double_hash(merkle_root(hashes) + bytes.fromhex(reserved[0]))
    _require(block.height, "witness commitment", stated[-1], computed.hex())


def _prove_output(output: Output, *, network: Network, number: int, path: str) -> None:
    try:
        satoshi(output.value)
        script = bytes.fromhex(output.script.hex)
    except ValueError as error:
        raise ProofFailed(number, path, f"{output.value} for {output.script.hex[:80]}", str(error)) from error
    _require(number, f"{path}.scriptPubKey.address", output.script.address, address_of(script, network))


def _require(number: int, field: str, stated: object, computed: object) -> None:
    if stated != computed:
        raise ProofFailed(number, field, str(stated) or "nothing", str(computed) or "nothing")


def _differences(one: str, other: str) -> Iterator[int]:
    yield from (place // 2 for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    yield min(len(one), len(other)) // 2


def _double_hash(content: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(content).digest()).digest()
