"""A graph encoder in PyTorch Geometric on the directed multigraph of moves.

Two layers over sampled neighbourhoods. Each layer gathers along the payments and against them with weights of its own
(reverse message passing, Egressy et al., AAAI 2024) and sees each edge's amount, age and kind (as GINE, Hu et al. 2020);
messages are gathered as mean and maximum (as PNA, Corso et al. 2020). CPU, minutes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch_geometric.nn import MessagePassing
from torch_geometric.nn.aggr import MultiAggregation

from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from models.baselines import squeeze
from models.certainty.calibration import fit_calibration
from models.predictor import Labels, Scores
from models.sampling import Ints, Sample, TimedRows, sample, timed_rows
from models.splits import split_by_hash

FAN_OUT = (10, 4)
HIDDEN = 48
_EDGE_WIDTH = 3
_EPOCHS, _BATCH, _RATE = 4, 256, 3e-3


class DirectedLayer(MessagePassing):
    """Messages of one direction: neighbour and edge through a small network, then mean and maximum."""

    def __init__(self, width: int) -> None:
        super().__init__(aggr=MultiAggregation(["mean", "max"]))
        self.message_network = nn.Sequential(nn.Linear(width + _EDGE_WIDTH, width), nn.ReLU())
        self.out = nn.Linear(2 * width, width)

    def forward(self, x: torch.Tensor, edge_index: torch.Tensor, edge_attr: torch.Tensor) -> torch.Tensor:
        """Gathered messages, nodes × width; zero for nodes without any."""
        return self.out(self.propagate(edge_index, x=x, edge_attr=edge_attr))

    def message(self, x_j: torch.Tensor, edge_attr: torch.Tensor) -> torch.Tensor:
        """One message an edge."""
        return self.message_network(torch.cat([x_j, edge_attr], dim=1))


class Encoder(nn.Module):
    """Two directed layers with residuals, and a head that gives log-odds of the seeds."""

    def __init__(self, node_width: int, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.enter = nn.Linear(node_width, hidden)
        self.along = nn.ModuleList(DirectedLayer(hidden) for _ in FAN_OUT)
        self.against = nn.ModuleList(DirectedLayer(hidden) for _ in FAN_OUT)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in FAN_OUT)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(
        self, nodes: torch.Tensor, edges: torch.Tensor, about: torch.Tensor, reverse: torch.Tensor, seeds: int
    ) -> torch.Tensor:
        """Log-odds of the first `seeds` nodes."""
        first = torch.relu(self.enter(nodes))
        state = first
        for along, against, norm in zip(self.along, self.against, self.norms, strict=True):
            gathered = along(state, edges[:, ~reverse], about[~reverse]) + against(
                state, edges[:, reverse], about[reverse]
            )
            state = torch.relu(norm(state + gathered))
        return self.head(torch.cat([first[:seeds], state[:seeds]], dim=1)).squeeze(1)


class Graph:
    """Moves and node descriptions, and samples of them as tensors."""

    def __init__(self, giver: Ints, receiver: Ints, moment: Ints, edges: np.ndarray, nodes: np.ndarray) -> None:
        count = len(nodes)
        self.incoming: TimedRows = timed_rows(receiver, giver, moment, count)
        self.outgoing: TimedRows = timed_rows(giver, receiver, moment, count)
        self.edges = edges
        self.until = int(moment.max()) + 1 if len(moment) else 1
        prepared = squeeze(nodes)
        self.nodes = (prepared - prepared.mean(0)) / (prepared.std(0) + 1e-6)

    @classmethod
    def read(cls, folder: Path) -> Graph:
        """From the files that models/moves.py wrote."""
        moves = pd.read_parquet(folder / "moves.parquet")
        giver, receiver, moment = (moves[name].to_numpy(np.int64) for name in ("giver", "receiver", "moment"))
        edges = moves[["log_amount", "is_token"]].to_numpy(np.float32)
        return cls(giver, receiver, moment, edges, np.load(folder / "nodes.npy"))

    def batch(self, seeds: Ints, *, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Node features, edge index, edge attributes and the mask of reverse messages of one sample."""
        found: Sample = sample(self.incoming, self.outgoing, seeds, np.full(len(seeds), self.until), FAN_OUT, seed=seed)
        # The age is told relative to the seed's own last move below: an absolute one would be a clock.
        last = np.full(len(seeds), np.inf)
        tree = found.root[found.target]
        np.minimum.at(last, tree, found.age)
        age = np.log1p(found.age - last[tree])[:, None] / 10
        about = np.concatenate([self.edges[found.edge], age], axis=1)
        return (
            torch.from_numpy(self.nodes[found.nodes]),
            torch.from_numpy(np.stack([found.source, found.target])),
            torch.from_numpy(about.astype(np.float32)),
            torch.from_numpy(found.is_reverse == 1),
        )


def train_encoder(
    folder: Path, addresses: Sequence[bytes], labels: Labels, *, out: Path, seed: int = 0, progress: Progress = SILENT
) -> Scores:
    """Train on the fit part, keep the best epoch on validation, calibrate there; returns a probability an account.

    Writes encoder.safetensors and encoder.json to `out`.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(settings().threads or 2)
    graph = Graph.read(folder)
    numbers = json.loads((folder / "numbers.json").read_text(encoding="utf-8"))
    ids = np.array([numbers.get(address.hex(), -1) for address in addresses], dtype=np.int64)
    split = split_by_hash(addresses)
    known = ids >= 0
    fit, validation = np.flatnonzero(split.fit & known), np.flatnonzero(split.validation & known)
    encoder = Encoder(graph.nodes.shape[1])
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=_RATE, weight_decay=1e-4)
    draw = np.random.default_rng(seed)
    best, kept = np.inf, {name: value.clone() for name, value in encoder.state_dict().items()}
    for epoch in range(_EPOCHS):
        progress.step(epoch, _EPOCHS, "graph encoder")
        _one_epoch(encoder, optimiser, graph, ids, labels, draw.permutation(fit), seed=seed * 100 + epoch)
        odds = encode(encoder, graph, ids[validation], seed=seed)
        loss = float(np.mean(np.logaddexp(0, odds) - odds * labels[validation]))
        if loss < best:
            best, kept = loss, {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder.load_state_dict(kept)
    scores = np.full(len(ids), float(labels[split.fit].mean()))
    scores[known] = 1 / (1 + np.exp(-encode(encoder, graph, ids[known], seed=seed)))
    calibration = fit_calibration(labels[split.validation], scores[split.validation])
    save_file(kept, str(out / "encoder.safetensors"))
    about = {"node_width": graph.nodes.shape[1], "hidden": HIDDEN, "fan_out": FAN_OUT, "at": calibration.at,
             "probability": calibration.probability, "kind": calibration.kind}  # fmt: skip
    (out / "encoder.json").write_text(json.dumps(about), encoding="utf-8")
    return calibration.apply(scores)


def load_encoder(folder: Path) -> Encoder:
    """The encoder that `train_encoder` wrote."""
    about = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    encoder = Encoder(about["node_width"], about["hidden"])
    encoder.load_state_dict(load_file(str(folder / "encoder.safetensors")))
    return encoder


def encode(encoder: Encoder, graph: Graph, ids: Ints, *, seed: int) -> np.ndarray:
    """Log-odds of nodes, in their order."""
    encoder.eval()
    with torch.no_grad():
        parts = [
            encoder(*graph.batch(ids[start : start + 512], seed=seed + start), len(ids[start : start + 512])).numpy()
            for start in range(0, len(ids), 512)
        ]
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)


def _one_epoch(
    encoder: Encoder,
    optimiser: torch.optim.Optimizer,
    graph: Graph,
    ids: Ints,
    labels: Labels,
    order: Ints,
    *,
    seed: int,
) -> None:
    encoder.train()
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        odds = encoder(*graph.batch(ids[rows], seed=seed * 100_003 + start), len(rows))
        loss = nn.functional.binary_cross_entropy_with_logits(odds, torch.from_numpy(labels[rows]).float())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
