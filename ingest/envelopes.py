"""What each hash of a block is of: headers, transactions, receipts and withdrawals, put together from their fields.

Sources: yellow paper, section 4.3 and 7; EIP-155, EIP-2718 (envelopes), EIP-2930, EIP-1559, EIP-4844, EIP-7702 (transactions),
EIP-658 (receipts), EIP-4895 (withdrawals). Rows come one block each, as the statements of sql/proofs/ give them; the results
hold the items of all blocks one after the other.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ingest.keccak import Bytes, Offsets
from ingest.rlp import Encoded, empty_strings, encode, encode_numbers, join, wrap
from ingest.senders import Signers
from ingest.texts import Flags, places, texts

# Ethereum's own transaction types; rollups have others besides.
_LAST_COMMON_TYPE = 4
_UNREADABLE_TYPE = 255
_FIRST_EIP155_V, _FIRST_V = 35, 27
_HEADER = (
    ("parentHash", "bytes"), ("sha3Uncles", "bytes"), ("miner", "bytes"), ("stateRoot", "bytes"),
    ("transactionsRoot", "bytes"), ("receiptsRoot", "bytes"), ("logsBloom", "bytes"), ("difficulty", "quantity"),
    ("number", "quantity"), ("gasLimit", "quantity"), ("gasUsed", "quantity"), ("timestamp", "quantity"),
    ("extraData", "bytes"), ("mixHash", "bytes"), ("nonce", "bytes"),
)  # fmt: skip
# Fields of later forks belong to the header where the node sends them.
_HEADER_OF_FORKS = (
    ("baseFeePerGas", "quantity"), ("withdrawalsRoot", "bytes"), ("blobGasUsed", "quantity"), ("excessBlobGas", "quantity"),
    ("parentBeaconBlockRoot", "bytes"), ("requestsHash", "bytes"),
)  # fmt: skip
# Every field that a transaction of some type signs, in the order all types have them, and the types that have it.
_SIGNED = (
    ("chain", (1, 2, 3, 4)), ("nonce", (0, 1, 2, 3, 4)), ("gasPrice", (0, 1)), ("maxPriorityFeePerGas", (2, 3, 4)),
    ("maxFeePerGas", (2, 3, 4)), ("gas", (0, 1, 2, 3, 4)), ("to", (0, 1, 2, 3, 4)), ("value", (0, 1, 2, 3, 4)),
    ("input", (0, 1, 2, 3, 4)), ("accesses", (1, 2, 3, 4)), ("maxFeePerBlobGas", (3,)), ("blobs", (3,)),
    ("authorizations", (4,)),
)  # fmt: skip
_BYTES = frozenset({"to", "input"})
_NUMBERS = np.uint64


def encode_headers(rows: pa.Table) -> Encoded:
    """The header of every block."""
    fields = [encode(texts(rows, name), quantity=kind == "quantity") for name, kind in _HEADER]
    for name, kind in _HEADER_OF_FORKS:
        column = texts(rows, name)
        fields.append(encode(column, quantity=kind == "quantity", left_out=~column.given))
    return join(fields)


def kinds_of(rows: pa.Table) -> Offsets:
    """The type of every transaction or receipt; those that say nothing are of type 0."""
    column = texts(rows, "type")
    kinds, are_numbers = column.numbers
    kinds = np.where(are_numbers | ~column.given, np.minimum(kinds, _NUMBERS(_UNREADABLE_TYPE)), _UNREADABLE_TYPE)
    return kinds.astype(np.int64)


def have_known_types(rows: pa.Table) -> Flags:
    """Which transactions are of Ethereum's own types; others cannot be encoded."""
    known: Flags = kinds_of(rows) <= _LAST_COMMON_TYPE
    return known


def encode_transactions(rows: pa.Table) -> tuple[Encoded, Encoded]:
    """The signed envelope of every transaction, and what of it was signed; neither for types that are not Ethereum's."""
    kinds = kinds_of(rows)
    fields = _signed_fields(rows)
    v = texts(rows, "v")
    signature = [
        *_parities(rows),
        encode(v, quantity=True),
        *(encode(texts(rows, name), quantity=True) for name in "rs"),
    ]
    v_numbers = v.numbers[0]
    is_bound = (kinds == 0) & (v_numbers >= _FIRST_EIP155_V)
    chains = encode_numbers(np.where(is_bound, (v_numbers - _NUMBERS(_FIRST_EIP155_V)) // _NUMBERS(2), _NUMBERS(0)))
    nothing = empty_strings(len(kinds))
    of_type = np.array([[kind in has for _, has in _SIGNED] for kind in range(_LAST_COMMON_TYPE + 1)])
    kinds = np.where(kinds <= _LAST_COMMON_TYPE, kinds, -1)
    prefixes = np.maximum(kinds, 0).astype(np.uint8)
    # yParity, or v in its place; legacy transactions have v.
    signs = np.array([[kind > 0, kind > 0, kind == 0, True, True] for kind in range(_LAST_COMMON_TYPE + 1)])
    envelopes = join([*fields, *signature], np.hstack([of_type, signs]), kinds, prefixes)
    # A last kind, for legacy transactions that are bound to a chain (EIP-155): they sign its id and two empty strings, too.
    bound = np.zeros((_LAST_COMMON_TYPE + 2, 3), np.bool_)
    bound[-1] = True
    signed = np.hstack([np.vstack([of_type, of_type[:1]]), bound])
    signed_kinds = np.where(is_bound, _LAST_COMMON_TYPE + 1, kinds)
    return envelopes, join([*fields, chains, nothing, nothing], signed, signed_kinds, prefixes)


def start_recovering(rows: pa.Table, signed: Encoded, checked: Flags) -> Signers:
    """Recover the keys that signed, of the transactions that are checked."""
    parity, v = texts(rows, "yParity"), texts(rows, "v")
    said = np.where(parity.given, parity.numbers[0], v.numbers[0]).astype(np.int64)
    are_said = np.where(parity.given, parity.numbers[1], v.numbers[1])
    old = v.numbers[0].astype(np.int64)
    legacy = np.where(old < _FIRST_EIP155_V, old - _FIRST_V, (old - _FIRST_EIP155_V) % 2)
    is_legacy = kinds_of(rows) == 0
    ids = np.where(np.where(is_legacy, v.numbers[1], are_said), np.where(is_legacy, legacy, said), -1)
    signatures = np.hstack([texts(rows, "r").words(), texts(rows, "s").words()])
    return Signers(signed.keccak(), signatures, ids, checked)


def created_addresses(rows: pa.Table) -> Bytes:
    """The address that each creation gives its contract, from sender and nonce; zeros for calls; (n, 20)."""
    is_creation = ~texts(rows, "to").given
    fields = [encode(texts(rows, "from"), quantity=False), encode(texts(rows, "nonce"), quantity=True)]
    created = join(fields, kinds=np.where(is_creation, 0, -1)).keccak()[:, 12:]
    created[~is_creation] = 0
    return created


def encode_receipts(rows: pa.Table) -> Encoded:
    """What the receipts trie holds of every receipt: logs and bloom are in it."""
    status, root = texts(rows, "status"), texts(rows, "root")
    # Before Byzantium a receipt carried the state root in place of the status.
    has_root = (root.lengths > 0) & ~root.are_one_of("0x")
    topics = wrap(encode(texts(rows, "log_topics"), quantity=False), places(rows, "log_topics", 2))
    address, data = (encode(texts(rows, name), quantity=False) for name in ("log_address", "log_data"))
    kinds = kinds_of(rows)
    fields = [
        encode(status, quantity=True, left_out=has_root),
        encode(root, quantity=False, left_out=~has_root),
        encode(texts(rows, "cumulativeGasUsed"), quantity=True),
        encode(texts(rows, "logsBloom"), quantity=False),
        wrap(join([address, topics, data]), places(rows, "log_address", 1)),
    ]
    return join(fields, prefixes=kinds.astype(np.uint8))


def encode_withdrawals(rows: pa.Table) -> Encoded:
    """What the withdrawals trie holds of every withdrawal."""
    return join([
        encode(texts(rows, f"withdrawal_{name}"), quantity=name != "address")
        for name in ("index", "validator", "address", "amount")
    ])  # fmt: skip


def _signed_fields(rows: pa.Table) -> list[Encoded]:
    """The columns of _SIGNED."""
    keys = wrap(encode(texts(rows, "access_keys"), quantity=False), places(rows, "access_keys", 2))
    accesses = join([encode(texts(rows, "access_address"), quantity=False), keys])
    nested = {
        "chain": encode(texts(rows, "chainId"), quantity=True),
        "accesses": wrap(accesses, places(rows, "access_address", 1)),
        "blobs": wrap(
            encode(texts(rows, "blobVersionedHashes"), quantity=False), places(rows, "blobVersionedHashes", 1)
        ),
        "authorizations": wrap(_authorizations(rows), places(rows, "authorization_address", 1)),
    }
    return [
        nested[name] if name in nested else encode(texts(rows, name), quantity=name not in _BYTES)
        for name, _ in _SIGNED
    ]


def _authorizations(rows: pa.Table) -> Encoded:
    names = ("chainId", "address", "nonce")
    before = [encode(texts(rows, f"authorization_{name}"), quantity=name != "address") for name in names]
    behind = [encode(texts(rows, f"authorization_{name}"), quantity=True) for name in "rs"]
    return join([*before, *_parities(rows, "authorization_"), *behind])


def _parities(rows: pa.Table, of: str = "") -> tuple[Encoded, Encoded]:
    """yParity, and v where there is none: of each row one of the two is empty."""
    parity, v = texts(rows, f"{of}yParity"), texts(rows, f"{of}v")
    return encode(parity, quantity=True, left_out=~parity.given), encode(v, quantity=True, left_out=parity.given)
