"""A synthetic graph of any size with the shape of a chain's: few vertices have most edges, pairs move at certain times.

Both ends of a transfer are drawn alike: position n · u⁴ of n vertices, u uniform, which gives degrees a tail of
exponent 2.33 (Chung, Lu 2002) and, at 5 M edges, a largest hub of about 10⁵ neighbours, as the public wiki-Talk graph has.
Times are uniform over two years, weights log-normal. The seed fixes everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graph.engine import GraphFiles

_VERTICES_PER_EDGE = 0.48
"""2.4 M vertices for 5 M edges, as wiki-Talk."""
_SKEW = 4
_SPAN_SECONDS = 2 * 365 * 86_400
_SEED_MEMBERS = 1_000
_SEED_GROUPS = ("first", "second", "third")


@dataclass(frozen=True)
class Drawn:
    """Transfers as arrays, ascending by time."""

    src: np.ndarray
    dst: np.ndarray
    time: np.ndarray


def draw_transfers(edges: int, *, seed: int = 6) -> Drawn:
    """Transfers whose different pairs number `edges`, give or take a thousandth; int64 arrays."""
    dice = np.random.default_rng(seed)
    n = int(edges * _VERTICES_PER_EDGE)
    names = dice.permutation(n)
    keys = np.zeros(0, dtype=np.int64)
    while len(keys) < edges:
        ends = (n * dice.random((2, int((edges - len(keys)) * 1.3) + 1_000)) ** _SKEW).astype(np.int64)
        ends = ends[:, ends[0] != ends[1]]
        keys = np.unique(np.concatenate([keys, ends[0] * n + ends[1]]))
    keys = dice.permutation(keys)[:edges]
    time = np.sort(dice.integers(0, _SPAN_SECONDS, edges))
    return Drawn(names[keys // n], names[keys % n], time)


def write_graph(drawn: Drawn, folder: Path) -> tuple[GraphFiles, int, int]:
    """The files that engines read, and how many vertices and edges they hold; loops are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    files = GraphFiles(*(folder / f"{name}.parquet" for name in ("vertices", "edges", "transfers", "seeds")))
    apart = drawn.src != drawn.dst
    src, dst, time = drawn.src[apart], drawn.dst[apart], drawn.time[apart]
    vertices, ends = np.unique(np.concatenate([src, dst]), return_inverse=True)
    src, dst = ends.reshape(2, -1)
    pairs, counts = np.unique(src * len(vertices) + dst, return_counts=True)
    dice = np.random.default_rng(len(pairs))
    pq.write_table(pa.table({"id": np.arange(len(vertices))}), files.vertices)
    weight = dice.lognormal(0, 2, len(pairs))
    edges = {"src": pairs // len(vertices), "dst": pairs % len(vertices), "transfers": counts, "weight": weight}
    pq.write_table(pa.table(edges), files.edges)
    pq.write_table(pa.table({"src": src, "dst": dst, "time": time}), files.transfers)
    members = dice.choice(len(vertices), (len(_SEED_GROUPS), min(_SEED_MEMBERS, len(vertices))))
    groups = np.repeat(_SEED_GROUPS, members.shape[1])
    pq.write_table(pa.table({"id": members.ravel(), "seed_group": pa.array(groups.tolist())}), files.seeds)
    return files, len(vertices), len(pairs)
