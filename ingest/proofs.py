"""Does a block's content give the hashes its header states? One wrong byte and the batch is refused.

The store's own parser says, over the staged payloads, what each hash is of (sql/proofs/) and which fields contradict each
other (sql/disagreements/); here that is encoded and hashed, and senders are recovered from signatures. Recomputed: the header's
hash, transactionsRoot (with each transaction's own hash and sender), receiptsRoot (which covers logs), the bloom of all
logs, withdrawalsRoot. What no hash covers is held against what one does: positions, gas used, prices paid, addresses of created
contracts, root calls. Not covered by anything: `size`, `totalDifficulty` and the calls below the root.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from coincurve import PublicKey

from chainsight.chains import chain_settings, known_chains
from chainsight.errors import ProofFailed, WrongChain
from ingest.keccak import Bytes, Offsets, keccak_each, ordered_roots
from ingest.rlp import encode, replace_signatures
from sql.files import load
from sql.store import Store

# Ethereum's own transaction types; rollups have others besides.
_LAST_COMMON_TYPE = 4
_SIGNATURE_BYTES = 65
_KEY_BYTES = 64
_BLOOM_BYTES = 256
_NO_KEY = bytes(_KEY_BYTES)
_RECOVERING_THREADS = 2
_DISAGREEMENTS = ("headers", "transactions", "receipts", "logs")
_TRACE_DISAGREEMENTS = ("traces", "root_calls")


@dataclass(frozen=True)
class _Strings:
    """RLP encodings end to end, as the compiled hashes want them; empty where there is nothing that can be encoded."""

    data: Bytes
    offsets: Offsets

    @property
    def lengths(self) -> Offsets:
        return np.diff(self.offsets)

    def keccak(self) -> Bytes:
        """Of every encoding; (n, 32)."""
        return keccak_each(self.data, self.offsets)


@dataclass(frozen=True)
class _Senders:
    """The senders of transactions, those that are checked on their way to being recovered."""

    transactions: pa.Table
    checked: npt.NDArray[np.bool_]
    keys: tuple[Future[bytes], ...]

    def check(self) -> None:
        """Wait for them; raises `ProofFailed` for the first that did not sign."""
        recovered = b"".join(part.result() for part in self.keys)
        places = np.arange(self.transactions.num_rows + 1, dtype=np.int64) * _KEY_BYTES
        senders = keccak_each(np.frombuffer(recovered, np.uint8), places)[:, 12:]
        _agree(self.transactions, "sender_address", senders, _in_item("transactions", "from"), only=self.checked)


@dataclass(frozen=True)
class Proofs:
    """What of the staged blocks was recomputed and agreed, and the senders that are still being recovered."""

    proven: frozenset[str]
    """block_hash and senders (or senders_sampled); transactions_root, receipts_root with logs_bloom, and withdrawals_root where
    the source has what they are of."""
    _senders: _Senders

    def check_senders(self) -> None:
        """Wait for the keys that signed, and hold their addresses against the senders; raises `ProofFailed`."""
        self._senders.check()


def prove_staged(
    store: Store, *, chain_id: int, where: str, sender_sample: int = 1, may_lack: frozenset[str] = frozenset()
) -> Proofs:
    """Prove the blocks that are staged in this session, their senders apart, which `Proofs.check_senders` waits for.

    sender_sample: one transaction in so many, chosen anew each time, has its sender recovered; 1: every one. Transactions of
    types that only their own chain knows cannot be encoded: with one of those transactions_root is not among what is proven.
    may_lack: proofs that the source need not have the content for, though headers state their root, as a recording may not.
    Raises `ProofFailed` with block and field, and `WrongChain` naming `where` the blocks came from.
    """
    for found in store.query(load("proofs/chain_ids"), chain_id=chain_id).to_pylist():
        place = f"{where}: transaction {found['transaction_index']} of block {found['block_number']}"
        raise WrongChain(chain_id, found["chain_id"], place)
    transactions = store.query(load("proofs/transactions"))
    checked = _have_known_types(transactions)
    if sender_sample > 1:
        checked &= np.random.default_rng().integers(sender_sample, size=len(checked)) == 0
    senders = _Senders(transactions, checked, _start_recovering(transactions, checked))
    headers = store.query(load("proofs/headers"))
    _agree(headers, "block_hash", _encoded(headers, "header").keccak(), _in_block("hash"))
    proven = {"block_hash", "senders" if sender_sample == 1 else "senders_sampled"}
    if _prove_transactions(headers, transactions):
        proven.add("transactions_root")
    has_own_types = _has_own_types(chain_id)
    has_traces = store.query(load("queries/staged_traces_count")).column("traced")[0].as_py() > 0
    for name in (*_DISAGREEMENTS, *(_TRACE_DISAGREEMENTS if has_traces else ())):
        disagreement = load(f"disagreements/{name}")
        asked = {"has_own_types": int(has_own_types)} if "has_own_types" in disagreement.parameters else {}
        for found in store.query(disagreement, **asked).to_pylist():
            senders.check()  # a wrong sender would be blamed on the receipt that has the right one
            raise ProofFailed(found["block_number"], found["field"], found["stated"], found["computed"])
    receipts = store.query(load("proofs/receipts"))
    if receipts.num_rows:
        _prove_creations(transactions, receipts)
    if _prove_root(headers, "receipts_root", "receipt_count", _encoded(receipts, "receipt")):
        proven |= {"receipts_root", _prove_blooms(store.query(load("proofs/blooms")))}
    if not has_own_types and _prove_withdrawals(store, headers, may_lack):
        proven.add("withdrawals_root")
    return Proofs(frozenset(proven), senders)


def _prove_transactions(headers: pa.Table, transactions: pa.Table) -> bool:
    """The hash of every transaction, then the root of each block; whether all could be encoded."""
    envelopes, known = _encoded(transactions, "envelope"), _have_known_types(transactions)
    _agree(transactions, "transaction_hash", envelopes.keccak(), _in_item("transactions", "hash"), only=known)
    strange = np.unique(transactions.column("block_number").to_numpy()[~known])
    whole = ~np.isin(headers.column("block_number").to_numpy(), strange)
    return _prove_root(headers, "transactions_root", "transaction_count", envelopes, only=whole) and bool(known.all())


def _prove_withdrawals(store: Store, headers: pa.Table, may_lack: frozenset[str]) -> bool:
    """Rollups put another root in this place of the header; elsewhere only a recording may lack what it is of."""
    withdrawals = store.query(load("proofs/withdrawals"))
    is_proven = _prove_root(headers, "withdrawals_root", "withdrawal_count", _encoded(withdrawals, "withdrawal"))
    is_lacking = (headers.column("withdrawal_count").to_numpy() < 0) & (
        _fixed(headers, "withdrawals_root", 32) != 0
    ).any(axis=1)
    if is_lacking.any() and "withdrawals_root" not in may_lack:
        number = headers.column("block_number")[int(np.flatnonzero(is_lacking)[0])].as_py()
        raise ProofFailed(number, "withdrawals", "missing", "a list, since the header has its root")
    return is_proven


def _has_own_types(chain_id: int) -> bool:
    """Whether a chain may have transaction types of its own: rollups do, and who knows of a chain that is not known here."""
    return chain_id not in known_chains() or chain_settings(chain_id).layer > 1


def _have_known_types(transactions: pa.Table) -> npt.NDArray[np.bool_]:
    known: npt.NDArray[np.bool_] = transactions.column("kind").to_numpy() <= _LAST_COMMON_TYPE
    return known


def _start_recovering(transactions: pa.Table, checked: npt.NDArray[np.bool_]) -> tuple[Future[bytes], ...]:
    """Recover the keys that signed in threads: secp256k1 lets go of Python's lock, and takes 28 us a signature."""
    signatures = _fixed(transactions, "signature", _SIGNATURE_BYTES)
    texts = replace_signatures(*_texts(transactions, "envelope"), *_texts(transactions, "signed_suffix"))
    digests = _Strings(*encode(*texts, transactions.column("signed_items").to_numpy())).keccak()
    pool = ThreadPoolExecutor(_RECOVERING_THREADS, thread_name_prefix="senders")
    parts = np.array_split(np.arange(len(checked)), 4 * _RECOVERING_THREADS)
    keys = tuple(pool.submit(_recover, signatures[part], digests[part], checked[part]) for part in parts)
    pool.shutdown(wait=False)
    return keys


def _recover(signatures: Bytes, digests: Bytes, checked: npt.NDArray[np.bool_]) -> bytes:
    """The public keys that signed, 64 bytes each; zeros where nobody asked, and for a signature that fits no key."""
    keys = []
    for signature, digest, is_checked in zip(signatures, digests, checked, strict=True):
        key = _NO_KEY
        if is_checked:
            try:
                found = PublicKey.from_signature_and_message(signature.tobytes(), digest.tobytes(), hasher=None)
                key = found.format(compressed=False)[1:]
            except ValueError:
                pass
        keys.append(key)
    return b"".join(keys)


def _prove_creations(transactions: pa.Table, receipts: pa.Table) -> None:
    """A creation's receipt names the address that sender and nonce give; a call's names none."""
    creations = _encoded(transactions, "creation")
    created = creations.keccak()[:, 12:]
    created[creations.lengths == 0] = 0
    _agree(receipts, "contract_address", created, _in_item("receipts", "contractAddress"))


def _prove_blooms(blocks: pa.Table) -> str:
    """A header's bloom has the three bits of every address and topic of the block's logs, and no other (section 4.3.1)."""
    is_set = np.zeros((blocks.num_rows, 8 * _BLOOM_BYTES), np.bool_)
    for column, width in (("addresses_packed", 20), ("topics_packed", 32)):
        data, places = _texts(blocks, column)
        sizes = np.diff(places) // width
        digests = keccak_each(data, np.arange(sizes.sum() + 1, dtype=np.int64) * width).astype(np.int64)
        rows = np.repeat(np.arange(len(sizes)), sizes)
        for high in (0, 2, 4):
            bits = (digests[:, high] << 8 | digests[:, high + 1]) % (8 * _BLOOM_BYTES)
            is_set[rows, 8 * _BLOOM_BYTES - 1 - bits] = True
    _agree(blocks, "logs_bloom", np.packbits(is_set, axis=1), _in_block("logsBloom"))
    return "logs_bloom"


def _prove_root(
    headers: pa.Table, root: str, count: str, items: _Strings, *, only: npt.NDArray[np.bool_] | None = None
) -> bool:
    """Hold the trie of every block's items against the root its header states; whether every block has items or root.

    only: of these blocks.
    """
    sizes = headers.column(count).to_numpy()
    given = (sizes > 0) | ((sizes == 0) & (_fixed(headers, root, 32) != 0).any(axis=1))
    roots = ordered_roots(items.data, items.offsets, np.maximum(sizes, 0))
    _agree(headers, root, roots, _in_block(_ROOTS[root]), only=given if only is None else given & only)
    return bool(given.all())


_ROOTS = {
    "transactions_root": "transactionsRoot",
    "receipts_root": "receiptsRoot",
    "withdrawals_root": "withdrawalsRoot",
}
_Field = Callable[[int], str]


def _in_block(name: str) -> _Field:
    return lambda index: name


def _in_item(items: str, name: str) -> _Field:
    return lambda index: f"{items}[{index}].{name}"


def _agree(
    rows: pa.Table, column: str, computed: Bytes, field: _Field, *, only: npt.NDArray[np.bool_] | None = None
) -> None:
    """Every row's stated bytes are the computed ones; `only`: of these rows. Raises `ProofFailed` for the first other."""
    stated = _fixed(rows, column, computed.shape[1])
    wrong = (stated != computed).any(axis=1)
    for row in np.flatnonzero(wrong if only is None else wrong & only):
        number = rows.column("block_number")[int(row)].as_py()
        index = rows.column("transaction_index")[int(row)].as_py() if "transaction_index" in rows.column_names else 0
        raise ProofFailed(
            number, field(index), f"0x{stated[row].tobytes().hex()}", f"0x{computed[row].tobytes().hex()}"
        )


def _encoded(rows: pa.Table, column: str) -> _Strings:
    """The RLP of a column in the notation of ingest/rlp.py; `<column>_items` says how many items each text holds."""
    return _Strings(*encode(*_texts(rows, column), rows.column(f"{column}_items").to_numpy()))


def _texts(rows: pa.Table, column: str) -> tuple[Bytes, Offsets]:
    """The strings of a column end to end, and where each starts."""
    whole = rows.column(column).combine_chunks().cast(pa.large_binary())
    if not len(whole):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    _, offsets, data = whole.buffers()
    texts = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return texts, np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1]


def _fixed(rows: pa.Table, column: str, width: int) -> Bytes:
    """(n, width) of a column whose strings all have this width."""
    whole = rows.column(column).combine_chunks()
    if not len(whole):
        return np.empty((0, width), np.uint8)
    if not pa.types.is_fixed_size_binary(whole.type):
        whole = whole.cast(pa.binary()).cast(pa.binary(width))
    data = np.frombuffer(whole.buffers()[1], np.uint8)
    return data[whole.offset * width : (whole.offset + len(whole)) * width].reshape(-1, width)
