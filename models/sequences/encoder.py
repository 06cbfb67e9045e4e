"""A small transformer over a wallet's own transactions (Vaswani et al. 2017), for minutes on a CPU and unchanged on a GPU.

A transaction is told by bins and numbers: size and gap as logarithms and as learned bins, digits after the point, first digit,
direction, place; columns that a caller adds (statistics of the counterparty, say) are read as numbers beside them. Long
histories are seen by their first and last transactions. Read under a causal mask the same weights foretell the next
transaction, without it what was masked: models/sequences/pretraining.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from chainsight.errors import DataCheckError
from models.sequences.descriptors import decimals
from models.sequences.history import Floats, Histories, Ints

SIZE_BINS, GAP_BINS, DECIMALS, LEADS = 26, 24, 11, 11
NUMBERS = 6
"""Plain numbers a transaction: size, is it empty, gap, time since the first, balance over what came in so far, is it the
first. None of them knows a later transaction."""
SUMS = slice(3, 5)
"""Those of the numbers that add up moves: from two of them one could tell the move between."""
_SIZE_STEP, _GAP_STEP = 0.4, 0.35
_TOKENS_A_BATCH = 4_096


@dataclass(frozen=True)
class EncoderShape:
    """What a file of weights must be read with."""

    width: int = 48
    heads: int = 4
    layers: int = 2
    head_moves: int = 40
    """Of a long history, so many transactions from its beginning."""
    tail_moves: int = 24
    """And so many from its end."""
    extra: int = 0
    """Further numbers a transaction brings along."""
    dropout: float = 0.1


@dataclass(frozen=True)
class Tokens:
    """Histories as the encoder reads them, end to end."""

    codes: Ints
    """Moves × 4: bin of the size, bin of the gap, digits after the point, first digit."""
    ways: Ints
    numbers: np.ndarray
    """Moves × (NUMBERS + extra), float32."""
    offsets: Ints

    def __len__(self) -> int:
        """How many histories."""
        return len(self.offsets) - 1


@dataclass(frozen=True)
class Batch:
    """Some histories side by side, filled up with nothing: batch × longest × what `Tokens` has."""

    rows: Ints
    """Which histories they are."""
    codes: torch.Tensor
    ways: torch.Tensor
    numbers: torch.Tensor
    real: torch.Tensor
    """Where there is a transaction."""


def tokenize(histories: Histories, shape: EncoderShape, extra: np.ndarray | None = None) -> Tokens:
    """Histories as tokens; `extra` is moves × shape.extra. Raises `DataCheckError` when its width is another."""
    if (0 if extra is None else extra.shape[1]) != shape.extra:
        raise DataCheckError(f"The encoder reads {shape.extra} further numbers a move.", next_step="Give it so many.")
    size, gap = np.log10(1 + 1e6 * histories.amounts), np.log10(1 + histories.gaps)
    numbers = [
        size / 4 - 1,
        histories.amounts == 0,
        gap / 4 - 1,
        np.log10(1 + histories.times) / 4 - 1,
        _balance_share(histories),
        histories.place == 0,
    ]
    codes = [
        np.minimum(size / _SIZE_STEP, SIZE_BINS - 1),
        np.minimum(gap / _GAP_STEP, GAP_BINS - 1),
        decimals(histories.amounts),
        _first_digit(histories.amounts),
    ]
    far = np.repeat(histories.lengths, histories.lengths) - histories.place
    kept = (histories.place < shape.head_moves) | (far <= shape.tail_moves)
    lengths = np.bincount(histories.owner[kept], minlength=len(histories))
    told = np.stack(numbers, axis=1).astype(np.float32)
    return Tokens(
        np.stack(codes, axis=1).astype(np.int64)[kept],
        histories.directions.astype(np.int64)[kept],
        (told if extra is None else np.concatenate([told, extra.astype(np.float32)], axis=1))[kept],
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )


def batches(tokens: Tokens, chosen: Ints, draw: np.random.Generator | None = None) -> Iterator[Batch]:
    """Histories of like length together, so many that a batch stays small; in random order when `draw` is given."""
    lengths = np.diff(tokens.offsets)[chosen]
    ranked = chosen[np.lexsort((chosen if draw is None else draw.random(len(chosen)), lengths))]
    groups: list[Ints] = []
    at = 0
    while at < len(ranked):
        taken, longest = 1, 0
        while at + taken <= len(ranked):
            longest = max(
                longest, int(tokens.offsets[ranked[at + taken - 1] + 1] - tokens.offsets[ranked[at + taken - 1]])
            )
            if taken > 1 and (longest * taken > _TOKENS_A_BATCH or taken > 64):
                break
            taken += 1
        groups.append(ranked[at : at + taken - 1])
        at += taken - 1
    for number in range(len(groups)) if draw is None else draw.permutation(len(groups)):
        yield pad(tokens, groups[number])


def pad(tokens: Tokens, rows: Ints) -> Batch:
    """Histories side by side."""
    starts, lengths = tokens.offsets[rows], np.diff(tokens.offsets)[rows]
    steps = np.arange(int(lengths.max()))
    real = steps[None, :] < lengths[:, None]
    at = np.where(real, starts[:, None] + steps[None, :], 0)
    return Batch(
        rows,
        torch.from_numpy(tokens.codes[at] * real[:, :, None]),
        torch.from_numpy(tokens.ways[at] * real),
        torch.from_numpy(tokens.numbers[at] * real[:, :, None].astype(np.float32)),
        torch.from_numpy(real),
    )


class Layer(nn.Module):
    """Attention and a small network, each after a norm and beside a residual."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm, self.second = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.ask, self.out = nn.Linear(shape.width, 3 * shape.width), nn.Linear(shape.width, shape.width)
        self.network = nn.Sequential(
            nn.Linear(shape.width, 2 * shape.width), nn.GELU(), nn.Linear(2 * shape.width, shape.width)
        )
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, state: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """`state` is batch × moves × width; `bias` is added to the attention, batch × 1 × moves × moves."""
        size, moves, width = state.shape
        parts = self.ask(self.norm(state)).view(size, moves, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        state = state + self.drop(self.out(seen.transpose(1, 2).reshape(size, moves, width)))
        return state + self.drop(self.network(self.second(state)))


class SequenceEncoder(nn.Module):
    """Tokens in; a state for each move, and a summary for each history."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.shape = shape
        width, most = shape.width, shape.head_moves + shape.tail_moves
        self.size, self.gap = nn.Embedding(SIZE_BINS, width), nn.Embedding(GAP_BINS, width)
        self.decimals, self.lead = nn.Embedding(DECIMALS, width), nn.Embedding(LEADS, width)
        self.way, self.place = nn.Embedding(2, width), nn.Embedding(most, width)
        self.numbers = nn.Linear(NUMBERS + shape.extra, width)
        self.blank = nn.Parameter(torch.zeros(width))
        """Stands for a move that is masked."""
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(width)
        self.weigh = nn.Linear(width, 1)

    @property
    def summary_width(self) -> int:
        """Numbers a history."""
        return 3 * self.shape.width

    def forward(self, batch: Batch, *, hidden: torch.Tensor | None = None, causal: bool = False) -> torch.Tensor:
        """States, batch × moves × width; moves in `hidden` are not shown, `causal` shows each move only what came before."""
        state = (
            self.size(batch.codes[..., 0])
            + self.gap(batch.codes[..., 1])
            + self.decimals(batch.codes[..., 2])
            + self.lead(batch.codes[..., 3])
            + self.way(batch.ways)
            + self.numbers(batch.numbers)
        )
        if hidden is not None:
            state = torch.where(hidden[..., None], self.blank, state)
        moves = state.shape[1]
        state = state + self.place(torch.arange(moves, device=state.device))
        shown = batch.real[:, None, None, :].expand(-1, 1, moves, -1)
        if causal:
            shown = shown & torch.ones(moves, moves, dtype=torch.bool, device=state.device).tril()
        bias = torch.zeros(shown.shape, device=state.device).masked_fill(~shown, -1e9)
        for layer in self.layers:
            state = layer(state, bias)
        return self.norm(state)

    def summary(self, states: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Mean, maximum and attention-weighted mean over the real moves: batch × summary_width."""
        there = real[..., None].to(states.dtype)
        mean = (states * there).sum(1) / there.sum(1)
        largest = states.masked_fill(~real[..., None], -1e9).amax(1)
        weight = torch.softmax(self.weigh(states).masked_fill(~real[..., None], -1e9), dim=1)
        return torch.cat([mean, largest, (states * weight).sum(1)], dim=1)


def embed(encoder: SequenceEncoder, tokens: Tokens) -> np.ndarray:
    """The summaries of all histories, histories × summary_width (float32), in their order."""
    encoder.eval()
    found = np.zeros((len(tokens), encoder.summary_width), dtype=np.float32)
    with torch.no_grad():
        for batch in batches(tokens, np.arange(len(tokens))):
            found[batch.rows] = encoder.summary(encoder(batch), batch.real).numpy()
    return found


def save_encoder(encoder: SequenceEncoder, folder: Path, about: dict[str, object]) -> None:
    """encoder.safetensors, and encoder.json with the shape and what `about` tells."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "encoder.json").write_text(
        json.dumps({"shape": asdict(encoder.shape), **about}, indent=1), encoding="utf-8"
    )
    # Weights last, under their name only when whole: a folder with them is complete.
    save_file(
        {name: value.contiguous() for name, value in encoder.state_dict().items()}, str(folder / "part.safetensors")
    )
    (folder / "part.safetensors").replace(folder / "encoder.safetensors")


def load_encoder(folder: Path) -> tuple[SequenceEncoder, dict[str, object]]:
    """What `save_encoder` wrote; raises `DataCheckError` when the files do not fit each other."""
    try:
        about = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        encoder = SequenceEncoder(EncoderShape(**about["shape"]))
        encoder.load_state_dict(load_file(str(folder / "encoder.safetensors")))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise DataCheckError(
            f"The encoder in {folder} cannot be read: {error}.", next_step="Remove the folder."
        ) from error
    return encoder, about


def _balance_share(histories: Histories) -> Floats:
    """What is left of what came in so far, -1 to 1."""
    received = _running(histories, np.where(histories.directions == 0, histories.amounts, 0.0))
    sent = _running(histories, np.where(histories.directions == 0, 0.0, histories.amounts))
    return np.clip((received - sent) / np.maximum(received, 1e-9), -1, 1)


def _running(histories: Histories, values: Floats) -> Floats:
    total = np.cumsum(values)
    return np.asarray(total - np.repeat((total - values)[histories.offsets[:-1]], histories.lengths))


def _first_digit(amounts: Floats) -> Floats:
    """0 for nothing, else 1 to 9."""
    worth = np.maximum(amounts, 1e-18)
    return np.where(amounts > 0, np.clip(np.floor(worth / 10.0 ** np.floor(np.log10(worth)) + 1e-9), 1, 9), 0)
