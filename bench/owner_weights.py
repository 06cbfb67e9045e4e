"""Fit the weights of graph/entities/scores.py on stories whose owners are known, and print them to be written down there.

    .venv/bin/python -m demo.scenario --seed 7 --out /tmp/story7/chain        # for each seed, a few minutes each
    .venv/bin/python -m bench.owner_weights /tmp/story7 /tmp/story11 /tmp/story13

Never on the bundled story, by which they are judged. Logistic regression with a ridge (scikit-learn's C=1) on the pairs that soft
heuristics link and whose owners are both known; what should speak for one owner may not speak against it: weights of heuristics
and of money below zero are left out and the rest is fitted again. What hours say is measured elsewhere (bench/owner_timing.py).
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from sklearn.linear_model import LogisticRegression

from bench.owners import owners_of_story
from bench.stories import filled
from graph.entities.build import soft_pairs
from graph.entities.heuristics import HEURISTICS, find_links, prepare
from graph.entities.scores import FEATURES, ONLY_HOURS, Floats
from sql.as_of import read_as_of
from sql.store import Store

_MAY_OBJECT = frozenset({"few", "both_few", "shared"})
_MEASURED_ELSEWHERE = frozenset({"timing_profile", "timing_profile_strength", ONLY_HOURS})


def known_pairs(store: Store, owners: dict[bytes, str], chain_id: int) -> tuple[Floats, np.ndarray]:
    """Features of the pairs whose owners are known, and whether each pair has one owner; shapes [pairs, features], [pairs]."""
    as_of = read_as_of(store, chain_id)
    as_of_block = as_of.block_number
    prepare(store, as_of)
    parts = []
    for entry in HEURISTICS:
        if not entry.is_hard and entry.name != "timing_profile":
            part = find_links(store, entry, chain_id=chain_id, as_of_block=as_of_block)
            parts.append(part.append_column("heuristic", pa.repeat(entry.name, part.num_rows)))
    found = soft_pairs(store, pa.concat_tables(parts), chain_id=chain_id, as_of_block=as_of_block)
    both = [(owners.get(row["left_address"]), owners.get(row["right_address"])) for row in found.pairs.to_pylist()]
    judged = np.array([None not in pair for pair in both])
    return found.features[judged], np.array([one == other for one, other in both])[judged]


def fit(features: Floats, same: np.ndarray) -> dict[str, float]:
    """Weights by feature and the intercept; features that would wrongly object are left out."""
    kept = [at for at, name in enumerate(FEATURES) if name not in _MEASURED_ELSEWHERE]
    while True:
        model = LogisticRegression(C=1.0, max_iter=2000).fit(features[:, kept], same)
        slopes = model.coef_[0]
        wrong = [at for at, slope in zip(kept, slopes, strict=True) if slope < 0 and FEATURES[at] not in _MAY_OBJECT]
        if not wrong:
            weights = {FEATURES[at]: round(float(slope), 2) for at, slope in zip(kept, slopes, strict=True)}
            return {"intercept": round(float(model.intercept_[0]), 2), **weights}
        kept = [at for at in kept if at not in wrong]


def main(folders: Sequence[str]) -> None:
    """Print the weights fitted on these stories."""
    parts = []
    for folder in map(Path, folders):
        with tempfile.TemporaryDirectory() as scratch, filled(folder, Path(scratch)) as (store, chain_id):
            parts.append(known_pairs(store, owners_of_story(folder / "truth.csv"), chain_id))
        print(f"{folder}: {len(parts[-1][1]):,} pairs, {int(parts[-1][1].sum()):,} of one owner", file=sys.stderr)
    weights = fit(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
    print(json.dumps(weights, indent=4))


if __name__ == "__main__":
    main(sys.argv[1:])
