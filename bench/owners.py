"""Who owns which address, where it is known: the truth that clusters are judged by, and how they are judged.

In a story like demo/ an exchange owns its wallets and deposit addresses, a crew the addresses of its crime, a firm its
contracts, a person the wallets that truth.csv gives to the same owner, and everybody else one address; victims are people.
Whose the addresses around a mixer are the story does not say: those are not judged. In a folder like clusters/ the groups
of the Hop airdrop's reports are the owners.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.stories import address_of, rows_of

Ints = npt.NDArray[np.int64]
_DECIMALS = 4


def owners_of_story(file: Path) -> dict[bytes, str]:
    """Owner of each address that truth.csv judges."""
    return {address_of(row["address"]): owner for row in rows_of(file) if (owner := _owner(row))}


def _owner(row: Mapping[str, str]) -> str:
    """A name of the owner; empty where the story does not say."""
    same = re.search(r"same owner as (0x[0-9a-f]{40})", row["note"])
    if same:
        return same[1]
    if row["story"] == "mixer":
        return ""
    return row["address"] if row["role"] == "user" else row["story"]


def judge(owners: Ints, groups: Ints, chosen: npt.NDArray[np.bool_] | None = None) -> dict[str, float]:
    """Pairs of judged addresses: precision and recall; and per address (B-cubed), so that one large owner does not decide all.

    `owners` and `groups` number the owner and the group of each judged address; shape [addresses]. B-cubed (Bagga, Baldwin
    1998) is the mean over addresses of the share of its group that is its owner's, and of its owner's addresses in its group.
    Of `chosen` addresses, all of an owner's or none, only these are judged: pairs that one of them is in.
    """
    both = np.unique(np.stack([owners, groups], axis=1), axis=0, return_inverse=True, return_counts=True)
    together = both[2][both[1].ravel()]
    owned, grouped = _sizes(owners), _sizes(groups)
    if chosen is None:
        chosen = np.ones(len(owners), dtype=np.bool_)
    right = _pairs(np.unique(np.stack([owners[chosen], groups[chosen]], axis=1), axis=0, return_counts=True)[1])
    found = _pairs(_counts(groups)) - _pairs(_counts(groups[~chosen]))
    true = _pairs(_counts(owners[chosen]))
    together, owned, grouped = together[chosen], owned[chosen], grouped[chosen]
    return {
        "pair_precision": round(right / found, _DECIMALS) if found else 1.0,
        "pair_recall": round(right / true, _DECIMALS) if true else 1.0,
        "bcubed_precision": round(float(np.mean(together / grouped)), _DECIMALS),
        "bcubed_recall": round(float(np.mean(together / owned)), _DECIMALS),
    }


def _pairs(sizes: Ints) -> int:
    return int(np.sum(sizes.astype(object) * (sizes.astype(object) - 1) // 2))


def _counts(numbers: Ints) -> Ints:
    return np.unique(numbers, return_counts=True)[1]


def _sizes(numbers: Ints) -> Ints:
    """Size of the set that each member is in."""
    _, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return counts[place]


def numbered(names: Iterable[str]) -> Ints:
    """Equal names get equal numbers."""
    return np.unique(np.array(list(names)), return_inverse=True)[1].astype(np.int64)
