"""What a node gave for one block, checked against itself: the right number, receipts and traces of this very block.

Only the fields that say so are read; the rest stays bytes. Whether the content gives the hash is proven later, by recomputing it
(ingest/proofs.py); this is what can be known before, and without waiting for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ingest.call_traces import as_block_traces, read_call_traces
from ingest.calls import is_null
from ingest.source import read_number
from ingest.troubles import Kind, Trouble


class _Named(msgspec.Struct):
    hash: str


class _Block(msgspec.Struct, rename="camel"):
    number: str
    hash: str
    parent_hash: str
    transactions: list[_Named]


class _Numbered(msgspec.Struct):
    number: str


class _OfBlock(msgspec.Struct, rename="camel"):
    block_hash: str | None = None


_NUMBER_BITS = 63
_BLOCK = msgspec.json.Decoder(_Block)
_NUMBERED = msgspec.json.Decoder(_Numbered)
_OF_BLOCK = msgspec.json.Decoder(_OfBlock)
_ALL_OF_BLOCK = msgspec.json.Decoder(list[_OfBlock])


@dataclass(frozen=True)
class BlockAnswer:
    """One block as a node gave it, and the names that its receipts and traces must bear."""

    number: int
    block_hash: str
    parent_hash: str
    transactions: tuple[str, ...]
    """Their hashes."""
    payload: bytes


def read_block(result: msgspec.Raw | Trouble, number: int) -> BlockAnswer:
    """The block that was asked for; raises `Trouble` when this is none, or another one."""
    if isinstance(result, Trouble):
        raise result
    if is_null(result):
        raise Trouble(Kind.BEHIND, f"null for block {number}")
    try:
        block = _BLOCK.decode(result)
        given = _block_number(block.number)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Trouble(Kind.LIE, f"for block {number} something that is no block with transactions ({error})") from error
    if given != number:
        raise Trouble(Kind.LIE, f"block {given} where block {number} was asked for")
    return BlockAnswer(
        number,
        block.hash.lower(),
        block.parent_hash.lower(),
        tuple(transaction.hash for transaction in block.transactions),
        bytes(result),
    )


def read_tagged(result: msgspec.Raw | Trouble) -> int | None:
    """The number of a block asked for by tag; None where the node does not say."""
    if isinstance(result, Trouble) or is_null(result):
        return None
    try:
        return _block_number(_NUMBERED.decode(result).number)
    except (ValueError, RecursionError):
        return None


def read_receipts(result: msgspec.Raw | Trouble, block: BlockAnswer) -> bytes:
    """The receipts of this block, as a line; raises `Trouble` when they are of another one, too few, or none."""
    if isinstance(result, Trouble):
        raise result
    if is_null(result):
        raise Trouble(Kind.BEHIND, f"null for the receipts of block {block.number}")
    _check_hashes(result, block, "receipts", expected=len(block.transactions))
    return line_of(block.number, "receipts", result)


def read_single_receipts(results: Sequence[msgspec.Raw | Trouble], block: BlockAnswer) -> bytes:
    """Receipts that were asked for one by one, as a line; raises `Trouble` as `read_receipts` does."""
    pieces: list[bytes] = []
    for result, transaction in zip(results, block.transactions, strict=True):
        if isinstance(result, Trouble):
            raise result
        if is_null(result):
            raise Trouble(Kind.BEHIND, f"null for the receipt of {transaction} in block {block.number}")
        try:
            named = _OF_BLOCK.decode(result).block_hash or ""
        except (ValueError, RecursionError) as error:
            raise Trouble(Kind.LIE, f"for {transaction} something that is no receipt ({error})") from error
        if named.lower() != block.block_hash:
            raise _of_another_block("a receipt", named, block)
        pieces.append(bytes(result))
    return line_of(block.number, "receipts", b"[" + b",".join(pieces) + b"]")


def read_traces(result: msgspec.Raw | Trouble, block: BlockAnswer) -> bytes:
    """trace_block's answer for this block, as a line; raises `Trouble` when it is of another one, or empty without reason."""
    if isinstance(result, Trouble):
        raise result
    if is_null(result):
        raise Trouble(Kind.BEHIND, f"null for the traces of block {block.number}")
    found = _check_hashes(result, block, "traces")
    if not found and block.transactions and block.number:
        raise Trouble(Kind.BEHIND, f"no trace of the {len(block.transactions)} transactions of block {block.number}")
    return line_of(block.number, "traces", result)


def read_debug_traces(result: msgspec.Raw | Trouble, block: BlockAnswer) -> bytes:
    """What callTracer says of this block in trace_block's form, as a line; raises `Trouble` as `read_traces` does."""
    if isinstance(result, Trouble):
        raise result
    if is_null(result):
        raise Trouble(Kind.BEHIND, f"null for the traces of block {block.number}")
    try:
        traces = as_block_traces(
            read_call_traces(result),
            number=block.number,
            block_hash=block.block_hash,
            transactions=block.transactions,
        )
    except (ValueError, RecursionError) as error:
        raise Trouble(Kind.LIE, f"{error} in block {block.number}") from error
    return line_of(block.number, "traces", traces)


def line_of(number: int, key: str, content: bytes | msgspec.Raw) -> bytes:
    """One line of an archive: `{"number": …, key: …}`.

    >>> line_of(16, "receipts", b"[]")
    b'{"number":"0x10","receipts":[]}'
    """
    return b"".join((b'{"number":"%b","%b":' % (hex(number).encode(), key.encode()), memoryview(content), b"}"))


def _block_number(stated: str) -> int:
    number = read_number(stated)
    if number < 0 or number.bit_length() > _NUMBER_BITS:  # one of thousands of digits cannot even be printed
        raise ValueError("a number that no block has")
    return number


def _check_hashes(result: msgspec.Raw, block: BlockAnswer, what: str, expected: int | None = None) -> int:
    """Every entry names this block; returns how many there are."""
    try:
        entries = _ALL_OF_BLOCK.decode(result)
    except (ValueError, RecursionError) as error:
        raise Trouble(Kind.LIE, f"for block {block.number} something that is no list of {what} ({error})") from error
    wrong = {named for entry in entries if (named := entry.block_hash) != block.block_hash}
    for named in wrong:
        if (named or "").lower() != block.block_hash:
            raise _of_another_block(what, named, block)
    if expected is not None and len(entries) != expected:
        raise Trouble(Kind.LIE, f"{len(entries)} {what} for the {expected} transactions of block {block.number}")
    return len(entries)


def _of_another_block(what: str, named: str | None, block: BlockAnswer) -> Trouble:
    return Trouble(Kind.LIE, f"{what} of block hash {named} for block {block.number} with hash {block.block_hash}")
