"""What the sequence encoder learns from before it sees a label: whole histories of account sets, none of the judged ones."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.sentences import fingerprints
from chainsight.progress import Progress
from chainsight.settings import settings
from ingest.tables import ingest_tables
from models.sequences.encoder import EncoderShape, SequenceEncoder
from models.sequences.history import Histories
from models.sequences.pretraining import Pretraining, cache_key, pretrain
from models.sequences.stored import read_histories
from sql.as_of import read_as_of
from sql.migrate import migrate
from sql.store import open_store

_CHAIN = 1
_FILES = ("normal_txs*.parquet", "addresses.parquet", "labels*.csv")
_LISTED = "SELECT DISTINCT lower(hex(address)) AS wallet FROM labels WHERE length(address) = 20"
_RECOGNISED_WITHIN = 700
"""Transactions from the start of a history within which it is compared with the judged ones, whose longest has 680."""


@dataclass(frozen=True)
class Pretrained:
    """The encoder, and what is said about it."""

    encoder: SequenceEncoder
    folder: Path
    was_kept: bool
    """From an earlier run of the same data, settings and code."""


def pretrained_encoder(accounts: Path, known: Histories, how: Pretraining, progress: Progress) -> Pretrained:
    """From the bench's cache under the home folder, or learned now; `known` are histories it must not have seen."""
    shape = EncoderShape()
    folder = settings().home / "bench" / f"sequences-{cache_key(_source(accounts, known), shape, how, 0)}"
    kept = (folder / "encoder.safetensors").is_file()
    histories = known if kept else unlabelled_histories(accounts, known, progress)
    return Pretrained(pretrain(histories, folder, shape=shape, how=how, progress=progress), folder, kept)


def unlabelled_histories(accounts: Path, known: Histories, progress: Progress) -> Histories:
    """Histories of the accounts that are whole, without those that share a rare amount or their beginning with `known`."""
    with tempfile.TemporaryDirectory(prefix="sequences-") as scratch:
        store = open_store(f"chdb://{scratch}/store")
        try:
            migrate(store)
            ingest_tables(store, accounts, chain_id=_CHAIN, progress=progress)
            # Only the accounts of the list have whole histories; what the list says of them is not read.
            listed = [bytes.fromhex(row["wallet"]) for row in store.query(_LISTED).to_pylist()]
            until = read_as_of(store, _CHAIN).block_number
            _, histories = read_histories(store, chain_id=_CHAIN, to_block=until, addresses=listed)
        finally:
            store.close()
    assert histories is not None  # ingest refuses a folder without transactions
    alike = recognised(histories, known)
    progress.note(f"{int(alike.sum())} of {len(histories)} unlabelled histories may be of a judged account: left out.")
    return histories.take(~alike)


def recognised(histories: Histories, known: Histories) -> np.ndarray:
    """Which of the histories may be of an account in `known`."""
    seen = set().union(*fingerprints(known))
    return np.array([bool(prints & seen) for prints in fingerprints(histories.first(_RECOGNISED_WITHIN))])


def _source(accounts: Path, known: Histories) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for pattern in _FILES:
        for path in sorted(accounts.glob(pattern)):
            digest.update(path.read_bytes())
    for prints in fingerprints(known):
        digest.update(b"".join(sorted(prints)) + b"|")
    digest.update(Path(__file__).read_bytes())
    return digest.digest()
