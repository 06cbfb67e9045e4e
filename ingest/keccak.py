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
_Row: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64, np.uint64]

_RATE = 136
_INLINE_BELOW = 32
_BRANCH_BYTES = 17 * 33 + 4
_DEPTHS = 12
_BLOOM_BITS = 2048

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


def keccak_each(data: Bytes, offsets: Offsets) -> Bytes:
    """Keccak-256 of every string: `data` holds them end to end, string i is data[offsets[i]:offsets[i + 1]]; (n, 32)."""
    return _keccak_each(data, offsets)


def bloom_bits(digests: Bytes) -> Offsets:
    """The three bits of 2048 that a string with each of these digests sets in a bloom filter; (n, 3). Yellow paper, 4.3.1."""
    pairs = digests[:, :6].astype(np.int64)
    return ((pairs[:, 0::2] << 8) | pairs[:, 1::2]) % _BLOOM_BITS


def ordered_roots(data: Bytes, offsets: Offsets, sizes: Offsets) -> Bytes:
    """Root of the trie {rlp(0): first string, rlp(1): second, ...} of each group of strings; (groups, 32).

    `data` and `offsets` as in `keccak_each`; group g is the next sizes[g] strings (0: the empty trie's root). Strings must
    not be empty.
    """
    return _ordered_roots(data, offsets, sizes)


@njit(cache=True, nogil=True)
def _turn(lane: np.uint64, bits: int) -> np.uint64:
    return (lane << np.uint64(bits)) | (lane >> np.uint64(64 - bits))


@njit(cache=True, nogil=True)
def _mix(v: np.uint64, w: np.uint64, x: np.uint64, y: np.uint64, z: np.uint64) -> _Row:
    """The step that is not linear (chi), of one row."""
    return v ^ (~w & x), w ^ (~x & y), x ^ (~y & z), y ^ (~z & v), z ^ (~v & w)


@njit(cache=True, nogil=True)
def _permute(state: Words) -> None:
    """Keccak-f[1600] in place, written out: with every lane in a register it takes half the time of loops over arrays.

    Rows of the state are a … e, columns 0 … 4; p are the parities of columns, t what is added to them.
    """
    a0, a1, a2, a3, a4 = state[0], state[1], state[2], state[3], state[4]
    b0, b1, b2, b3, b4 = state[5], state[6], state[7], state[8], state[9]
    c0, c1, c2, c3, c4 = state[10], state[11], state[12], state[13], state[14]
    d0, d1, d2, d3, d4 = state[15], state[16], state[17], state[18], state[19]
    e0, e1, e2, e3, e4 = state[20], state[21], state[22], state[23], state[24]
    for number in range(24):
        p0, p1, p2 = a0 ^ b0 ^ c0 ^ d0 ^ e0, a1 ^ b1 ^ c1 ^ d1 ^ e1, a2 ^ b2 ^ c2 ^ d2 ^ e2
        p3, p4 = a3 ^ b3 ^ c3 ^ d3 ^ e3, a4 ^ b4 ^ c4 ^ d4 ^ e4
        t0, t1, t2 = p4 ^ _turn(p1, 1), p0 ^ _turn(p2, 1), p1 ^ _turn(p3, 1)
        t3, t4 = p2 ^ _turn(p4, 1), p3 ^ _turn(p0, 1)
        # fmt: off
        (a0, a1, a2, a3, a4), (b0, b1, b2, b3, b4), (c0, c1, c2, c3, c4), (d0, d1, d2, d3, d4), (e0, e1, e2, e3, e4) = (
            _mix(a0 ^ t0, _turn(b1 ^ t1, 44), _turn(c2 ^ t2, 43), _turn(d3 ^ t3, 21), _turn(e4 ^ t4, 14)),
            _mix(_turn(a3 ^ t3, 28), _turn(b4 ^ t4, 20), _turn(c0 ^ t0, 3), _turn(d1 ^ t1, 45), _turn(e2 ^ t2, 61)),
            _mix(_turn(a1 ^ t1, 1), _turn(b2 ^ t2, 6), _turn(c3 ^ t3, 25), _turn(d4 ^ t4, 8), _turn(e0 ^ t0, 18)),
            _mix(_turn(a4 ^ t4, 27), _turn(b0 ^ t0, 36), _turn(c1 ^ t1, 10), _turn(d2 ^ t2, 15), _turn(e3 ^ t3, 56)),
            _mix(_turn(a2 ^ t2, 62), _turn(b3 ^ t3, 55), _turn(c4 ^ t4, 39), _turn(d0 ^ t0, 41), _turn(e1 ^ t1, 2)),
        )
        # fmt: on
        a0 ^= _ROUND_CONSTANTS[number]
    state[0], state[1], state[2], state[3], state[4] = a0, a1, a2, a3, a4
    state[5], state[6], state[7], state[8], state[9] = b0, b1, b2, b3, b4
    state[10], state[11], state[12], state[13], state[14] = c0, c1, c2, c3, c4
    state[15], state[16], state[17], state[18], state[19] = d0, d1, d2, d3, d4
    state[20], state[21], state[22], state[23], state[24] = e0, e1, e2, e3, e4


@njit(cache=True, nogil=True)
def _word(data: Bytes, at: int) -> np.uint64:
    """Eight bytes from data[at], little-endian."""
    word = np.uint64(0)
    for byte in range(8):
        word |= np.uint64(data[at + byte]) << np.uint64(8 * byte)
    return word


@njit(cache=True, nogil=True)
def _keccak(data: Bytes, start: int, end: int, out: Bytes, at: int) -> None:
    """Keccak-256 of data[start:end] into out[at:at + 32]."""
    state = np.zeros(25, np.uint64)
    place = start
    while end - place >= _RATE:
        for lane in range(_RATE // 8):
            state[lane] ^= _word(data, place + 8 * lane)
        _permute(state)
        place += _RATE
    whole = (end - place) // 8
    for lane in range(whole):
        state[lane] ^= _word(data, place + 8 * lane)
    rest = end - place
    for byte in range(8 * whole, rest):
        state[byte >> 3] ^= np.uint64(data[place + byte]) << np.uint64(8 * (byte & 7))
    state[rest >> 3] ^= np.uint64(1) << np.uint64(8 * (rest & 7))
    state[_RATE // 8 - 1] ^= np.uint64(0x80) << np.uint64(56)
    _permute(state)
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
def put_length(out: Bytes, at: int, length: int, base: int) -> int:
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
        body = put_length(scratch, body, stop - value, 0x80)
    scratch[body : body + stop - value] = data[value:stop]
    body += stop - value
    head = put_length(scratch, 0, body - 16, 0xC0)
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
    head = put_length(row, 0, body - 8, 0xC0)
    row[8 - head : 8] = row[:head].copy()
    if branch == above + 1:
        return branch, 8 - head, body
    over = space[branch + 1]
    end = _path(over, 8, index, above + 1, branch, 0)
    end = _refer(row, 8 - head, body, over, end)
    head = put_length(over, 0, end - 8, 0xC0)
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
