"""Do staged blocks and receipts say the same of their places, as honest nodes write it? Quickly; a no proves nothing.

What agrees here letter by letter, or number by number, agrees for sql/disagreements/ too. Where anything does not, or is
written as nobody writes it, those statements are asked: they allow what may differ, and name what may not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingest.keccak import Offsets
from ingest.texts import Flags, Numbers, Texts, places, texts

_LAST_COMMON_TYPE = 4
_LATEST_TIME = 1 << 32
_ADDRESS_LETTERS, _WORD_LETTERS, _SHORT_LETTERS = 42, 66, 18
_HALF = np.uint64(1 << 63)
_LATER_FORKS = (
    "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
)  # fmt: skip


@dataclass(frozen=True)
class Staged:
    """What the statements of sql/proofs/ gave: one block a row, ascending."""

    headers: pa.Table
    transactions: pa.Table
    receipts: pa.Table

    @property
    def block_numbers(self) -> Numbers:
        """Of the blocks."""
        return np.asarray(self.headers.column("block_number"), np.uint64)

    @property
    def sizes(self) -> Offsets:
        """How many transactions each block has."""
        return np.asarray(self.headers.column("transaction_count"))


def are_of_chain(rows: pa.Table, chain_id: int) -> bool:
    """Whether every transaction says, plainly, that it was signed for this chain, or for any."""
    stated, type_, v = (texts(rows, name) for name in ("chainId", "type", "v"))
    (chains, are_chains), (kinds, _), (parities, are_parities) = stated.numbers, type_.numbers, v.numbers
    signed_for = np.where(parities >= 35, (parities - np.uint64(35)) // np.uint64(2), np.uint64(chain_id))
    by_signature = ~stated.given & ((kinds != 0) | (are_parities & (signed_for == np.uint64(chain_id))))
    return bool(((are_chains & (chains == np.uint64(chain_id))) | by_signature).all())


def agree(staged: Staged) -> bool:
    """Whether headers, transactions, receipts and logs agree with each other."""
    return _headers_agree(staged) and _transactions_agree(staged) and _receipts_agree(staged)


def are_plain(staged: Staged) -> bool:
    """Whether the fields that no hash covers are written as they should be (proofs/malformed_uncovered)."""
    (times, are_times), size = texts(staged.headers, "timestamp").numbers, texts(staged.headers, "size")
    receiver, data = texts(staged.transactions, "to"), texts(staged.transactions, "input")
    unsaid = [texts(staged.receipts, name) for name in ("blobGasUsed", "blobGasPrice", "contractAddress")]
    are_written = all(_are_short(column) for column in unsaid[:2])
    removed = texts(staged.receipts, "log_removed")
    return (
        bool((are_times & (times < _LATEST_TIME)).all())
        and _are_short(size)
        and bool((~receiver.given | (receiver.lengths == _ADDRESS_LETTERS)).all())
        and data.start_with_0x()
        and are_written
        and unsaid[2].are_addresses()
        and bool((~removed.given | removed.are_one_of("false")).all())
    )


def _headers_agree(staged: Staged) -> bool:
    """No field of a later fork without those of earlier ones."""
    given = np.stack([texts(staged.headers, name).given for name in _LATER_FORKS])
    return bool((given[1:] <= given[:-1]).all())


def _transactions_agree(staged: Staged) -> bool:
    rows, sizes = staged.transactions, staged.sizes
    block = np.repeat(np.arange(len(sizes)), sizes)
    kind = texts(rows, "type")
    return (
        texts(rows, "blockHash").are(texts(staged.headers, "hash"), block)
        and _are(texts(rows, "blockNumber"), staged.block_numbers[block])
        and _are(texts(rows, "transactionIndex"), _counted(sizes))
        and bool((kind.numbers[1] & (kind.numbers[0] <= _LAST_COMMON_TYPE)).all())
        and _prices_agree(staged, block)
    )


def _prices_agree(staged: Staged, block: Offsets) -> bool:
    """The price paid is the least of the cap and base fee plus tip cap (EIP-1559); older transactions state it themselves."""
    rows = staged.transactions
    (price, is_price), cap, tip = (
        texts(rows, "gasPrice").numbers, texts(rows, "maxFeePerGas"), texts(rows, "maxPriorityFeePerGas")
    )  # fmt: skip
    base = texts(staged.headers, "baseFeePerGas")
    are_small = [~column.given | (column.numbers[1] & (column.numbers[0] < _HALF)) for column in (cap, tip, base)]
    paid = np.minimum(cap.numbers[0], base.numbers[0][block] + tip.numbers[0])
    is_sure = is_price & are_small[0] & are_small[1] & are_small[2][block]
    return bool((is_sure & (~cap.given | (price == paid))).all())


def _receipts_agree(staged: Staged) -> bool:
    """Receipts with their transactions, and their logs with them; without any receipts there is nothing to compare."""
    rows, sent, sizes = staged.receipts, staged.transactions, staged.sizes
    if not rows.num_rows:
        return True
    if not np.array_equal(np.asarray(rows.column("block_number")), staged.block_numbers) or not np.array_equal(
        np.diff(places(rows, "transactionHash")), sizes
    ):
        return False
    block = np.repeat(np.arange(len(sizes)), sizes)
    index = _counted(sizes)
    types, price = texts(rows, "type"), texts(rows, "effectiveGasPrice")
    stated_price = texts(sent, "gasPrice").numbers[0]
    return (
        texts(rows, "blockHash").are(texts(staged.headers, "hash"), block)
        and _are(texts(rows, "blockNumber"), staged.block_numbers[block])
        and _are(texts(rows, "transactionIndex"), index)
        and all(texts(rows, name).are(texts(sent, of)) for name, of in _SAID_OF_TRANSACTIONS)
        and bool((types.numbers[1] & (types.numbers[0] == texts(sent, "type").numbers[0])).all())
        and bool((~price.given | (price.numbers[1] & (price.numbers[0] == stated_price))).all())
        and _gas_agrees(rows, index)
        and bool(_have_outcome(rows).all())
        and _logs_agree(staged, block, index)
    )


_SAID_OF_TRANSACTIONS = (("transactionHash", "hash"), ("from", "from"), ("to", "to"))


def _gas_agrees(rows: pa.Table, index: Numbers) -> bool:
    (cumulative, are_cumulative), used = texts(rows, "cumulativeGasUsed").numbers, texts(rows, "gasUsed")
    before = np.where(index == 0, np.uint64(0), np.concatenate([cumulative[:1], cumulative[:-1]]))
    grows = are_cumulative & (cumulative >= before) & (cumulative < _HALF)
    return bool(grows.all()) and _are(used, cumulative - before)


def _have_outcome(rows: pa.Table) -> Flags:
    """Before Byzantium a receipt has a state root, since then a status, never both."""
    status, root = texts(rows, "status"), texts(rows, "root")
    has_no_root = (root.lengths == 0) | root.are_one_of("0x")
    is_old = (root.lengths == _WORD_LETTERS) & (status.lengths == 0)
    return np.where(has_no_root, status.are_one_of("0x0", "0x1"), is_old)


def _logs_agree(staged: Staged, block: Offsets, index: Numbers) -> bool:
    rows = staged.receipts
    per_receipt = np.diff(places(rows, "log_logIndex", 1))
    receipt = np.repeat(np.arange(len(per_receipt)), per_receipt)
    per_block = np.bincount(block, weights=per_receipt, minlength=len(staged.sizes)).astype(np.int64)
    return (
        texts(rows, "log_blockHash").are(texts(rows, "blockHash"), receipt)
        and texts(rows, "log_transactionHash").are(texts(rows, "transactionHash"), receipt)
        and _are(texts(rows, "log_blockNumber"), staged.block_numbers[block][receipt])
        and _are(texts(rows, "log_transactionIndex"), index[receipt])
        and _are(texts(rows, "log_logIndex"), _counted(per_block))
    )


def _are_short(stated: Texts) -> bool:
    """Every text is null, or a quantity of at most 16 digits, counting leading zeros."""
    return bool((~stated.given | (stated.numbers[1] & (stated.lengths <= _SHORT_LETTERS))).all())


def _are(stated: Texts, numbers: Numbers) -> bool:
    """Every text is the quantity it should be."""
    said, are_numbers = stated.numbers
    return len(said) == len(numbers) and bool((are_numbers & (said == numbers)).all())


def _counted(sizes: Offsets) -> Numbers:
    """0, 1, 2 … of each block."""
    starts = np.cumsum(sizes) - sizes
    return (np.arange(int(sizes.sum())) - np.repeat(starts, sizes)).astype(np.uint64)
