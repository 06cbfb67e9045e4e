"""What an encoder can learn: from labels, or from the payments themselves where labels are few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from models.encoders.checkpoints import Plan
from models.encoders.multigraph import Encoder
from models.encoders.payments import AMOUNT, AMOUNTS, EDGE_KINDS, HIDDEN, Batch, Payments
from models.encoders.sampling import Ints

HIDDEN_SHARE = 0.3
_JUDGED_BATCHES = 8
_SEEDS_APART = 100_003


@dataclass(frozen=True)
class Judgements:
    """Learning from labels: binary cross-entropy of the head (see `Lesson`)."""

    encoder: nn.Module
    """Log-odds of the seeds of a batch."""
    payments: Payments
    plan: Plan
    ids: Ints
    labels: Ints
    held_ids: Ints
    held_labels: Ints
    seed: int

    def losses(self, epoch: int) -> Iterator[torch.Tensor]:
        """See `Lesson.losses`."""
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.ids))
        for start in range(0, len(order), self.plan.batch):
            rows = order[start : start + self.plan.batch]
            yield self._loss(self.ids[rows], self.labels[rows], seed=(self.seed * 100 + epoch) * _SEEDS_APART + start)

    def judge(self) -> float:
        """See `Lesson.judge`."""
        total = 0.0
        for start in range(0, len(self.held_ids), self.plan.batch):
            part = slice(start, start + self.plan.batch)
            ids, labels = self.held_ids[part], self.held_labels[part]
            total += float(self._loss(ids, labels, seed=self.seed + start)) * len(ids)
        return total / max(len(self.held_ids), 1)

    def _loss(self, ids: Ints, labels: Ints, *, seed: int) -> torch.Tensor:
        batch, _ = self.payments.batch(ids, self.plan.fan_out, seed=seed)
        odds = self.encoder(batch.to(device_of(self.encoder)))
        return nn.functional.binary_cross_entropy_with_logits(odds, torch.from_numpy(labels).float().to(odds.device))


class SelfSupervision(nn.Module):
    """Learning without labels: hidden amounts and kinds, and whom a wallet pays next (see `Lesson`).

    Both after what worked for transactions elsewhere: masked attributes as in BERT4ETH (Hu et al., WWW 2023), the next
    counterparty against the others of the batch by InfoNCE (van den Oord et al. 2018). One giver in twenty is not learnt from.
    """

    def __init__(self, encoder: Encoder, payments: Payments, plan: Plan, *, seed: int) -> None:
        super().__init__()
        width = encoder.shape.hidden
        self.encoder, self.payments, self.plan, self.seed = encoder, payments, plan, seed
        self.read = nn.Sequential(nn.Linear(2 * width, width), nn.ReLU(), nn.Linear(width, EDGE_KINDS + 1))
        self.ask = nn.Linear(2 * width, width)
        self.offer = nn.Linear(2 * width, width)
        self._by_giver = np.argsort(payments.giver, kind="stable")
        givers, self._starts, self._counts = np.unique(
            payments.giver[self._by_giver], return_index=True, return_counts=True
        )
        order = np.random.default_rng(seed).permutation(len(givers))
        held = max(1, len(givers) // 20)
        self._learnt, self._held = np.sort(order[held:]), np.sort(order[:held])

    def losses(self, epoch: int) -> Iterator[torch.Tensor]:
        """See `Lesson.losses`."""
        for number in range(self.plan.batches):
            yield self._loss(self._learnt, seed=(self.seed * 100 + epoch) * _SEEDS_APART + number)

    def judge(self) -> float:
        """See `Lesson.judge`."""
        found = [
            float(self._loss(self._held, seed=self.seed + number))
            for number in range(min(_JUDGED_BATCHES, self.plan.batches))
        ]
        return float(np.mean(found))

    def _loss(self, among: Ints, *, seed: int) -> torch.Tensor:
        draw = np.random.default_rng(seed)
        # A giver is drawn first, then one of its payments: otherwise exchanges would be all there is to learn.
        places = draw.choice(among, self.plan.batch // 2)
        payment = self._by_giver[self._starts[places] + draw.integers(0, self._counts[places])]
        giver, receiver = self.payments.giver[payment], self.payments.receiver[payment]
        moment = self.payments.moment[payment]
        batch, found = self.payments.batch(
            np.concatenate([giver, receiver]),
            self.plan.fan_out,
            seed=seed,
            moments=np.concatenate([moment, moment]),
            hidden=HIDDEN_SHARE,
        )
        batch = batch.to(device_of(self))
        first, state = self.encoder.states(batch)
        seeds = torch.cat([first[: batch.seeds], state[: batch.seeds]], dim=1)
        asked, offered = self.ask(seeds[: len(giver)]), self.offer(seeds[len(giver) :])
        likeness = asked @ offered.T / asked.shape[1] ** 0.5
        # Where two of a batch pay the same wallet, both are right.
        same = torch.from_numpy(receiver[:, None] == receiver[None, :]).to(likeness.device)
        next_one = -(torch.logsumexp(likeness.masked_fill(~same, -1e9), 1) - torch.logsumexp(likeness, 1)).mean()
        return next_one + self._hidden_loss(batch, state, found.edge)

    def _hidden_loss(self, batch: Batch, state: torch.Tensor, edge: Ints) -> torch.Tensor:
        at_a_seed = batch.pairs[1][batch.bundle] < batch.seeds
        hidden = torch.nonzero((batch.edges[:, HIDDEN] == 1) & at_a_seed).flatten()
        if not len(hidden):
            return state.new_zeros(())
        pair = batch.pairs[:, batch.bundle[hidden]]
        read = self.read(torch.cat([state[pair[1]], state[pair[0]]], dim=1))
        numbers = edge[hidden.cpu().numpy()]
        kind = torch.from_numpy(self.payments.kind[numbers]).to(read.device)
        amount = torch.from_numpy(self.payments.amount[numbers] / AMOUNTS).to(read.device)
        return nn.functional.cross_entropy(read[:, :EDGE_KINDS], kind) + nn.functional.smooth_l1_loss(
            read[:, AMOUNT], amount
        )


def device_of(module: nn.Module) -> torch.device:
    """Where a module's weights are."""
    return next(module.parameters()).device
