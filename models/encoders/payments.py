"""The payments of a chain as an encoder sees them: who, whom, how much, of what kind, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from models.baselines import squeeze
from models.encoders.sampling import Floats, Ints, NeighbourSource, Sample, compress

EDGE_KINDS = 4
"""Coins, stablecoins, other fungible tokens, collectibles; see sql/queries/graph_moves.sql."""
EDGE_WIDTH = EDGE_KINDS + 5
"""One number a kind; amount, age, gap, port, and whether the payment's own attributes are hidden."""
AMOUNT, AGE, GAP, PORT, HIDDEN = range(EDGE_KINDS, EDGE_WIDTH)
"""Columns of the edges after the kinds."""
SECONDS, PORTS, AMOUNTS = 10.0, 5.0, 10.0
"""What logarithms are divided by, so that most lie between 0 and 2."""


@dataclass(frozen=True)
class Batch:
    """Sampled trees as tensors; the first `seeds` nodes are those asked about."""

    nodes: torch.Tensor
    """nodes × node_width."""
    pairs: torch.Tensor
    """2 × bundles, long: source and target."""
    is_reverse: torch.Tensor
    """bundles, bool."""
    bundle: torch.Tensor
    """edges, long: the bundle of each."""
    edges: torch.Tensor
    """edges × EDGE_WIDTH."""
    seeds: int

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        return Batch(
            nodes=self.nodes.to(device),
            pairs=self.pairs.to(device),
            is_reverse=self.is_reverse.to(device),
            bundle=self.bundle.to(device),
            edges=self.edges.to(device),
            seeds=self.seeds,
        )


@dataclass(frozen=True)
class Payments:
    """Nodes with what they do, edges with what they are, and where neighbourhoods come from."""

    source: NeighbourSource
    giver: Ints
    receiver: Ints
    moment: Ints
    amount: Floats
    """Logarithm of the amount, 0 where amounts cannot be compared."""
    kind: Ints
    nodes: Floats
    """Nodes × features as signed logarithms, 0 where undefined."""

    @property
    def until(self) -> int:
        """The moment after the last payment."""
        return int(self.moment.max()) + 1 if len(self.moment) else 1

    def batch(
        self, seeds: Ints, fan_out: Sequence[int], *, seed: int, moments: Ints | None = None, hidden: float = 0.0
    ) -> tuple[Batch, Sample]:
        """Trees around seeds as they stood before `moments`, now if none are given; the same for the same seed.

        A share `hidden` of the payments at the seeds themselves keeps direction, age, gap and port but hides amount and kind,
        wherever in the trees they are met again.
        """
        at = np.full(len(seeds), self.until) if moments is None else moments
        found = self.source.sample(seeds, at, fan_out, seed=seed)
        return Batch(
            nodes=torch.from_numpy(self.nodes[found.nodes]),
            pairs=torch.from_numpy(np.stack([found.source, found.target])),
            is_reverse=torch.from_numpy(found.is_reverse == 1),
            bundle=torch.from_numpy(found.bundle),
            edges=torch.from_numpy(self._about(found, len(seeds), hidden, seed)),
            seeds=len(seeds),
        ), found

    def _about(self, found: Sample, seeds: int, hidden: float, seed: int) -> Floats:
        target = found.target[found.bundle]
        about = np.zeros((len(found.edge), EDGE_WIDTH), np.float32)
        about[np.arange(len(found.edge)), self.kind[found.edge]] = 1
        about[:, AMOUNT] = self.amount[found.edge] / AMOUNTS
        # Relative to the last payment that the seed's tree knows: an absolute age would be a clock.
        last = np.full(seeds, np.inf)
        np.minimum.at(last, found.root[target], found.age)
        about[:, AGE] = np.log1p(found.age - last[found.root[target]]) / SECONDS
        about[:, GAP] = np.where(found.gap < 0, -1, np.log1p(np.maximum(found.gap, 0)) / SECONDS)
        about[:, PORT] = np.log1p(found.port) / PORTS
        if hidden:
            drawn = (np.random.default_rng(seed).random(len(found.edge)) < hidden) & (target < seeds)
            # The same payment may be met again from its other side: there it would tell what is hidden here.
            chosen = np.isin(found.edge, found.edge[drawn])
            about[chosen, : AMOUNT + 1] = 0
            about[chosen, HIDDEN] = 1
        return about


def read_payments(folder: Path) -> Payments:
    """From the files that models/encoders/moves.py wrote."""
    moves = pd.read_parquet(folder / "moves.parquet")
    giver, receiver, moment = (moves[name].to_numpy(np.int64) for name in ("giver", "receiver", "moment"))
    nodes = squeeze(np.load(folder / "nodes.npy"))
    return Payments(
        source=compress(giver, receiver, moment, len(nodes)),
        giver=giver,
        receiver=receiver,
        moment=moment,
        amount=moves["log_amount"].to_numpy(np.float32),
        kind=moves["token_class"].to_numpy(np.int64),
        nodes=nodes,
    )
