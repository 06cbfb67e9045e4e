"""How badly an address fits into its graph, without any label: a graph autoencoder.

From the value-weighted payments around an address a short code is made, and from the codes alone what the address does and who
pays whom are told again. What is told badly does not fit: attributes as in DOMINANT (Ding et al., SDM 2019), links as in the
graph autoencoder (Kipf and Welling 2016). Neighbours are averaged with the logarithm of the amount as weight, those who pay and
those who are paid apart. No time enters, no block and no fee.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from scipy.stats import rankdata
from torch import nn

from chainsight.progress import SILENT, Progress
from models.encoders.checkpoints import Plan, learn
from models.encoders.payments import Payments
from models.encoders.sampling import Floats, Ints, Sample
from models.predictor import Scores

_WIDTH, _CODE = 32, 8
_FURTHEST = 6.0
"""Attributes are cut at so many deviations: one enormous number must not be all there is to learn."""
_JUDGED_BATCHES = 8
_NODES_A_CHUNK = 2_048
_PAYMENTS_A_CHUNK = 1_000_000


@dataclass(frozen=True)
class Neighbourhood:
    """Sampled trees as tensors; the first `seeds` nodes are those asked about."""

    nodes: torch.Tensor
    source: torch.Tensor
    """One entry a payment, as all below."""
    target: torch.Tensor
    is_reverse: torch.Tensor
    weight: torch.Tensor
    seeds: int


class Autoencoder(nn.Module):
    """Attributes and payments in, a code an address; attributes and links out."""

    centre: torch.Tensor
    scale: torch.Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.enter = nn.Linear(width, _WIDTH)
        self.layers = nn.ModuleList(nn.Linear(3 * _WIDTH, _WIDTH) for _ in range(2))
        self.code = nn.Linear(_WIDTH, _CODE)
        self.read = nn.Sequential(nn.Linear(_CODE, _WIDTH), nn.ReLU(), nn.Linear(_WIDTH, width))
        self.ask, self.offer = nn.Linear(_CODE, _CODE), nn.Linear(_CODE, _CODE)

    def scaled(self, nodes: torch.Tensor) -> torch.Tensor:
        """Attributes with mean 0 and deviation 1 over the graph, nothing further out than `_FURTHEST`."""
        return ((nodes - self.centre) / self.scale).clamp(-_FURTHEST, _FURTHEST)

    def codes(self, around: Neighbourhood) -> torch.Tensor:
        """One row a seed."""
        state = torch.relu(self.enter(self.scaled(around.nodes)))
        for layer in self.layers:
            given = [self._gathered(state, around, around.is_reverse == back) for back in (False, True)]
            state = state + torch.relu(layer(torch.cat([state, *given], dim=1)))
        return torch.as_tensor(self.code(state[: around.seeds]))

    def told(self, codes: torch.Tensor, nodes: torch.Tensor) -> torch.Tensor:
        """Mean squared error of the attributes of each seed."""
        return (self.read(codes) - self.scaled(nodes)).square().mean(1)

    def linked(self, givers: torch.Tensor, receivers: torch.Tensor) -> torch.Tensor:
        """Log-odds that the one pays the other, row by row."""
        return (self.ask(givers) * self.offer(receivers)).sum(1)

    def _gathered(self, state: torch.Tensor, around: Neighbourhood, chosen: torch.Tensor) -> torch.Tensor:
        """Value-weighted mean of the neighbours of each node on one side, 0 where there is none."""
        weight, target = around.weight[chosen], around.target[chosen]
        total = state.new_zeros(len(state)).index_add(0, target, weight)
        found = torch.zeros_like(state).index_add(0, target, state[around.source[chosen]] * weight[:, None])
        return found / total.clamp_min(1e-9)[:, None]


@dataclass
class Reconstruction:
    """What an autoencoder learns: payments drawn at random against strangers (see `Lesson`)."""

    model: Autoencoder
    payments: Payments
    plan: Plan
    seed: int
    givers: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Order the payments by giver: a giver is drawn first, otherwise exchanges would be all there is to learn."""
        self._order = np.argsort(self.payments.giver, kind="stable")
        self.givers, self._starts, self._counts = np.unique(
            self.payments.giver[self._order], return_index=True, return_counts=True
        )

    def losses(self, epoch: int) -> Iterator[torch.Tensor]:
        """See `Lesson.losses`."""
        for number in range(self.plan.batches):
            yield self._loss([self.seed, 1 + epoch, number])

    def judge(self) -> float:
        """See `Lesson.judge`; other draws than any epoch's."""
        return float(np.mean([float(self._loss([self.seed, 0, number])) for number in range(_JUDGED_BATCHES)]))

    def _loss(self, key: list[int]) -> torch.Tensor:
        draw = np.random.default_rng(key)
        size = self.plan.batch // 3
        places = draw.integers(0, len(self.givers), size)
        payment = self._order[self._starts[places] + draw.integers(0, self._counts[places])]
        strangers = self.payments.receiver[draw.integers(0, len(self.payments.receiver), size)]
        ids = np.concatenate([self.payments.giver[payment], self.payments.receiver[payment], strangers])
        around = neighbourhood(self.payments, ids, self.plan, seed=int(draw.integers(2**31)))
        codes = self.model.codes(around)
        givers, receivers, others = codes.split(size)
        links = torch.cat([self.model.linked(givers, receivers), self.model.linked(givers, others)])
        truth = torch.cat([torch.ones(size), torch.zeros(size)])
        link = nn.functional.binary_cross_entropy_with_logits(links, truth)
        return link + self.model.told(codes, around.nodes[: around.seeds]).mean()


def neighbourhood(payments: Payments, ids: Ints, plan: Plan, *, seed: int) -> Neighbourhood:
    """Trees around addresses as they stand now; the same for the same seed."""
    found: Sample = payments.source.sample(ids, np.full(len(ids), payments.until), plan.fan_out, seed=seed)
    return Neighbourhood(
        nodes=torch.from_numpy(payments.nodes[found.nodes]),
        source=torch.from_numpy(found.source[found.bundle]),
        target=torch.from_numpy(found.target[found.bundle]),
        is_reverse=torch.from_numpy(found.is_reverse[found.bundle] == 1),
        weight=torch.from_numpy(1 + payments.amount[found.edge]),
        seeds=len(ids),
    )


def structure_anomalies(
    payments: Payments, folder: Path, *, plan: Plan, seed: int = 0, threads: int = 1, progress: Progress = SILENT
) -> Scores:
    """Per node of the graph the share of nodes with a payment that fit better, 0 to 1; NaN for those without any.

    Both errors count alike, by rank. Deterministic on a CPU; goes on from its checkpoint in `folder` if it was killed. Needs
    some 150 bytes a payment and 100 a node, whatever the number of addresses: they are scored a few thousand at a time.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    met = np.unique(np.concatenate([payments.giver, payments.receiver]))
    model = Autoencoder(payments.nodes.shape[1])
    known = torch.from_numpy(payments.nodes[met])
    model.centre.copy_(known.mean(0))
    model.scale.copy_(known.std(0, correction=0) + 1e-6)
    lesson, about = Reconstruction(model, payments, plan, seed), {"seed": seed, "payments": len(payments.giver)}
    learn(model, lesson, plan, folder=folder, about=about, progress=progress, what="structure, learning")
    attributes, codes = _told(model, payments, met, plan, seed, progress)
    links = _surprise(model, payments, codes)[met]
    both = rankdata(attributes) + rankdata(links)
    found = np.full(len(payments.nodes), np.nan)
    found[met] = (rankdata(both) - 0.5) / max(len(met), 1)
    return found


def _told(
    model: Autoencoder, payments: Payments, met: Ints, plan: Plan, seed: int, progress: Progress
) -> tuple[Scores, Floats]:
    """How badly the attributes of the nodes in `met` are told, and the code of every node of the graph."""
    errors = np.zeros(len(met))
    codes = np.zeros((len(payments.nodes), _CODE), np.float32)
    with torch.no_grad():
        for start in range(0, len(met), _NODES_A_CHUNK):
            progress.step(start, len(met), "structure, addresses")
            ids = met[start : start + _NODES_A_CHUNK]
            around = neighbourhood(payments, ids, plan, seed=seed)
            found = model.codes(around)
            errors[start : start + len(ids)] = model.told(found, around.nodes[: len(ids)]).numpy()
            codes[ids] = found.numpy()
    return errors, codes


def _surprise(model: Autoencoder, payments: Payments, codes: Floats) -> Scores:
    """Mean surprise (-log of the probability) at the payments of each node, over both sides, weighted by value."""
    total, weight = np.zeros(len(codes)), np.zeros(len(codes))
    known = torch.from_numpy(codes)
    with torch.no_grad():
        asked, offered = model.ask(known), model.offer(known)
        for start in range(0, len(payments.giver), _PAYMENTS_A_CHUNK):
            part = slice(start, start + _PAYMENTS_A_CHUNK)
            giver, receiver = payments.giver[part], payments.receiver[part]
            odds = (asked[torch.from_numpy(giver)] * offered[torch.from_numpy(receiver)]).sum(1)
            surprise, worth = nn.functional.softplus(-odds).numpy().astype(np.float64), 1.0 + payments.amount[part]
            for side in (giver, receiver):
                total += np.bincount(side, weights=surprise * worth, minlength=len(codes))
                weight += np.bincount(side, weights=worth, minlength=len(codes))
    return total / np.maximum(weight, 1e-9)
