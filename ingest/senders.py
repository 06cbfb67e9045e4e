"""Who signed transactions, recovered from their signatures: the costliest of the proofs, 28 us each, done in threads."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from coincurve._libsecp256k1 import ffi, lib  # type: ignore[import-not-found]
from coincurve.context import GLOBAL_CONTEXT

from ingest.keccak import Bytes, Offsets, keccak_each
from ingest.texts import Flags

_THREADS = 2
_KEY_BYTES = 64
_LAST_RECOVERY_ID = 3


class Signers:
    """The keys that signed, being recovered; secp256k1 lets go of Python's lock."""

    def __init__(self, digests: Bytes, signatures: Bytes, recovery_ids: Offsets, checked: Flags) -> None:
        """Begin. digests: (n, 32), what was signed; signatures: (n, 64), r and s; only of rows that are `checked`."""
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="senders")
        parts = np.array_split(np.arange(len(checked)), 4 * _THREADS)
        self._keys: list[Future[Bytes]] = [
            pool.submit(_recover, digests[part], signatures[part], recovery_ids[part], checked[part]) for part in parts
        ]
        pool.shutdown(wait=False)

    def addresses(self) -> Bytes:
        """Wait for all of them; (n, 20). Meaningless where nobody asked, and where a signature fits no key."""
        keys = np.concatenate([part.result() for part in self._keys])
        starts = np.arange(len(keys) + 1, dtype=np.int64) * _KEY_BYTES
        return keccak_each(keys.reshape(-1), starts)[:, 12:]


def _recover(digests: Bytes, signatures: Bytes, recovery_ids: Offsets, checked: Flags) -> Bytes:
    """The public keys, (n, 64); zeros where there is none. coincurve's own calls, without an object for each key."""
    keys = np.zeros((len(checked), _KEY_BYTES), np.uint8)
    context = GLOBAL_CONTEXT.ctx
    signature, key = ffi.new("secp256k1_ecdsa_recoverable_signature *"), ffi.new("secp256k1_pubkey *")
    digest_at, signed_at = (
        ffi.from_buffer(np.ascontiguousarray(digests)),
        ffi.from_buffer(np.ascontiguousarray(signatures)),
    )
    out, size = ffi.new("unsigned char[65]"), ffi.new("size_t *")
    written = ffi.buffer(out)
    for row in np.flatnonzero(checked & (recovery_ids >= 0) & (recovery_ids <= _LAST_RECOVERY_ID)).tolist():
        if not lib.secp256k1_ecdsa_recoverable_signature_parse_compact(
            context, signature, signed_at + 64 * row, int(recovery_ids[row])
        ) or not lib.secp256k1_ecdsa_recover(context, key, signature, digest_at + 32 * row):
            continue
        size[0] = _KEY_BYTES + 1
        lib.secp256k1_ec_pubkey_serialize(context, out, size, key, lib.SECP256K1_EC_UNCOMPRESSED)
        keys[row] = np.frombuffer(written, np.uint8)[1:]
    return keys
