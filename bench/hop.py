"""The Hop airdrop's users as a graph: who paid whom, without amounts or times, and the groups that reports took for one owner's.

Folder like clusters/: hop_airdrop.csv.gz (address, label = group, category), *.csv.zst or *.csv of pairs (from, to). Labels of
exchanges, contracts, donation addresses and deposit addresses are knowledge that a user has, too; the groups, and categories
that came out of the same inquiry, are not used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.isotonic import IsotonicRegression

from chainsight.errors import UsageError
from graph.entities.build import LARGEST_SOFT
from graph.entities.clusters import NOBODY, Ints, Knowledge, Links, cluster
from graph.entities.heuristics import HEURISTICS

Floats = npt.NDArray[np.float64]
THRESHOLD = 0.95
"""Probability from which two linked addresses are joined: a chain of links is wrong where one of them is."""
_SERVICES = ("exchange", "contract", "gitcoin-grant")
_DEPOSIT = "cex-deposit-address"
_MOST_GIVERS = next(int(entry.parameters["max_givers"]) for entry in HEURISTICS if entry.name == "deposit_reuse")  # type: ignore[arg-type]


@dataclass(frozen=True)
class HopGraph:
    """Undirected edges between numbered addresses, each pair once, and what is known of them."""

    giver: Ints
    taker: Ints
    is_service: npt.NDArray[np.bool_]
    is_deposit: npt.NDArray[np.bool_]
    group: Ints
    """Number of the group that reports put an address into; `NOBODY` for none; shape [addresses]."""

    @property
    def size(self) -> int:
        """Addresses."""
        return len(self.group)

    @property
    def pairs(self) -> Ints:
        """Each pair that paid in either direction, once; shape [pairs, 2]."""
        low, high = np.minimum(self.giver, self.taker), np.maximum(self.giver, self.taker)
        return np.unique(np.stack([low, high], axis=1), axis=0)

    @property
    def degree(self) -> Ints:
        """Different counterparties of each address."""
        return np.bincount(self.pairs.ravel(), minlength=self.size)


def read_hop(folder: Path) -> HopGraph:
    """The graph in a folder; raises `UsageError` where a file is missing."""
    labels = sorted(folder.glob("hop_airdrop.csv*"))
    edges = sorted([*folder.glob("*Transfers*.csv.zst"), *folder.glob("*Transfers*.csv")])
    if not labels or not edges:
        raise UsageError(
            f"There is no hop_airdrop.csv.gz with pairs of transfers in {folder}.",
            next_step="Name a folder laid out like clusters with --data.",
        )
    known = pl.read_csv(labels[0]).with_columns(pl.col("address").str.to_lowercase())
    paid = pl.concat([pl.read_csv(file).select(pl.col("from", "to").str.to_lowercase()) for file in edges]).unique()
    paid = paid.filter(pl.col("from") != pl.col("to"))
    addresses = pl.concat([paid["from"], paid["to"], known["address"]]).unique().sort()
    number = pl.DataFrame({"address": addresses}).with_row_index("number")
    known = known.join(number, on="address")
    sybils = known.filter(pl.col("category") == "sybil-group")
    group = np.full(len(addresses), NOBODY, dtype=np.int64)
    group[sybils["number"].to_numpy()] = sybils["label"].rank("dense").to_numpy()
    giver, taker = (
        paid.join(number, left_on=side, right_on="address", maintain_order="left")["number"].to_numpy().astype(np.int64)
        for side in ("from", "to")
    )
    return HopGraph(giver, taker, _marked(known, _SERVICES, len(group)), _marked(known, (_DEPOSIT,), len(group)), group)


def _marked(known: pl.DataFrame, categories: tuple[str, ...], size: int) -> npt.NDArray[np.bool_]:
    """True for the addresses of these categories; shape [size]."""
    mark = np.zeros(size, dtype=np.bool_)
    mark[known.filter(pl.col("category").is_in(categories))["number"].to_numpy()] = True
    return mark


def halved(graph: HopGraph, seed: int = 0) -> tuple[HopGraph, HopGraph]:
    """The graph twice, each with one half of the groups, chosen by dice; addresses of the other half are in no group there."""
    known = graph.group != NOBODY
    groups = np.random.default_rng(seed).permutation(np.unique(graph.group[known]))
    is_first = np.isin(graph.group, groups[::2])
    sides = (known & is_first, known & ~is_first)
    one, other = (replace(graph, group=np.where(side, graph.group, NOBODY)) for side in sides)
    return one, other


def fit_purity(graph: HopGraph) -> IsotonicRegression:
    """Probability that two counterparties of one address have one owner, falling with how many counterparties it has.

    Learned from addresses outside all groups that dealt with two or more grouped ones: the share of pairs of these in one group.
    """
    ends = np.concatenate([graph.pairs, graph.pairs[:, ::-1]])
    middle, end = ends[:, 0], ends[:, 1]
    seen = (graph.group[middle] == NOBODY) & (graph.group[end] != NOBODY) & ~graph.is_service[middle]
    groups = pl.DataFrame({"middle": middle[seen], "group": graph.group[end[seen]]})
    counts = groups.group_by("middle", "group").len().group_by("middle").agg(
        total=pl.col("len").sum(), same=(pl.col("len") * (pl.col("len") - 1)).sum()
    )  # fmt: skip
    counts = counts.filter(pl.col("total") >= 2).sort("middle")
    total = counts["total"].to_numpy().astype(float)
    share = counts["same"].to_numpy() / (total * (total - 1))
    degree = graph.degree[counts["middle"].to_numpy()]
    return IsotonicRegression(increasing=False, out_of_bounds="clip", y_min=0, y_max=1).fit(degree, share, total)


def entities_of(graph: HopGraph, purity: IsotonicRegression) -> Ints:
    """Group of each address: shared deposit addresses as hard links, payments between people as soft ones."""
    left, right, is_hard = [], [], []
    reuse = shared_deposits(graph)
    people = ~graph.is_service & ~graph.is_deposit
    pairs = graph.pairs[people[graph.pairs].all(axis=1)]
    likely = purity.predict(graph.degree[pairs].max(axis=1))
    order = np.argsort(-likely, kind="stable")
    order = order[likely[order] >= THRESHOLD]
    for ends, hard in ((reuse, True), (pairs[order], False)):
        left.append(ends[:, 0])
        right.append(ends[:, 1])
        is_hard.append(np.full(len(ends), hard))
    nothing = Knowledge(np.full(graph.size, NOBODY), np.zeros(graph.size, dtype=np.int64))
    links = Links(np.concatenate(left), np.concatenate(right), np.concatenate(is_hard))
    return cluster(links, nothing, largest_soft=LARGEST_SOFT).group


def shared_deposits(graph: HopGraph, most: int = _MOST_GIVERS) -> Ints:
    """Pairs of people who paid one deposit address of at most so many payers; shape [pairs, 2]."""
    used = graph.is_deposit[graph.taker] & ~graph.is_service[graph.giver] & ~graph.is_deposit[graph.giver]
    giver, deposit = graph.giver[used], graph.taker[used]
    order = np.lexsort((giver, deposit))
    giver, deposit = giver[order], deposit[order]
    payers = np.bincount(deposit, minlength=graph.size)
    follows = (deposit[1:] == deposit[:-1]) & (payers[deposit[1:]] <= most)
    return np.stack([giver[:-1][follows], giver[1:][follows]], axis=1)


def components(size: int, pairs: Ints) -> Ints:
    """Connected components, the baseline of all."""
    matrix = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return connected_components(matrix, directed=False)[1].astype(np.int64)
