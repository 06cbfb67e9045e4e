"""Does a block's content give the hashes its header states? One wrong byte and the batch is refused.

The store's own parser gives the staged fields as they were written (sql/proofs/); they are put together here into what each
hash is of, and hashed, and senders are recovered from signatures (ingest/senders.py). Fields that contradict each other are
noticed by ingest/agreement.py and named by sql/disagreements/. Recomputed: the header's
hash, transactionsRoot (with each transaction's own hash and sender), receiptsRoot (which covers logs), the bloom of all
logs, withdrawalsRoot. What no hash covers is held against what one does: positions, gas used, prices paid, addresses of created
contracts, root calls. Not covered by anything: `size`, `totalDifficulty` and the calls below the root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from chainsight.chains import chain_settings, known_chains
from chainsight.errors import ProofFailed, WrongChain
from ingest.agreement import Staged, agree, are_of_chain, are_plain
from ingest.envelopes import (
    created_addresses,
    encode_headers,
    encode_receipts,
    encode_transactions,
    encode_withdrawals,
    have_known_types,
    kinds_of,
    start_recovering,
)
from ingest.keccak import Bytes, bloom_bits, keccak_each, ordered_roots
from ingest.rlp import Encoded
from ingest.senders import Signers
from ingest.texts import Flags, places, texts
from sql.files import load
from sql.store import Store

_BLOOM_BYTES = 256
_DELEGATING_TYPE = 4
_DISAGREEMENTS = ("headers", "transactions", "receipts", "logs")
_TRACE_DISAGREEMENTS = ("traces", "root_calls")


@dataclass(frozen=True)
class Proofs:
    """What of the staged blocks was recomputed and agreed, and the senders that are still being recovered."""

    proven: frozenset[str]
    """block_hash and senders (or senders_sampled); transactions_root, receipts_root with logs_bloom, and withdrawals_root where
    the source has what they are of."""
    is_plain: bool
    """Whether the fields that no hash covers are written as honest nodes do; else `ingest.fields` has to look at them."""
    _transactions: pa.Table
    _checked: Flags
    _signers: Signers

    @property
    def has_delegations(self) -> bool:
        """Whether a transaction carries authorisations (EIP-7702)."""
        return bool((kinds_of(self._transactions) == _DELEGATING_TYPE).any())

    def check_senders(self) -> None:
        """Wait for the keys that signed, and hold their addresses against the senders; raises `ProofFailed`."""
        senders, named = self._signers.addresses(), _in_item("transactions", "from")
        _agree(self._transactions, "from", senders, named, only=self._checked)


def prove_staged(
    store: Store, *, chain_id: int, where: str, sender_sample: int = 1, may_lack: frozenset[str] = frozenset()
) -> Proofs:
    """Prove the blocks that are staged in this session, their senders apart, which `Proofs.check_senders` waits for.

    sender_sample: one transaction in so many, chosen anew each time, has its sender recovered; 1: every one. Transactions of
    types that only their own chain knows cannot be encoded: with one of those transactions_root is not among what is proven.
    may_lack: proofs that the source need not have the content for, though headers state their root, as a recording may not.
    Raises `ProofFailed` with block and field, and `WrongChain` naming `where` the blocks came from.
    """
    transactions = store.query(load("proofs/transactions"))
    if not are_of_chain(transactions, chain_id):
        _refuse_other_chains(store, chain_id, where)
    checked = have_known_types(transactions)
    if sender_sample > 1:
        checked &= np.random.default_rng().integers(sender_sample, size=len(checked)) == 0
    envelopes, unsigned = encode_transactions(transactions)
    signers = start_recovering(transactions, unsigned, checked)
    staged = Staged(store.query(load("proofs/headers")), transactions, store.query(load("proofs/receipts")))
    headers = staged.headers
    _agree(headers, "hash", encode_headers(headers).keccak(), _in_block("hash"))
    proven = {"block_hash", "senders" if sender_sample == 1 else "senders_sampled"}
    if _prove_transactions(staged, envelopes):
        proven.add("transactions_root")
    is_plain = are_plain(staged)
    proofs = Proofs(frozenset(), is_plain, transactions, checked, signers)
    _refuse_disagreements(store, staged, chain_id, proofs)
    if staged.receipts.num_rows:
        named = _in_item("receipts", "contractAddress")
        _agree(staged.receipts, "contractAddress", created_addresses(transactions), named)
    if _prove_root(headers, "receiptsRoot", "receipt_count", encode_receipts(staged.receipts)):
        proven |= {"receipts_root", _prove_blooms(store.query(load("proofs/blooms")))}
    if not _has_own_types(chain_id) and _prove_withdrawals(headers, may_lack):
        proven.add("withdrawals_root")
    return Proofs(frozenset(proven), is_plain, transactions, checked, signers)


def _refuse_other_chains(store: Store, chain_id: int, where: str) -> None:
    for found in store.query(load("proofs/chain_ids"), chain_id=chain_id).to_pylist():
        place = f"{where}: transaction {found['transaction_index']} of block {found['block_number']}"
        raise WrongChain(chain_id, found["chain_id"], place)


def _refuse_disagreements(store: Store, staged: Staged, chain_id: int, proofs: Proofs) -> None:
    """Raise `ProofFailed` for the first field that contradicts another; asked only where not all is plain to see."""
    names: Iterable[str] = () if agree(staged) else _DISAGREEMENTS
    if staged.headers.num_rows and staged.headers.column("traced_blocks")[0].as_py():
        names = (*names, *_TRACE_DISAGREEMENTS)
    for name in names:
        disagreement = load(f"disagreements/{name}")
        asked = {"has_own_types": int(_has_own_types(chain_id))} if "has_own_types" in disagreement.parameters else {}
        for found in store.query(disagreement, **asked).to_pylist():
            proofs.check_senders()  # a wrong sender would be blamed on the receipt that has the right one
            raise ProofFailed(found["block_number"], found["field"], found["stated"], found["computed"])


def _prove_transactions(staged: Staged, envelopes: Encoded) -> bool:
    """The hash of every transaction, then the root of each block; whether all could be encoded."""
    known = have_known_types(staged.transactions)
    named = _in_item("transactions", "hash")
    _agree(staged.transactions, "hash", envelopes.keccak(), named, only=known)
    block = np.repeat(np.arange(len(staged.sizes)), staged.sizes)
    whole = np.ones(len(staged.sizes), np.bool_)
    whole[block[~known]] = False
    return _prove_root(staged.headers, "transactionsRoot", "transaction_count", envelopes, only=whole) and bool(
        known.all()
    )


def _prove_withdrawals(headers: pa.Table, may_lack: frozenset[str]) -> bool:
    """Rollups put another root in this place of the header; elsewhere only a recording may lack what it is of."""
    is_proven = _prove_root(headers, "withdrawalsRoot", "withdrawal_count", encode_withdrawals(headers))
    is_lacking = (np.asarray(headers.column("withdrawal_count")) < 0) & _bytes(headers, "withdrawalsRoot", 32).any(
        axis=1
    )
    if is_lacking.any() and "withdrawals_root" not in may_lack:
        number = headers.column("block_number")[int(np.flatnonzero(is_lacking)[0])].as_py()
        raise ProofFailed(number, "withdrawals", "missing", "a list, since the header has its root")
    return is_proven


def _has_own_types(chain_id: int) -> bool:
    """Whether a chain may have transaction types of its own: rollups do, and who knows of a chain that is not known here."""
    return chain_id not in known_chains() or chain_settings(chain_id).layer > 1


def _prove_blooms(blocks: pa.Table) -> str:
    """A header's bloom has the three bits of every address and topic of the block's logs, and no other (section 4.3.1)."""
    is_set = np.zeros((blocks.num_rows, 8 * _BLOOM_BYTES), np.bool_)
    for column, width in (("addresses_packed", 20), ("topics_packed", 32)):
        packed = texts(blocks, column)
        sizes = packed.lengths // width
        digests = keccak_each(packed.data, np.arange(sizes.sum() + 1, dtype=np.int64) * width)
        rows = np.repeat(np.arange(len(sizes)), sizes)
        for bits in bloom_bits(digests).T:
            is_set[rows, 8 * _BLOOM_BYTES - 1 - bits] = True
    _agree(blocks, "logsBloom", np.packbits(is_set, axis=1), _in_block("logsBloom"))
    return "logs_bloom"


def _prove_root(headers: pa.Table, root: str, count: str, items: Encoded, *, only: Flags | None = None) -> bool:
    """Hold the trie of every block's items against the root its header states; whether every block has items or root.

    only: of these blocks.
    """
    sizes = np.asarray(headers.column(count))
    given = (sizes > 0) | ((sizes == 0) & _bytes(headers, root, 32).any(axis=1))
    roots = ordered_roots(items.data, items.offsets, np.maximum(sizes, 0))
    _agree(headers, root, roots, _in_block(root), only=given if only is None else given & only)
    return bool(given.all())


_Field = Callable[[int], str]


def _in_block(name: str) -> _Field:
    return lambda index: name


def _in_item(items: str, name: str) -> _Field:
    return lambda index: f"{items}[{index}].{name}"


def _agree(rows: pa.Table, column: str, computed: Bytes, field: _Field, *, only: Flags | None = None) -> None:
    """Every stated value is the computed one; `only`: of these. Raises `ProofFailed` for the first other, with its block."""
    stated = _bytes(rows, column, computed.shape[1])
    wrong = (stated != computed).any(axis=1)
    for place in np.flatnonzero(wrong if only is None else wrong & only):
        starts = places(rows, column) if pa.types.is_list(rows.column(column).type) else np.arange(rows.num_rows + 1)
        row = int(np.searchsorted(starts, place, side="right")) - 1
        said, found = stated[place].tobytes().hex(), computed[place].tobytes().hex()
        raise ProofFailed(
            rows.column("block_number")[row].as_py(), field(int(place - starts[row])), f"0x{said}", f"0x{found}"
        )


def _bytes(rows: pa.Table, column: str, width: int) -> Bytes:
    """(n, width) of 0x-texts of this many bytes; zeros for what is none."""
    return texts(rows, column).bytes(width)
