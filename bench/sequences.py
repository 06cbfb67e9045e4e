"""Phishing from a wallet's own transactions: `chainsight bench sequences --data DIR [--test DIR]` on three published sets.

Five folds over all sets together (stratified; likely the same account, in one set or two, never parted), five seeds. Inside
the rows that are learned from, members, their combination and the threshold are chosen (models/sequences/verdict.py); a judged
row is met once, at the end. A seed's F1 counts every row once, each under its own fold's threshold; AUC is of the ranks that
the folds gave. With --test everything is learned from all of --data, thresholds included, and the further rows are scored.
No row of other data has a label here: the encoder was pretrained on unlabelled histories (bench/unlabelled.py), without which
(no folder `accounts`) the members that need it are left out. Baselines get the same folds and the same choice of threshold.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.machine import describe_machine
from bench.sentences import SequenceSet, likeness_groups, read_sets
from bench.sequence_baselines import BASELINES
from bench.unlabelled import Pretrained, pretrained_encoder
from chainsight.progress import Progress
from chainsight.settings import settings
from models.sequences.history import Floats, Ints, join
from models.sequences.members import MEMBERS, TUNED, Material, Member, gather
from models.sequences.pretraining import Pretraining
from models.sequences.verdict import Heard, Verdict, decide, folds, hear, hear_tuned, inner_folds

SEEDS = (0, 1, 2, 3, 4)
FOLDS = 5
OURS = "chosen"
_DECIMALS = 4


@dataclass
class Told:
    """Scores and flags of every judged row under one seed, of one voice."""

    scores: Floats
    flags: Floats


@dataclass
class Records:
    """What all folds and seeds told."""

    by_voice: dict[str, list[Told]] = field(default_factory=dict)
    """One `Told` a seed."""
    chosen: dict[str, Counter[str]] = field(default_factory=dict)


def run(data: Path | None, test: Path | None) -> dict[str, Any]:
    """F1 and AUC by set, with their spread over seeds; the same for every member alone and for baselines."""
    started = time.monotonic()
    folder = data or settings().data / "sequences"
    learn = read_sets(folder)
    judged = read_sets(test) if test is not None else {}
    # A set that only the test has cannot be judged by anything.
    parts = [*learn.values(), *(judged[name] for name in learn if name in judged)]
    pretrained = _pretrained(folder, parts)
    material = _material(list(learn), parts, pretrained)
    rows = np.arange(len(material.labels))
    known = rows < sum(len(part.labels) for part in learn.values())
    records = Records()
    for seed in SEEDS:
        print(f"sequences: seed {seed} after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        cuts = [(rows[known], rows[~known])] if judged else _outer(material, seed)
        _one_seed(material, list(learn), cuts, seed, records)
    asked = rows[~known] if judged else rows
    summary = {voice: _summary(material, list(learn), told, asked) for voice, told in records.by_voice.items()}
    return {
        "name": "sequences",
        "data": str(folder) if test is None else f"{folder}, tested on {test}",
        "figures": summary.pop(OURS),
        "baselines": summary,
        "chosen": {name: dict(count.most_common()) for name, count in records.chosen.items()},
        "sets": {part.name: _about(part) for part in learn.values()},
        "encoder": _about_encoder(pretrained),
        "seconds": round(time.monotonic() - started, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "machine": describe_machine(),
    }


def _material(names: list[str], parts: list[SequenceSet], pretrained: Pretrained | None) -> Material:
    histories = join([part.histories for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    kinds = np.concatenate([np.full(len(part.labels), names.index(part.name)) for part in parts])
    return gather(
        histories, labels, kinds, likeness_groups(histories), None if pretrained is None else pretrained.encoder
    )


def _pretrained(folder: Path, parts: list[SequenceSet]) -> Pretrained | None:
    beside = folder.resolve().parent / "accounts"
    accounts = beside if beside.is_dir() else settings().data / "accounts"
    if not any(accounts.glob("normal_txs*.parquet")):
        return None
    return pretrained_encoder(accounts, join([part.histories for part in parts]), Pretraining(), _Teller())


def _outer(material: Material, seed: int) -> list[tuple[Ints, Ints]]:
    number = folds(material.labels, material.kinds, material.groups, FOLDS, seed)
    return [(np.flatnonzero(number != fold), np.flatnonzero(number == fold)) for fold in range(FOLDS)]


def _one_seed(material: Material, names: list[str], cuts: list[tuple[Ints, Ints]], seed: int, records: Records) -> None:
    told: dict[str, Told] = {}
    for fit, judged in cuts:
        for kind, heard in enumerate(_hear_all(material, names, fit, judged, seed)):
            own = judged[material.kinds[judged] == kind]
            labels = material.labels[fit][material.kinds[fit] == kind]
            voices = {OURS: decide({name: heard[name] for name in heard if name not in BASELINES}, labels, seed)}
            voices |= {name: decide({name: member}, labels, seed) for name, member in heard.items()}
            records.chosen.setdefault(names[kind], Counter())[" + ".join(voices[OURS].chosen)] += 1
            for name, verdict in voices.items():
                _tell(told, name, own, verdict, len(material.labels))
    for name, said in told.items():
        records.by_voice.setdefault(name, []).append(said)


def _hear_all(material: Material, names: list[str], fit: Ints, judged: Ints, seed: int) -> list[dict[str, Heard]]:
    """All members and baselines by set; trees grow in threads of their own while the encoder is tuned in this one."""
    inner = inner_folds(material, fit, seed)
    members: dict[str, Member] = {**MEMBERS, **BASELINES}
    with ThreadPoolExecutor(max(1, settings().training_threads - 1)) as pool:
        waiting = [pool.submit(hear, material, fit, judged, kind, inner, seed, members) for kind in range(len(names))]
        tuned = hear_tuned(material, fit, judged, inner[0], seed)
        heard = [future.result() for future in waiting]
    for kind, member in tuned.items():
        heard[kind][TUNED] = member
    return heard


def _tell(told: dict[str, Told], name: str, rows: Ints, verdict: Verdict, size: int) -> None:
    said = told.setdefault(name, Told(np.full(size, np.nan), np.full(size, np.nan)))
    said.scores[rows] = verdict.scores
    said.flags[rows] = verdict.scores >= verdict.threshold


def _summary(material: Material, names: list[str], told: list[Told], asked: Ints) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind, name in enumerate(names):
        rows = asked[material.kinds[asked] == kind]
        if not len(rows):
            continue
        labels = material.labels[rows]
        f1 = [_f1(labels, said.flags[rows]) for said in told]
        both = 0 < labels.sum() < len(labels)
        auc = [roc_auc_score(labels, said.scores[rows]) if both else float("nan") for said in told]
        found |= {f"{name}_f1": float(np.mean(f1)), f"{name}_auc": float(np.mean(auc))}
        found |= {f"{name}_f1_spread": float(np.std(f1)), f"{name}_auc_spread": float(np.std(auc))}
    return {name: round(value, _DECIMALS) for name, value in found.items()}


def _f1(labels: Ints, flags: Floats) -> float:
    hits = float(np.sum((flags == 1) & (labels == 1)))
    return 2 * hits / max(float(flags.sum() + labels.sum()), 1.0)


def _about(part: SequenceSet) -> dict[str, int]:
    return {
        "rows": len(part.labels),
        "positives": int(part.labels.sum()),
        "rows_in_groups_of_likes": int(np.sum(np.bincount(groups := likeness_groups(part.histories))[groups] > 1)),
        "put_in_order": part.reordered,
        "left_without_order": part.unordered,
    }


def _about_encoder(pretrained: Pretrained | None) -> dict[str, Any]:
    if pretrained is None:
        return {"pretrained": False}
    return {"pretrained": True, "folder": pretrained.folder.name, "was_kept": pretrained.was_kept}


class _Teller(Progress):
    """Long steps on standard error."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Only epochs: rows would be too many lines."""
        if "epoch" in what:
            print(f"sequences: {done} of {total} {what}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """As it is."""
        print(f"sequences: {text}", file=sys.stderr, flush=True)
