"""The only place that cuts data into fit, validation and test.

An account's place is a hash of its 20 bytes (BLAKE2b, 8 bytes, big-endian): the same in every run, on every machine, for
every data set, so that no account ever moves from test to training when the data grow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Seconds = npt.NDArray[np.int64]
TEST_PARTS = 5
VALIDATION_PARTS = 5


@dataclass(frozen=True)
class Split:
    """Three masks over the same rows; no row is in two of them."""

    fit: Mask
    validation: Mask
    test: Mask

    @property
    def learnt(self) -> Mask:
        """Whoever is not judged: to fit and to validate."""
        return self.fit | self.validation


def place_of(address: bytes) -> int:
    """The stable number that decides where an account belongs."""
    return int.from_bytes(hashlib.blake2b(address, digest_size=8).digest(), "big")


def split_by_hash(addresses: Sequence[bytes]) -> Split:
    """One in five accounts for the test, one in five of the rest for validation, the rest to fit."""
    test = np.array([place_of(address) % TEST_PARTS == 0 for address in addresses], dtype=np.bool_)
    return _learnt_from(addresses, ~test, judged=test)


def split_by_time(
    addresses: Sequence[bytes],
    first_seen: Seconds,
    cut: int,
    *,
    until: int | None = None,
    gap: int = 0,
    known_at: Seconds | None = None,
    held: Mask | None = None,
) -> Split:
    """Accounts first seen before `cut` train, those first seen from it on test; validation by hash inside the former.

    Times are seconds since 1970. Of the early ones those of the last `gap` seconds are in no part, nor are those whose label
    was known only after the cut (`known_at`, one an account): on that day nobody could have learnt from them. Of the late ones
    those first seen from `until` on are in no part. Who is `held` is judged whenever it was first seen: where one class is all
    of early accounts, some of them by hash stand beside the late ones of the other.
    """
    early = first_seen < cut - gap
    late = (first_seen >= cut) & (first_seen < until) if until is not None else first_seen >= cut
    if known_at is not None:
        early &= known_at <= cut
    if held is not None:
        early, late = early & ~held, late | held
    return _learnt_from(addresses, early, judged=late)


def split_by_group(addresses: Sequence[bytes], groups: Sequence[int]) -> Split:
    """As `split_by_hash`, but accounts of one group (an entity, a first funder) stay together.

    A group's place is that of its smallest address, so it keeps it as long as that member does.
    """
    smallest: dict[int, bytes] = {}
    for address, group in zip(addresses, groups, strict=True):
        smallest[group] = min(smallest.get(group, address), address)
    return split_by_hash([smallest[group] for group in groups])


def split_by_source(addresses: Sequence[bytes], labels: npt.NDArray[np.int64], from_source: Mask) -> Split:
    """What one source calls illicit is judged by what all others know; licit accounts are divided by hash.

    `from_source` marks the accounts whose label comes from the source that is held out.
    """
    by_hash = split_by_hash(addresses)
    illicit = labels == 1
    judged = np.where(illicit, from_source, by_hash.test)
    return _learnt_from(addresses, ~judged, judged=judged)


def edges_to_learn_from(
    giver: npt.NDArray[np.int64], receiver: npt.NDArray[np.int64], moment: Seconds, held: Mask, until: int
) -> Mask:
    """Strictly inductive: the edges a training graph may hold, none at a held account and none from `until` on.

    `held` is one mark a vertex, the other arrays one entry an edge. Seeing the edges of test accounts while learning, without
    their labels, was worth 39.5 points of F1 on Elliptic (arXiv 2604.19514).
    """
    return (moment < until) & ~held[giver] & ~held[receiver]


def _learnt_from(addresses: Sequence[bytes], learnt: Mask, *, judged: Mask) -> Split:
    held = np.array([place_of(a) // TEST_PARTS % VALIDATION_PARTS == 0 for a in addresses], dtype=np.bool_)
    return Split(fit=learnt & ~held, validation=learnt & held, test=judged)


def folds_by_hash(addresses: Sequence[bytes], count: int) -> npt.NDArray[np.int64]:
    """A fold number per account, for cross-fitting where labels are few; independent of the test fifth."""
    return np.array([place_of(a) // (TEST_PARTS * VALIDATION_PARTS) % count for a in addresses], dtype=np.int64)


def cut_by_time(time: npt.NDArray[np.int64], shares: tuple[float, float] = (0.70, 0.85)) -> tuple[int, int]:
    """Places in ascending times where validation and test begin; events of one second are never parted. 0, 0 without any."""
    if not len(time):
        return 0, 0
    first, second = np.searchsorted(time, [time[int(share * len(time))] for share in shares])
    return int(first), int(second)
