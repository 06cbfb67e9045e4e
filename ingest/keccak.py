"""Keccak-256 and the roots of ordered tries over many byte strings at once; compiled, and free of Python's lock.

Sources: Keccak reference, round constants and rotations (https://keccak.team/keccak_specs_summary.html), with Ethereum's padding
(0x01, not SHA-3's 0x06); tries: yellow paper, appendix D. A block has some 400 strings to hash, of a third of a megabyte:
one by one through a Python binding that takes 8 us a string and holds the lock, here a third of that.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

Bytes: TypeAlias = npt.NDArray[np.uint8]
Offsets: TypeAlias = npt.NDArray[np.int64]
Words: TypeAlias = npt.NDArray[np.uint64]

_RATE = 136
_INLINE_BELOW = 32
_BRANCH_BYTES = 17 * 33 + 4
_DEPTHS = 12

_ROUND_CONSTANTS = np.array(
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
        0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
        0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
        0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ],
    dtype=np.uint64,
)  # fmt: skip
# Lane x + 5 y moves to y + 5 ((2 x + 3 y) mod 5), turned left by so many bits.
_TARGETS = np.array([y + 5 * ((2 * x + 3 * y) % 5) for y in range(5) for x in range(5)], dtype=np.int64)
_TURNS = np.array(
    [0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14], dtype=np.uint64
)


def keccak_each(data: Bytes, offsets: Offsets) -> Bytes:
    """Keccak-256 of every string: `data` holds them end to end, string i is data[offsets[i]:offsets[i + 1]]; (n, 32)."""
    return _keccak_each(data, offsets)


def ordered_roots(data: Bytes, offsets: Offsets, sizes: Offsets) -> Bytes:
    """Root of the trie {rlp(0): first string, rlp(1): second, ...} of each group of strings; (groups, 32).

    `data` and `offsets` as in `keccak_each`; group g is the next sizes[g] strings (0: the empty trie's root). Strings must
    not be empty.
    """
    return _ordered_roots(data, offsets, sizes)


@njit(cache=True, nogil=True)
def _permute(state: Words, moved: Words, parity: Words) -> None:
    one, all_bits, last = np.uint64(1), np.uint64(64), np.uint64(63)
    for turn in range(24):
        for x in range(5):
            parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
        for x in range(5):
            right = parity[(x + 1) % 5]
            mixed = parity[(x + 4) % 5] ^ ((right << one) | (right >> last))
            for lane in range(x, 25, 5):
                value, bits = state[lane] ^ mixed, _TURNS[lane]
                moved[_TARGETS[lane]] = (value << bits) | (value >> ((all_bits - bits) & last))
        for row in range(0, 25, 5):
            for x in range(5):
                state[row + x] = moved[row + x] ^ (~moved[row + (x + 1) % 5] & moved[row + (x + 2) % 5])
        state[0] ^= _ROUND_CONSTANTS[turn]


@njit(cache=True, nogil=True)
def _keccak(data: Bytes, start: int, end: int, out: Bytes, at: int) -> None:
    """Keccak-256 of data[start:end] into out[at:at + 32]."""
    state, moved, parity = np.zeros(25, np.uint64), np.zeros(25, np.uint64), np.zeros(5, np.uint64)
    place = start
    while end - place >= _RATE:
        for lane in range(_RATE // 8):
            word = np.uint64(0)
            for byte in range(8):
                word |= np.uint64(data[place + 8 * lane + byte]) << np.uint64(8 * byte)
            state[lane] ^= word
        _permute(state, moved, parity)
        place += _RATE
    rest = end - place
    for byte in range(rest):
        state[byte >> 3] ^= np.uint64(data[place + byte]) << np.uint64(8 * (byte & 7))
    state[rest >> 3] ^= np.uint64(1) << np.uint64(8 * (rest & 7))
    state[_RATE // 8 - 1] ^= np.uint64(0x80) << np.uint64(56)
    _permute(state, moved, parity)
    for byte in range(32):
        out[at + byte] = np.uint8((state[byte >> 3] >> np.uint64(8 * (byte & 7))) & np.uint64(255))


@njit(cache=True, nogil=True)
def _keccak_each(data: Bytes, offsets: Offsets) -> Bytes:
    count = len(offsets) - 1
    digests = np.empty((count, 32), np.uint8)
    flat = digests.reshape(-1)
    for index in range(count):
        _keccak(data, offsets[index], offsets[index + 1], flat, 32 * index)
    return digests


@njit(cache=True, nogil=True)
def _nibble(index: int, place: int) -> int:
    """Nibble number `place` of rlp(index); 16 behind its end, so that no two keys agree there."""
    if index == 0:
        key, nibbles = 0x80, 2
    elif index < 0x80:
        key, nibbles = index, 2
    elif index < 0x100:
        key, nibbles = 0x8100 | index, 4
    elif index < 0x10000:
        key, nibbles = 0x820000 | index, 6
    else:
        key, nibbles = 0x83000000 | index, 8
    return (key >> (4 * (nibbles - 1 - place))) & 15 if place < nibbles else 16


@njit(cache=True, nogil=True)
def _index_at(rank: int, count: int) -> int:
    """The index whose key is number `rank` in the order of keys: 1 ... 127, 0, 128 ..."""
    low = min(count - 1, 0x7F)
    if rank < low:
        return rank + 1
    return 0 if rank == low else rank


@njit(cache=True, nogil=True)
def _head(out: Bytes, at: int, length: int, base: int) -> int:
    """RLP's length of a string (base 0x80) or list (0xc0) at out[at]; returns the place behind it."""
    if length < 56:
        out[at] = base + length
        return at + 1
    width = 1
    while length >> (8 * width):
        width += 1
    out[at] = base + 55 + width
    for byte in range(width):
        out[at + 1 + byte] = (length >> (8 * (width - 1 - byte))) & 255
    return at + 1 + width


@njit(cache=True, nogil=True)
def _path(out: Bytes, at: int, index: int, start: int, end: int, is_leaf: bool) -> int:
    """Hex-prefix form of nibbles start ... end - 1 of a key, as an RLP string at out[at]; returns the place behind it."""
    length = 1 + (end - start) // 2
    if length > 1:
        out[at] = 0x80 + length
        at += 1
    is_odd = (end - start) & 1
    flag = 32 * is_leaf + 16 * is_odd
    out[at] = flag + (_nibble(index, start) if is_odd else 0)
    for byte in range(length - 1):
        place = start + is_odd + 2 * byte
        out[at + 1 + byte] = 16 * _nibble(index, place) + _nibble(index, place + 1)
    return at + length


@njit(cache=True, nogil=True)
def _refer(node: Bytes, start: int, end: int, out: Bytes, at: int) -> int:
    """What stands for a node in its parent: itself if short, else its hash; returns the place behind it."""
    if end - start < _INLINE_BELOW:
        out[at : at + end - start] = node[start:end]
        return at + end - start
    out[at] = 0xA0
    _keccak(node, start, end, out, at + 1)
    return at + 33


@njit(cache=True, nogil=True)
def _leaf(data: Bytes, offsets: Offsets, base: int, index: int, depth: int, scratch: Bytes) -> tuple[int, int]:
    """Encode the leaf of one key below `depth` nibbles; returns where in scratch it starts and ends."""
    end_of_key = depth
    while _nibble(index, end_of_key) < 16:
        end_of_key += 1
    value, stop = offsets[base + index], offsets[base + index + 1]
    body = _path(scratch, 16, index, depth, end_of_key, 1)
    if stop - value != 1 or data[value] >= 0x80:
        body = _head(scratch, body, stop - value, 0x80)
    scratch[body : body + stop - value] = data[value:stop]
    body += stop - value
    head = _head(scratch, 0, body - 16, 0xC0)
    scratch[16 - head : 16] = scratch[:head].copy()
    return 16 - head, body


@njit(cache=True, nogil=True)
def _close(space: Bytes, filled: Offsets, index: int, branch: int, above: int) -> tuple[int, int, int]:
    """Finish the branch that `branch` nibbles lead to, under the one at `above`; returns row, start and end of its node.

    Between the two an extension holds the nibbles that all keys below share; it is written into the row above the branch's
    children, which are done.
    """
    row = space[branch]
    for _ in range(filled[branch, 1], 17):  # what follows, and the 17th place: no key is a prefix of another
        row[filled[branch, 0]] = 0x80
        filled[branch, 0] += 1
    body = filled[branch, 0]
    head = _head(row, 0, body - 8, 0xC0)
    row[8 - head : 8] = row[:head].copy()
    if branch == above + 1:
        return branch, 8 - head, body
    over = space[branch + 1]
    end = _path(over, 8, index, above + 1, branch, 0)
    end = _refer(row, 8 - head, body, over, end)
    head = _head(over, 0, end - 8, 0xC0)
    over[8 - head : 8] = over[:head].copy()
    return branch + 1, 8 - head, end


@njit(cache=True, nogil=True)
def _hang(node: Bytes, start: int, end: int, space: Bytes, filled: Offsets, branch: int, nibble: int) -> None:
    """Put a node under a nibble of an open branch."""
    for _ in range(filled[branch, 1], nibble):
        space[branch, filled[branch, 0]] = 0x80
        filled[branch, 0] += 1
    filled[branch, 0] = _refer(node, start, end, space[branch], filled[branch, 0])
    filled[branch, 1] = nibble + 1


@njit(cache=True, nogil=True)
def _shared(one: int, other: int) -> int:
    """How many nibbles two keys begin with in common."""
    depth = 0
    while _nibble(one, depth) == _nibble(other, depth):
        depth += 1
    return depth


@njit(cache=True, nogil=True)
def _root(
    data: Bytes,
    offsets: Offsets,
    base: int,
    count: int,
    scratch: Bytes,
    space: Bytes,
    filled: Offsets,
    stack: Offsets,
    out: Bytes,
) -> None:
    """The root of one trie: keys in order, each hung into the branch it shares with a neighbour, branches closed behind it.

    Written without recursion: compiled code that calls itself cannot be read back from numba's cache.
    """
    opened, before = 0, -1
    for rank in range(count):
        index = _index_at(rank, count)
        after = _shared(index, _index_at(rank + 1, count)) if rank + 1 < count else -1
        branch = max(before, after)
        start, end = _leaf(data, offsets, base, index, branch + 1, scratch)
        if branch < 0:
            _keccak(scratch, start, end, out, 0)
            return
        if opened == 0 or stack[opened - 1] < branch:
            stack[opened], opened = branch, opened + 1
            filled[branch, 0], filled[branch, 1] = 8, 0
        _hang(scratch, start, end, space, filled, branch, _nibble(index, branch))
        while opened and stack[opened - 1] > after:
            opened -= 1
            closed = stack[opened]
            above = max(after, stack[opened - 1] if opened else -1)
            row, start, end = _close(space, filled, index, closed, above)
            if above < 0:
                _keccak(space[row], start, end, out, 0)
                return
            if opened == 0 or stack[opened - 1] < above:
                stack[opened], opened = above, opened + 1
                filled[above, 0], filled[above, 1] = 8, 0
            _hang(space[row], start, end, space, filled, above, _nibble(index, above))
        before = after


@njit(cache=True, nogil=True)
def _ordered_roots(data: Bytes, offsets: Offsets, sizes: Offsets) -> Bytes:
    longest = 0
    for index in range(len(offsets) - 1):
        longest = max(longest, offsets[index + 1] - offsets[index])
    scratch, space = np.empty(longest + 64, np.uint8), np.empty((_DEPTHS, _BRANCH_BYTES + 64), np.uint8)
    filled, stack = np.empty((_DEPTHS, 2), np.int64), np.empty(_DEPTHS, np.int64)
    roots = np.empty((len(sizes), 32), np.uint8)
    base = 0
    for group in range(len(sizes)):
        if sizes[group] == 0:
            scratch[0] = 0x80
            _keccak(scratch, 0, 1, roots[group], 0)
        else:
            _root(data, offsets, base, sizes[group], scratch, space, filled, stack, roots[group])
        base += sizes[group]
    return roots
