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
TEST_PARTS = 5
VALIDATION_PARTS = 5


@dataclass(frozen=True)
class Split:
    """Three masks over the same rows; no row is in two of them."""

    fit: Mask
    validation: Mask
    test: Mask


def place_of(address: bytes) -> int:
    """The stable number that decides where an account belongs."""
    return int.from_bytes(hashlib.blake2b(address, digest_size=8).digest(), "big")


def split_by_hash(addresses: Sequence[bytes]) -> Split:
    """One in five accounts for the test, one in five of the rest for validation, the rest to fit."""
    places = [place_of(address) for address in addresses]
    test = np.array([place % TEST_PARTS == 0 for place in places], dtype=np.bool_)
    held = np.array([place // TEST_PARTS % VALIDATION_PARTS == 0 for place in places], dtype=np.bool_)
    return Split(fit=~test & ~held, validation=~test & held, test=test)


def split_by_time(addresses: Sequence[bytes], first_seen: npt.NDArray[np.int64], cut: int) -> Split:
    """Accounts first seen before `cut` (seconds since 1970) train, the later ones test; validation by hash inside the former."""
    early = first_seen < cut
    held = np.array([place_of(a) // TEST_PARTS % VALIDATION_PARTS == 0 for a in addresses], dtype=np.bool_)
    return Split(fit=early & ~held, validation=early & held, test=~early)


def folds_by_hash(addresses: Sequence[bytes], count: int) -> npt.NDArray[np.int64]:
    """A fold number per account, for cross-fitting where labels are few; independent of the test fifth."""
    return np.array([place_of(a) // (TEST_PARTS * VALIDATION_PARTS) % count for a in addresses], dtype=np.int64)


def cut_by_time(time: npt.NDArray[np.int64], shares: tuple[float, float] = (0.70, 0.85)) -> tuple[int, int]:
    """Places in ascending times where validation and test begin; events of one second are never parted."""
    first, second = np.searchsorted(time, [time[int(share * len(time))] for share in shares])
    return int(first), int(second)
