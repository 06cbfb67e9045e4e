"""Training that can be killed: after every epoch the weights, the optimiser and the best so far are on disk, without a pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from chainsight.progress import Progress

Tensors: TypeAlias = dict[str, torch.Tensor]
_FILE = "checkpoint.safetensors"


@dataclass(frozen=True)
class Plan:
    """How an encoder is trained."""

    fan_out: tuple[int, ...] = (16, 6)
    batch: int = 256
    rate: float = 2e-3
    weight_decay: float = 1e-4
    epochs: int = 12
    batches: int = 60
    """Batches an epoch where examples are drawn without end (pretraining)."""
    patience: int = 3
    """Epochs without a better validation loss after which it stops."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Plan:
        """From fields as JSON has them; those left out stand as here."""
        return cls(**{**fields, "fan_out": tuple(fields["fan_out"])})


class Lesson(Protocol):
    """What there is to learn: losses of one epoch, and the loss by which epochs are compared."""

    def losses(self, epoch: int) -> Iterator[torch.Tensor]:
        """One differentiable loss a batch, computed when asked for; the same for the same epoch."""
        ...

    def judge(self) -> float:
        """Loss on what is not learnt from."""
        ...


def learn(
    module: nn.Module, lesson: Lesson, plan: Plan, *, folder: Path, about: Mapping[str, Any], progress: Progress, what: str
) -> list[float]:  # fmt: skip
    """Train in place until the plan's epochs are over or patience is; the best epoch's weights stay. Returns its losses.

    Goes on from the checkpoint in `folder` if that was of the same plan and the same `about`; removes it at the end.
    """
    history = learn_and_keep(module, lesson, plan, folder=folder, about=about, progress=progress, what=what)
    forget(folder)
    return history


def forget(folder: Path) -> None:
    """Remove the checkpoint in a folder."""
    (folder / _FILE).unlink(missing_ok=True)


def learn_and_keep(
    module: nn.Module, lesson: Lesson, plan: Plan, *, folder: Path, about: Mapping[str, Any], progress: Progress, what: str
) -> list[float]:  # fmt: skip
    """The same for one of several: its checkpoint stays, and whoever is killed at a later one need not learn it again."""
    optimiser = torch.optim.AdamW(module.parameters(), lr=plan.rate, weight_decay=plan.weight_decay)
    mark = hashlib.sha256(json.dumps([asdict(plan), dict(about)], sort_keys=True).encode()).hexdigest()
    best, history = _resume(module, optimiser, folder, mark)
    for epoch in range(len(history), plan.epochs):
        if history and epoch - 1 - history.index(min(history)) >= plan.patience:
            break
        progress.step(epoch, plan.epochs, what)
        module.train()
        # Dropout draws from torch's own generator: an epoch must not depend on whether the one before ran in this process.
        torch.manual_seed(int(mark[:8], 16) + epoch)
        for loss in lesson.losses(epoch):
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(module.parameters(), 5.0)
            optimiser.step()
        module.eval()
        with torch.no_grad():
            history.append(lesson.judge())
        if history[-1] <= min(history):
            best = {name: value.detach().clone() for name, value in module.state_dict().items()}
        _keep(module, optimiser, best, folder, mark, history)
    if best:
        module.load_state_dict(best)
    module.eval()
    progress.step(plan.epochs, plan.epochs, what)
    return history


def _keep(
    module: nn.Module, optimiser: torch.optim.Optimizer, best: Tensors, folder: Path, mark: str, history: list[float]
) -> None:
    tensors = {f"now.{name}": value for name, value in module.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in best.items()}
    for number, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{number}.{name}": torch.as_tensor(value) for name, value in state.items()}
    folder.mkdir(parents=True, exist_ok=True)
    # One file, written beside its place and moved: a killed write leaves the epoch before, weights and losses alike.
    beside = folder / (_FILE + ".new")
    told = {"mark": mark, "history": json.dumps(history)}
    save_file({name: value.contiguous() for name, value in tensors.items()}, str(beside), metadata=told)
    beside.replace(folder / _FILE)


def _resume(
    module: nn.Module, optimiser: torch.optim.Optimizer, folder: Path, mark: str
) -> tuple[Tensors, list[float]]:
    try:
        with safe_open(str(folder / _FILE), framework="pt") as kept:
            about = kept.metadata() or {}
            if about.get("mark") != mark:
                return {}, []
            tensors = {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118
            history = [float(loss) for loss in json.loads(about["history"])]
    except (OSError, SafetensorError):
        return {}, []
    groups: dict[str, Tensors] = {"now": {}, "best": {}, "optimiser": {}}
    for name, value in tensors.items():
        group, rest = name.split(".", 1)
        groups[group][rest] = value
    module.load_state_dict(groups["now"])
    states: dict[int, Tensors] = {}
    for name, value in groups["optimiser"].items():
        number, rest = name.split(".", 1)
        states.setdefault(int(number), {})[rest] = value
    optimiser.load_state_dict({"state": states, "param_groups": optimiser.state_dict()["param_groups"]})
    return groups["best"], history
