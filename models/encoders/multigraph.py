"""A graph encoder in PyTorch Geometric on the directed multigraph of payments.

Each layer works in two stages: parallel payments of a pair are gathered first, then the pairs of a wallet (MEGA-GNN,
arXiv 2412.00241), both with several statistics at once and scaled by their number (PNA, Corso et al., NeurIPS 2020). Payments
are followed along and against their direction with weights of their own, and each knows its port, the rank of its
neighbour at the wallet (Multi-GNN, Egressy et al., AAAI 2024). Every quantity is relative: no time, no block, no fee.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch_geometric.nn import MessagePassing
from torch_geometric.nn.aggr import DegreeScalerAggregation, MultiAggregation

from models.encoders.payments import EDGE_WIDTH, Batch

_STATISTICS = ("mean", "max", "std")


@dataclass(frozen=True)
class EncoderShape:
    """What must be known to build an encoder before its weights are read."""

    node_width: int
    hidden: int = 48
    layers: int = 2
    dropout: float = 0.2
    pairs: tuple[int, ...] = (0, 1)
    """How many nodes gathered 0, 1, 2 … bundles in a sample of the training data: what PNA's scalers are relative to."""

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


class BundleLayer(nn.Module):
    """First stage: what the parallel payments of a pair say together."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.each = nn.Sequential(nn.Linear(EDGE_WIDTH, width), nn.ReLU())
        self.gather = MultiAggregation(list(_STATISTICS))
        self.out = nn.Linear(len(_STATISTICS) * width + 1, width)

    def forward(self, edges: torch.Tensor, bundle: torch.Tensor, bundles: int) -> torch.Tensor:
        """One row a bundle, × width."""
        if not bundles:
            return edges.new_zeros((0, self.out.out_features))
        gathered = self.gather(self.each(edges), index=bundle, dim_size=bundles)
        count = torch.log1p(torch.bincount(bundle, minlength=bundles).to(edges.dtype))[:, None]
        return torch.relu(self.out(torch.cat([gathered, count], dim=1)))


class PairLayer(MessagePassing):
    """Second stage: what the pairs of a wallet say in one direction."""

    def __init__(self, width: int, pairs: torch.Tensor) -> None:
        super().__init__(aggr=DegreeScalerAggregation(list(_STATISTICS), ["identity", "amplification"], pairs))
        self.message_network = nn.Sequential(nn.Linear(2 * width, width), nn.ReLU())
        self.out = nn.Linear(2 * len(_STATISTICS) * width, width)

    def forward(self, x: torch.Tensor, pairs: torch.Tensor, about: torch.Tensor) -> torch.Tensor:
        """One row a node, × width; what a wallet without any pair gets is the bias alone."""
        return self.out(self.propagate(pairs, x=x, about=about))

    def message(self, x_j: torch.Tensor, about: torch.Tensor) -> torch.Tensor:
        """One message a pair."""
        return self.message_network(torch.cat([x_j, about], dim=1))


class Encoder(nn.Module):
    """Layers of both stages in both directions, with residuals; `encode` gives 2 × hidden numbers a seed."""

    node_mean: torch.Tensor
    node_scale: torch.Tensor

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.shape = shape
        width, layers = shape.hidden, range(shape.layers)
        pairs = torch.tensor(shape.pairs, dtype=torch.long)
        self.register_buffer("node_mean", torch.zeros(shape.node_width))
        self.register_buffer("node_scale", torch.ones(shape.node_width))
        self.enter = nn.Linear(shape.node_width, width)
        self.bundles = nn.ModuleList(BundleLayer(width) for _ in layers)
        self.along = nn.ModuleList(PairLayer(width, pairs) for _ in layers)
        self.against = nn.ModuleList(PairLayer(width, pairs) for _ in layers)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in layers)
        self.head = nn.Sequential(
            nn.Dropout(shape.dropout),
            nn.Linear(2 * width, width),
            nn.ReLU(),
            nn.Dropout(shape.dropout),
            nn.Linear(width, 1),
        )

    def scale_to(self, nodes: torch.Tensor) -> None:
        """Bring node features to mean 0 and deviation 1 as they are here, from now on and after loading."""
        self.node_mean.copy_(nodes.mean(0))
        self.node_scale.copy_(nodes.std(0) + 1e-6)

    def states(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Every node before and after the layers, nodes × hidden each."""
        first = torch.relu(self.enter((batch.nodes - self.node_mean) / self.node_scale))
        state, back = first, batch.is_reverse
        for bundles, along, against, norm in zip(self.bundles, self.along, self.against, self.norms, strict=True):
            about = bundles(batch.edges, batch.bundle, batch.pairs.shape[1])
            gathered = along(state, batch.pairs[:, ~back], about[~back]) + against(
                state, batch.pairs[:, back], about[back]
            )
            state = state + torch.relu(norm(gathered))
        return first, state

    def encode(self, batch: Batch) -> torch.Tensor:
        """One row a seed, × 2 hidden: the wallet itself, and the wallet among its neighbours."""
        first, state = self.states(batch)
        return torch.cat([first[: batch.seeds], state[: batch.seeds]], dim=1)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Log-odds of the seeds."""
        return self.head(self.encode(batch)).squeeze(1)
