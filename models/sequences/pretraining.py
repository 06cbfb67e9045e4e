"""The encoder learns from histories that nobody labelled: what was hidden from it, and what comes next.

Two tasks share the weights. Masked (Devlin et al. 2019): of a fifth of the moves it tells size, gap, digits and direction from
all others. Next (Radford et al. 2018): under a causal mask it tells the same of the move that follows. Numbers are told by
bin, which needs no scale. After each epoch a checkpoint is kept; a run that was stopped goes on from there, and since every
epoch draws by its own number it ends with the same weights.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from chainsight.progress import SILENT, Progress
from models.sequences.encoder import (
    DECIMALS,
    GAP_BINS,
    SIZE_BINS,
    SUMS,
    Batch,
    EncoderShape,
    SequenceEncoder,
    Tokens,
    batches,
    load_encoder,
    save_encoder,
    tokenize,
)
from models.sequences.history import Histories

_PARTS = (SIZE_BINS, GAP_BINS, DECIMALS, 2)
_HELD_SHARE = 0.1
_HIDDEN_SHARE = 0.2
_CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Pretraining:
    """How long and how fast."""

    epochs: int = 8
    patience: int = 2
    """Epochs without gain on the held-out tenth after which it stops."""
    rate: float = 2e-3
    threads: int = 2


class Foretelling(nn.Module):
    """The encoder with a reading head a task: logits of size, gap, digits and direction."""

    def __init__(self, encoder: SequenceEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.masked = nn.Linear(encoder.shape.width, sum(_PARTS))
        self.following = nn.Linear(encoder.shape.width, sum(_PARTS))

    def loss(self, batch: Batch, hidden: torch.Tensor) -> torch.Tensor:
        """Cross-entropy a told move, both tasks added, each over its four parts."""
        numbers = batch.numbers.clone()
        numbers[..., SUMS] = 0
        told = self.masked(self.encoder(replace(batch, numbers=numbers), hidden=hidden))
        total = _entropy(told[hidden], batch, hidden)
        follows = batch.real[:, 1:]
        if follows.any():
            states = self.encoder(batch, causal=True)[:, :-1]
            shifted = torch.zeros_like(batch.real)
            shifted[:, 1:] = follows
            total = total + _entropy(self.following(states)[follows], batch, shifted)
        return total


def pretrain(
    histories: Histories,
    folder: Path,
    *,
    shape: EncoderShape | None = None,
    how: Pretraining | None = None,
    seed: int = 0,
    progress: Progress = SILENT,
) -> SequenceEncoder:
    """The encoder for these histories from `folder`, or a new one that is kept there; the folder is named by `cache_key`."""
    if (folder / "encoder.safetensors").is_file():
        return load_encoder(folder)[0]
    shape, how = shape or EncoderShape(), how or Pretraining()
    folder.mkdir(parents=True, exist_ok=True)
    make_deterministic(seed, how.threads)
    tokens = tokenize(histories, shape)
    model = Foretelling(SequenceEncoder(shape))
    optimiser = torch.optim.AdamW(model.parameters(), lr=how.rate, weight_decay=1e-2)
    held = np.random.default_rng(seed).random(len(tokens)) < _HELD_SHARE
    told = _resume(model, optimiser, folder)
    while len(told) < how.epochs and len(told) - int(np.argmin(told or [0.0])) <= how.patience:
        epoch = len(told)
        progress.step(epoch, how.epochs, "epochs of pretraining")
        torch.manual_seed(seed * 1_000 + epoch)
        _one_epoch(model, optimiser, tokens, np.flatnonzero(~held), seed * 1_000 + epoch)
        told.append(_held_loss(model, tokens, np.flatnonzero(held)))
        progress.note(f"epoch {epoch + 1}: held-out loss {told[-1]:.4f}")
        if told[-1] <= min(told):
            save_file(_weights(model.encoder), str(folder / "best.safetensors"))
        _keep(model, optimiser, folder, told)
    if (folder / "best.safetensors").is_file():
        model.encoder.load_state_dict(load_file(str(folder / "best.safetensors")))
    save_encoder(model.encoder, folder, {"seed": seed, "how": asdict(how), "histories": len(tokens), "held_loss": told})
    for name in (_CHECKPOINT, "best.safetensors", "checkpoint.json"):
        (folder / name).unlink(missing_ok=True)
    return model.encoder


def cache_key(source: bytes, shape: EncoderShape, how: Pretraining, seed: int) -> str:
    """A name for what a source (a hash over it) makes of these settings and this code: 16 hex digits."""
    digest = hashlib.blake2b(source, digest_size=8)
    digest.update(json.dumps([asdict(shape), asdict(how), seed], sort_keys=True).encode())
    for code in ("pretraining.py", "encoder.py", "descriptors.py", "history.py"):
        digest.update(Path(__file__).with_name(code).read_bytes())
    return digest.hexdigest()


def make_deterministic(seed: int, threads: int) -> None:
    """The same numbers again on the same machine."""
    if torch.cuda.is_available():
        # On a CPU what is used here is deterministic as it is, and the call imports a compiler.
        torch.use_deterministic_algorithms(True)
    torch.set_num_threads(threads)
    torch.manual_seed(seed)


def _one_epoch(
    model: Foretelling, optimiser: torch.optim.Optimizer, tokens: Tokens, rows: np.ndarray, seed: int
) -> None:
    model.train()
    draw = np.random.default_rng(seed)
    for batch in batches(tokens, rows, draw):
        loss = model.loss(batch, _hide(batch, draw))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()


def _held_loss(model: Foretelling, tokens: Tokens, rows: np.ndarray) -> float:
    model.eval()
    draw = np.random.default_rng(0)
    with torch.no_grad():
        losses = [(float(model.loss(batch, _hide(batch, draw))), len(batch.rows)) for batch in batches(tokens, rows)]
    return sum(loss * size for loss, size in losses) / max(sum(size for _, size in losses), 1)


def _hide(batch: Batch, draw: np.random.Generator) -> torch.Tensor:
    """A fifth of the moves, and one of each history at least."""
    real = batch.real.numpy()
    chance = np.where(real, draw.random(real.shape), 2.0)
    hidden = chance < _HIDDEN_SHARE
    hidden[np.arange(len(real)), chance.argmin(axis=1)] = True
    return torch.from_numpy(hidden)


def _entropy(logits: torch.Tensor, batch: Batch, told: torch.Tensor) -> torch.Tensor:
    truths = (batch.codes[..., 0], batch.codes[..., 1], batch.codes[..., 2], batch.ways)
    parts = zip(logits.split(_PARTS, dim=1), truths, strict=True)
    return sum((nn.functional.cross_entropy(part, truth[told]) for part, truth in parts), torch.zeros(()))


def _weights(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.contiguous().clone() for name, value in module.state_dict().items()}


def _keep(model: Foretelling, optimiser: torch.optim.Optimizer, folder: Path, told: list[float]) -> None:
    tensors = {f"model.{name}": value for name, value in _weights(model).items()}
    for number, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{number}.{name}": torch.as_tensor(value).clone() for name, value in state.items()}
    save_file(tensors, str(folder / "part.safetensors"), metadata={"told": json.dumps(told)})
    (folder / "part.safetensors").replace(folder / _CHECKPOINT)


def _resume(model: Foretelling, optimiser: torch.optim.Optimizer, folder: Path) -> list[float]:
    """Held-out losses so far; weights and the optimiser's memory as after the last of them."""
    path = folder / _CHECKPOINT
    if not path.is_file():
        return []
    with safe_open(str(path), framework="pt") as file:
        told = json.loads(file.metadata()["told"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    model.load_state_dict({name[6:]: value for name, value in tensors.items() if name.startswith("model.")})
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimiser."):
            _, number, part = name.split(".")
            state.setdefault(int(number), {})[part] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    return [float(loss) for loss in told]
