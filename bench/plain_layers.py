"""Baselines of the encoder: plain layers of PyTorch Geometric on the same sampled trees, blind to what a payment is."""

from __future__ import annotations

import torch
from torch import nn
from torch_geometric.nn import GCNConv, SAGEConv

from models.encoders.payments import Batch

PLAIN = {"GCN": GCNConv, "GraphSAGE": SAGEConv}
_WIDTH = 48


class PlainLayers(nn.Module):
    """Two layers of GCN (Kipf and Welling 2017) or GraphSAGE (Hamilton et al. 2017), each pair of a sample one edge."""

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, kind: str, nodes: torch.Tensor) -> None:
        super().__init__()
        layer = PLAIN[kind]
        self.register_buffer("mean", nodes.mean(0))
        self.register_buffer("scale", nodes.std(0) + 1e-6)
        self.layers = nn.ModuleList([layer(nodes.shape[1], _WIDTH), layer(_WIDTH, _WIDTH)])
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(_WIDTH, 1))

    def forward(self, batch: Batch) -> torch.Tensor:
        """Log-odds of the seeds."""
        state = (batch.nodes - self.mean) / self.scale
        for layer in self.layers:
            state = torch.relu(layer(state, batch.pairs))
        return torch.as_tensor(self.head(state[: batch.seeds]).squeeze(1))
