"""Recompute from a block's content what its header claims: block hash, transactions, receipts and withdrawals roots.

Methods: Ethereum yellow paper (headers, tries), EIP-2718/2930/1559/4844/7702 (typed transactions), EIP-4895
(withdrawals), EIP-4788 and EIP-7685 (header fields). The roots cover transactions, receipts, logs and blooms; fields
that JSON-RPC adds beside them (positions, hashes, gas of one transaction) are checked against what they repeat.
Not covered by any hash of the block: the sender (it is inside the signature; compared with receipt and root call),
`size`, `totalDifficulty`, and traces, whose envelope only is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import rlp
from eth_hash.auto import keccak

from chainsight.errors import ProofFailed
from ingest.tries import ordered_root

Json: TypeAlias = dict[str, Any]
_Rlp: TypeAlias = "bytes | list[_Rlp]"

# Header fields in the order of the yellow paper, then as forks appended them; q: quantity, b: bytes as they are.
_HEADER = (
    ("parentHash", "b"), ("sha3Uncles", "b"), ("miner", "b"), ("stateRoot", "b"), ("transactionsRoot", "b"),
    ("receiptsRoot", "b"), ("logsBloom", "b"), ("difficulty", "q"), ("number", "q"), ("gasLimit", "q"), ("gasUsed", "q"),
    ("timestamp", "q"), ("extraData", "b"), ("mixHash", "b"), ("nonce", "b"),
)  # fmt: skip
_HEADER_SINCE = (
    ("baseFeePerGas", "q"),  # London
    ("withdrawalsRoot", "b"),  # Shanghai
    ("blobGasUsed", "q"),  # Cancun
    ("excessBlobGas", "q"),
    ("parentBeaconBlockRoot", "b"),
    ("requestsHash", "b"),  # Prague
)
_FEE_FIELDS = ("maxPriorityFeePerGas", "maxFeePerGas")
_LAST_KNOWN_TYPE = 4
_REWARD = "reward"


class _Unprovable(Exception):
    """A transaction type of another chain, whose encoding we do not know."""


def prove(block: Json, *, receipts: Sequence[Json] | None, traces: Sequence[Json] | None) -> frozenset[str]:
    """Recompute what can be recomputed and return its names: block_hash, transactions_root, receipts_root …

    Raises `ProofFailed` naming block and field. Blocks with transaction types we do not know keep `block_hash` only;
    a header without its `withdrawals` list keeps everything but `withdrawals_root`.
    """
    number = _stated_number(block)
    checks: list[tuple[str, Callable[[], None]]] = [
        ("block_hash", lambda: _prove_header(block, number)),
        ("transactions_root", lambda: _prove_transactions(block, number)),
    ]
    if block.get("withdrawals") is not None and block.get("withdrawalsRoot") is not None:
        checks.append(("withdrawals_root", lambda: _prove_withdrawals(block, number)))
    if receipts is not None:
        checks.append(("receipts_root", lambda: _prove_receipts(block, receipts, number)))
    if traces is not None:
        checks.append(("trace_envelopes", lambda: _check_traces(block, traces, number)))
    proven = set()
    for name, check in checks:
        try:
            check()
            proven.add(name)
        except _Unprovable:
            continue
    return frozenset(proven)
