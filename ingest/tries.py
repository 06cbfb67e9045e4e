"""The root of a Merkle Patricia trie whose keys are 0, 1, 2 …: of a block's transactions, receipts, withdrawals.

Yellow paper, appendix D. All items are known at once, so the trie is built from the sorted keys downwards, each node hashed
once; the `trie` library, which inserts one by one, takes about ten times as long and is the oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence

import rlp
from eth_utils.crypto import keccak

EMPTY_ROOT = keccak(rlp.encode(b""))
_INLINE_BELOW = 32

_Item = tuple[tuple[int, ...], bytes]


def ordered_root(values: Sequence[bytes]) -> bytes:
    """32-byte root of the trie {rlp(i): values[i]}; values must not be empty strings."""
    if not values:
        return bytes(EMPTY_ROOT)
    items = sorted((_nibbles(rlp.encode(index)), value) for index, value in enumerate(values))
    return bytes(keccak(rlp.encode(_node(items, 0), infer_serializer=False)))


def _node(items: list[_Item], depth: int) -> list[object]:
    first, last = items[0][0], items[-1][0]
    if len(items) == 1:
        return [_path(first[depth:], leaf=True), items[0][1]]
    shared = depth
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return [_path(first[depth:shared], leaf=False), _reference(_node(items, shared))]
    branch: list[object] = [b""] * 17
    for nibble in range(16):
        below = [item for item in items if len(item[0]) > depth and item[0][depth] == nibble]
        if below:
            branch[nibble] = _reference(_node(below, depth + 1))
    return branch  # no key of an ordered trie is a prefix of another, so the 17th place stays empty


def _reference(node: list[object]) -> object:
    encoded = rlp.encode(node, infer_serializer=False)
    return node if len(encoded) < _INLINE_BELOW else keccak(encoded)


def _nibbles(key: bytes) -> tuple[int, ...]:
    return tuple(nibble for byte in key for nibble in (byte >> 4, byte & 15))


def _path(nibbles: tuple[int, ...], *, leaf: bool) -> bytes:
    """Hex-prefix encoding: the first nibble says leaf or not, odd or even."""
    flag = 2 * leaf + len(nibbles) % 2
    padded = (flag, *nibbles) if len(nibbles) % 2 else (flag, 0, *nibbles)
    return bytes(16 * high + low for high, low in zip(padded[::2], padded[1::2], strict=True))
