"""ClickHouse's own compressed blocks (compress=1, decompress=1), which its JDBC driver speaks by default.

A block is a checksum (CityHash128 of all that follows), one byte for the method (0x82 LZ4, 0x90 ZSTD, 0x02 none), the
size of the block without the checksum and the size of what is inside, both 32 bits little-endian, then the bytes:
ClickHouse, src/Compression/CompressedReadBufferBase.cpp.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import lz4.block  # type: ignore[import-untyped]
import zstandard

from service.cityhash import cityhash128
from sql.refusals import Refusal

_CHECKSUM_BYTES = 16
_HEAD = struct.Struct("<BII")
_LZ4, _ZSTD, _NONE = 0x82, 0x90, 0x02
_LARGEST_BLOCK = 64 << 20
_BLOCK_BYTES = 1 << 20  # what ClickHouse writes itself: max_compress_block_size


def pack_blocks(plain: bytes) -> bytes:
    """The blocks, LZ4 each, that say these bytes; nothing for nothing."""
    packed = bytearray()
    for start in range(0, len(plain), _BLOCK_BYTES):
        piece = plain[start : start + _BLOCK_BYTES]
        inside = lz4.block.compress(piece, store_size=False)
        block = _HEAD.pack(_LZ4, len(inside) + _HEAD.size, len(piece)) + inside
        packed += cityhash128(block) + block
    return bytes(packed)


class BlockReader:
    """Takes bytes as they come and gives what is in the blocks; raises `Refusal` for what is no block or is damaged."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What the blocks hold that are complete now."""
        self._kept += piece
        while len(self._kept) >= _CHECKSUM_BYTES + _HEAD.size:
            method, size, plain_size = _HEAD.unpack_from(self._kept, _CHECKSUM_BYTES)
            if not _HEAD.size <= size <= _LARGEST_BLOCK or plain_size > _LARGEST_BLOCK:
                raise Refusal(
                    271, "CANNOT_DECOMPRESS", f"A compressed block of {size} bytes that holds {plain_size} is none."
                )
            if len(self._kept) < _CHECKSUM_BYTES + size:
                return
            checksum = bytes(self._kept[:_CHECKSUM_BYTES])
            block = bytes(self._kept[_CHECKSUM_BYTES : _CHECKSUM_BYTES + size])
            del self._kept[: _CHECKSUM_BYTES + size]
            if cityhash128(block) != checksum:
                raise Refusal(40, "CHECKSUM_DOESNT_MATCH", "Checksum doesn't match: corrupted data in a block.")
            yield _unpack(method, block[_HEAD.size :], plain_size)

    def finish(self) -> None:
        """Raises `Refusal` when a block is missing its end."""
        if self._kept:
            raise Refusal(271, "CANNOT_DECOMPRESS", "The last compressed block is cut off.")


def _unpack(method: int, inside: bytes, plain_size: int) -> bytes:
    try:
        if method == _LZ4:
            plain = lz4.block.decompress(inside, uncompressed_size=plain_size)
        elif method == _ZSTD:
            plain = zstandard.ZstdDecompressor().decompress(inside, max_output_size=plain_size)
        elif method == _NONE:
            plain = inside
        else:
            raise Refusal(89, "UNKNOWN_COMPRESSION_METHOD", f"Unknown compression method {method:#04x}.")
    except (lz4.block.LZ4BlockError, zstandard.ZstdError, ValueError) as error:
        raise Refusal(271, "CANNOT_DECOMPRESS", f"A compressed block cannot be read: {error}.") from error
    if len(plain) != plain_size:
        raise Refusal(271, "CANNOT_DECOMPRESS", f"A block holds {len(plain)} bytes and says {plain_size}.")
    return bytes(plain)
