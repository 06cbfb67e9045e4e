"""The same history seen a little differently: where labels are few, trees learn from these too (data augmentation).

A wallet that was watched for less long, or of which some transactions are missing, is no other wallet.
"""

from __future__ import annotations

import numpy as np

from models.sequences.history import Histories
from models.sequences.segments import Mask

_LOST_SHARE = 0.12
_KEPT_FROM_START = (0.6, 0.95)
_LOST_AT_START = (0.05, 0.3)


def varied(histories: Histories, seed: int) -> list[Histories]:
    """Three variants of all histories: some moves missing, the end missing, the start missing. None loses its last move."""
    draw = np.random.default_rng(seed)
    owner, place = histories.owner, histories.place
    until = draw.uniform(*_KEPT_FROM_START, len(histories)) * histories.lengths
    since = draw.uniform(*_LOST_AT_START, len(histories)) * histories.lengths
    return [
        _thinned(histories, draw.random(len(owner)) > _LOST_SHARE),
        _thinned(histories, place < np.ceil(until)[owner]),
        _thinned(histories, place >= np.floor(since)[owner]),
    ]


def _thinned(histories: Histories, kept: Mask) -> Histories:
    """Without some moves; what they waited is waited by the next that is kept."""
    kept = kept.copy()
    kept[histories.offsets[:-1][np.bincount(histories.owner[kept], minlength=len(histories)) == 0]] = True
    offsets = np.concatenate([[0], np.cumsum(np.bincount(histories.owner[kept], minlength=len(histories)))])
    gaps = np.diff(histories.times[kept], prepend=0.0)
    gaps[offsets[:-1]] = 0.0
    # Times are sums of floats: a difference of two may be a hair below zero.
    return Histories(
        histories.amounts[kept], histories.directions[kept], np.maximum(gaps, 0.0), offsets.astype(np.int64)
    )
