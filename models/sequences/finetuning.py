"""The pretrained encoder learns labels: one body for several kinds of histories, a head for each.

Sets that were gathered differently (a kind each) share what a transaction means, not where the boundary lies. A part of the
labels is kept aside to tell when to stop; a tenth of the moves is hidden at each step, so that no single one decides.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from models.sequences.encoder import Batch, SequenceEncoder, Tokens, batches
from models.sequences.history import Floats, Ints
from models.sequences.pretraining import make_deterministic

_HELD_SHARE = 0.15
_HIDDEN_SHARE = 0.1


@dataclass(frozen=True)
class Finetuning:
    """How long and how fast."""

    epochs: int = 8
    patience: int = 2
    """Epochs without gain on the labels kept aside after which it stops."""
    rate: float = 1e-3
    body_share: float = 0.5
    """The body learns at this share of the heads' rate."""
    threads: int = 1


class Judge(nn.Module):
    """The encoder with a head for each kind of history."""

    def __init__(self, encoder: SequenceEncoder, kinds: int) -> None:
        super().__init__()
        self.encoder = encoder
        hidden = encoder.shape.width
        self.narrow = nn.Sequential(
            nn.LayerNorm(encoder.summary_width), nn.Dropout(0.2), nn.Linear(encoder.summary_width, hidden), nn.GELU()
        )
        self.heads = nn.Linear(hidden, kinds)

    def forward(self, batch: Batch, hidden: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """What the heads read, batch × width, and log-odds by kind, batch × kinds."""
        read = self.narrow(self.encoder.summary(self.encoder(batch, hidden=hidden), batch.real))
        return read, self.heads(read)


def finetune(
    pretrained: SequenceEncoder, tokens: Tokens, labels: Ints, kinds: Ints, fit: Ints, *, how: Finetuning, seed: int = 0
) -> Judge:
    """A judge that learned from the rows `fit`; `pretrained` stays as it is."""
    make_deterministic(seed, how.threads)
    judge = Judge(copy.deepcopy(pretrained), int(kinds.max()) + 1)
    heads = [*judge.narrow.parameters(), *judge.heads.parameters()]
    parts: list[dict[str, Any]] = [
        {"params": list(judge.encoder.parameters()), "lr": how.rate * how.body_share},
        {"params": heads},
    ]
    optimiser = torch.optim.AdamW(parts, lr=how.rate, weight_decay=2e-2)
    draw = np.random.default_rng(seed)
    shuffled = draw.permutation(fit)
    held, learned = np.split(shuffled, [max(1, round(_HELD_SHARE * len(fit)))])
    best, kept, since = np.inf, judge.state_dict(), 0
    for _ in range(how.epochs):
        _one_epoch(judge, optimiser, tokens, labels, kinds, learned, draw)
        loss = _loss(labels[held], judge_all(judge, tokens, kinds, held)[1])
        if loss < best:
            best, since = loss, 0
            kept = {name: value.clone() for name, value in judge.state_dict().items()}
        elif (since := since + 1) >= how.patience:
            break
    judge.load_state_dict(kept)
    return judge


def judge_all(judge: Judge, tokens: Tokens, kinds: Ints, rows: Ints) -> tuple[np.ndarray, Floats]:
    """Of the rows asked for, in their order: embeddings (rows × width, float32) and log-odds."""
    judge.eval()
    read = np.zeros((len(tokens), judge.encoder.shape.width), dtype=np.float32)
    odds = np.zeros(len(tokens))
    with torch.no_grad():
        for batch in batches(tokens, rows):
            state, told = judge(batch)
            read[batch.rows] = state.numpy()
            odds[batch.rows] = told.numpy()[np.arange(len(batch.rows)), kinds[batch.rows]]
    return read[rows], odds[rows]


def _one_epoch(
    judge: Judge,
    optimiser: torch.optim.Optimizer,
    tokens: Tokens,
    labels: Ints,
    kinds: Ints,
    rows: Ints,
    draw: np.random.Generator,
) -> None:
    judge.train()
    for batch in batches(tokens, rows, draw):
        hidden = torch.from_numpy(draw.random(batch.real.shape) < _HIDDEN_SHARE) & batch.real
        odds = judge(batch, hidden)[1][torch.arange(len(batch.rows)), torch.from_numpy(kinds[batch.rows])]
        loss = nn.functional.binary_cross_entropy_with_logits(odds, torch.from_numpy(labels[batch.rows]).float())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
        optimiser.step()


def _loss(labels: Ints, odds: Floats) -> float:
    return float(np.mean(np.logaddexp(0, odds) - odds * labels))
