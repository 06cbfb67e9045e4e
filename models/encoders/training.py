"""Train a graph encoder: on the payments alone first, then on labels, every learnt account scored by one that did not see it.

Accounts to learn from are cut into folds by hash; the encoder of each fold learns from the other folds. What trees read of it
is the log-odds of the encoder that has not seen the account (means of all for accounts that nobody learns from), and the
numbers of the encoder before it saw any label, which are the same for everybody.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file

from chainsight.progress import SILENT, Progress
from chainsight.settings import settings
from models.encoders.checkpoints import Plan, forget, learn_and_keep
from models.encoders.lessons import Judgements, SelfSupervision, device_of
from models.encoders.multigraph import Encoder, EncoderShape
from models.encoders.payments import Payments, read_payments
from models.encoders.sampling import Ints
from models.predictor import Labels, Scores
from models.splits import Split, folds_by_hash

FOLDS = 3
PLAN = Plan()
PRETRAINING = Plan(epochs=6, patience=2, batch=512)
_NEUTRAL, _PRETRAINING = "before_labels", "pretraining"


@dataclass(frozen=True)
class Encoded:
    """What encoders say of accounts, in their order; NaN for accounts without a payment."""

    log_odds: Scores
    numbers: npt.NDArray[np.float32]
    """accounts × 2 hidden, of the encoder before it saw a label."""


def train_encoder(
    folder: Path, addresses: Sequence[bytes], labels: Labels, split: Split, *, out: Path, seed: int = 0,
    plan: Plan = PLAN, pretraining: Plan = PRETRAINING, progress: Progress = SILENT,
) -> Encoded:  # fmt: skip
    """Train on the fit part, choose epochs on validation; labels of the test part play no part.

    `folder` holds what models/encoders/moves.py wrote. Writes NAME.safetensors and NAME.json of each encoder to `out`; goes
    on where it was killed if called again with the same arguments. Deterministic on a CPU.
    """
    torch.set_num_threads(settings().training_threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    payments = read_payments(folder)
    listed = json.loads((folder / "numbers.json").read_text(encoding="utf-8"))
    ids = np.array([listed.get(address.hex(), -1) for address in addresses], dtype=np.int64)
    neutral = pretrained_encoder(payments, ids[split.fit & (ids >= 0)], pretraining, out, seed, progress)
    save_encoder(neutral, out, _NEUTRAL)
    folds = folds_by_hash(addresses, FOLDS)
    known = ids >= 0
    odds = np.zeros((FOLDS, len(ids)))
    for fold in range(FOLDS):
        fit = np.flatnonzero(split.fit & known & (folds != fold))
        held = np.flatnonzero(split.validation & known)
        encoder = copy.deepcopy(neutral)
        lesson = Judgements(encoder, payments, plan, ids[fit], labels[fit], ids[held], labels[held], seed + fold)
        about = {"seed": seed, "fold": fold, "ids": ids[fit].tolist(), "labels": labels[fit].tolist()}
        what = f"encoder, fold {fold + 1} of {FOLDS}"
        learn_and_keep(encoder, lesson, plan, folder=out / f"fold_{fold}", about=about, progress=progress, what=what)
        save_encoder(encoder, out, f"fold_{fold}")
        odds[fold, known] = encode(encoder, payments, ids[known], plan, seed=seed)[0]
    unseen = np.where(split.fit, odds[folds, np.arange(len(ids))], odds.mean(axis=0))
    numbers = np.full((len(ids), 2 * neutral.shape.hidden), np.nan, np.float32)
    numbers[known] = encode(neutral, payments, ids[known], plan, seed=seed)[1]
    for name in (_PRETRAINING, *(f"fold_{fold}" for fold in range(FOLDS))):
        forget(out / name)
    return Encoded(np.where(known, unseen, np.nan), numbers)


def pretrained_encoder(payments: Payments, ids: Ints, plan: Plan, out: Path, seed: int, progress: Progress) -> Encoder:
    """An encoder that has seen payments but no label, scaled to the nodes `ids`; fresh weights where the plan has no epoch."""
    torch.manual_seed(seed)
    batch, _ = payments.batch(ids[: 4 * plan.batch], plan.fan_out, seed=seed)
    pairs = np.bincount(np.bincount(batch.pairs[1].numpy(), minlength=len(batch.nodes)), minlength=2)
    pairs[0] = 0  # the outermost nodes of a sample never gather, and say nothing of how many neighbours are usual
    encoder = Encoder(EncoderShape(node_width=payments.nodes.shape[1], pairs=tuple(pairs.tolist())))
    encoder.scale_to(torch.from_numpy(payments.nodes[ids]))
    encoder.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    if not plan.epochs:
        return encoder.eval()
    lesson = SelfSupervision(encoder, payments, plan, seed=seed).to(device_of(encoder))
    about = {"seed": seed, "payments": len(payments.giver)}
    learn_and_keep(
        lesson, lesson, plan, folder=out / _PRETRAINING, about=about, progress=progress, what="encoder, payments alone"
    )
    return encoder


def encode(
    encoder: Encoder, payments: Payments, ids: Ints, plan: Plan, *, seed: int
) -> tuple[Scores, npt.NDArray[np.float32]]:
    """Log-odds, and 2 × hidden numbers, of nodes in their order; a node's answer does not depend on the others'."""
    encoder.eval()
    odds, numbers = np.zeros(len(ids)), np.zeros((len(ids), 2 * encoder.shape.hidden), np.float32)
    with torch.no_grad():
        for start in range(0, len(ids), plan.batch):
            part = slice(start, start + plan.batch)
            batch, _ = payments.batch(ids[part], plan.fan_out, seed=seed)
            found = encoder.encode(batch.to(device_of(encoder)))
            numbers[part] = found.cpu().numpy()
            odds[part] = encoder.head(found).squeeze(1).cpu().numpy()
    return odds, numbers


def save_encoder(encoder: Encoder, folder: Path, name: str) -> None:
    """Write NAME.safetensors and NAME.json."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {key: value.contiguous() for key, value in encoder.state_dict().items()}, str(folder / f"{name}.safetensors")
    )
    (folder / f"{name}.json").write_text(json.dumps(encoder.shape.as_dict()), encoding="utf-8")


def load_encoder(folder: Path, name: str) -> Encoder:
    """The encoder that `save_encoder` wrote."""
    shape = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    encoder = Encoder(EncoderShape(**{**shape, "pairs": tuple(shape["pairs"])}))
    encoder.load_state_dict(load_file(str(folder / f"{name}.safetensors")))
    return encoder.eval()
