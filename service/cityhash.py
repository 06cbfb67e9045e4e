"""CityHash128 1.0.2: the checksum of ClickHouse's compressed blocks, which stayed with this version of it.

Source: Pike and Alakuijala, "Introducing CityHash" (Google, 2011), version 1.0.2, as ClickHouse keeps it in
contrib/cityhash102; later versions give other numbers. Compiled, because Python alone hashes 6 MB/s. Arithmetic is
modulo 2^64 throughout; names follow the source.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

_K0 = np.uint64(0xC3A5C85C97CB3127)
_K1 = np.uint64(0xB492B66FBE98F273)
_K2 = np.uint64(0x9AE16A3B2F90404F)
_K3 = np.uint64(0xC949D7C7509E6557)
_MUL = np.uint64(0x9DDFEA08EB382D69)
_BYTES = npt.NDArray[np.uint8]


def cityhash128(block: bytes) -> bytes:
    """The 16 bytes that stand before a block: the low half and the high half, little-endian."""
    low, high = _hash(np.frombuffer(block, dtype=np.uint8))
    return int(low).to_bytes(8, "little") + int(high).to_bytes(8, "little")


@njit(cache=True, nogil=True)
def _fetch(s: _BYTES, at: int, count: int) -> np.uint64:
    value = np.uint64(0)
    for place in range(count):
        value |= np.uint64(s[at + place]) << np.uint64(8 * place)
    return value


@njit(cache=True, nogil=True)
def _rotate(value: np.uint64, shift: int) -> np.uint64:
    return (value >> np.uint64(shift)) | (value << np.uint64(64 - shift))


@njit(cache=True, nogil=True)
def _mix(value: np.uint64) -> np.uint64:
    return value ^ (value >> np.uint64(47))


@njit(cache=True, nogil=True)
def _len16(u: np.uint64, v: np.uint64) -> np.uint64:
    a = _mix((u ^ v) * _MUL)
    return _mix((v ^ a) * _MUL) * _MUL


@njit(cache=True, nogil=True)
def _len0to16(s: _BYTES, at: int, count: int) -> np.uint64:
    size = np.uint64(count)
    if count > 8:
        b = _fetch(s, at + count - 8, 8)
        return _len16(_fetch(s, at, 8), _rotate(b + size, count)) ^ b
    if count >= 4:
        return _len16(size + (_fetch(s, at, 4) << np.uint64(3)), _fetch(s, at + count - 4, 4))
    if count > 0:
        y = np.uint64(s[at]) + (np.uint64(s[at + (count >> 1)]) << np.uint64(8))
        z = size + (np.uint64(s[at + count - 1]) << np.uint64(2))
        return _mix(y * _K2 ^ z * _K3) * _K2
    return _K2


@njit(cache=True, nogil=True)
def _weak(s: _BYTES, at: int, a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """WeakHashLen32WithSeeds: 32 bytes and two seeds."""
    z = _fetch(s, at + 24, 8)
    a += _fetch(s, at, 8)
    b = _rotate(b + a + z, 21)
    c = a
    a += _fetch(s, at + 8, 8)
    a += _fetch(s, at + 16, 8)
    b += _rotate(a, 44)
    return a + z, b + c


@njit(cache=True, nogil=True)
def _murmur(s: _BYTES, at: int, count: int, a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """CityMurmur: up to 127 bytes after the seed."""
    if count <= 16:
        a = _mix(a * _K1) * _K1
        c = b * _K1 + _len0to16(s, at, count)
        d = _mix(a + (_fetch(s, at, 8) if count >= 8 else c))
    else:
        c = _len16(_fetch(s, at + count - 8, 8) + _K1, a)
        d = _len16(b + np.uint64(count), c + _fetch(s, at + count - 16, 8))
        a += d
        left = count - 16
        while left > 0:
            a = (a ^ _mix(_fetch(s, at, 8) * _K1) * _K1) * _K1
            b ^= a
            c = (c ^ _mix(_fetch(s, at + 8, 8) * _K1) * _K1) * _K1
            d ^= c
            at += 16
            left -= 16
    a = _len16(a, c)
    b = _len16(d, b)
    return a ^ b, _len16(b, a)


@njit(cache=True, nogil=True)
def _long(s: _BYTES, at: int, count: int, x: np.uint64, y: np.uint64) -> tuple[np.uint64, np.uint64]:
    """128 bytes and more after the seed."""
    z = np.uint64(count) * _K1
    v0 = _rotate(y ^ _K1, 49) * _K1 + _fetch(s, at, 8)
    v1 = _rotate(v0, 42) * _K1 + _fetch(s, at + 8, 8)
    w0 = _rotate(y + z, 35) * _K1 + x
    w1 = _rotate(x + _fetch(s, at + 88, 8), 53) * _K1
    for _ in range(count // 128 * 2):
        x = _rotate(x + y + v0 + _fetch(s, at + 16, 8), 37) * _K1
        y = _rotate(y + v1 + _fetch(s, at + 48, 8), 42) * _K1
        x ^= w1
        y ^= v0
        z = _rotate(z ^ w0, 33)
        v0, v1 = _weak(s, at, v1 * _K1, x + w0)
        w0, w1 = _weak(s, at + 32, z + w1, y)
        z, x = x, z
        at += 64
    count %= 128
    y += _rotate(w0, 37) * _K0 + z
    x += _rotate(v0 + z, 49) * _K0
    done = 0
    while done < count:
        done += 32
        y = _rotate(y - x, 42) * _K0 + v1
        w0 += _fetch(s, at + count - done + 16, 8)
        x = _rotate(x, 49) * _K0 + w0
        w0 += v0
        v0, v1 = _weak(s, at + count - done, v0, v1)
    x = _len16(x, v0)
    y = _len16(y, w0)
    return _len16(x + v1, w1) + y, _len16(x + w1, y + v1)


@njit(cache=True, nogil=True)
def _hash(s: _BYTES) -> tuple[np.uint64, np.uint64]:
    count = len(s)
    if count < 8:
        return _murmur(s, 0, count, _K0, _K1)
    if count < 16:
        return _murmur(s, 0, 0, _fetch(s, 0, 8) ^ (np.uint64(count) * _K0), _fetch(s, count - 8, 8) ^ _K1)
    x, y = _fetch(s, 0, 8) ^ _K3, _fetch(s, 8, 8)
    if count < 144:
        return _murmur(s, 16, count - 16, x, y)
    return _long(s, 16, count - 16, x, y)
