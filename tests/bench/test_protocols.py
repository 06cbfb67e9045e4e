"""Who learns, who is judged and what is known of whom under each cut of the protocols benchmark."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import protocols
from bench.protocols import DELAY, START_OF_2019, World, against_random, cuts_of, judge
from bench.unseen import write_unseen
from models.wallets.job import Task
from models.wallets.words import no_words

COUNT = 900
ALICE, BOB, CAROL, TOKEN = (bytes([n]) * 20 for n in (1, 2, 3, 9))


def accounts() -> Task:
    """Illicit ones of five years, licit ones of the first two, told apart by one of three columns, own, near and far."""
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, COUNT)
    years = np.where(labels == 1, draw.integers(2017, 2022, COUNT), draw.integers(2017, 2019, COUNT))
    seen = (years - 1970) * 31_556_952 + draw.integers(0, 30_000_000, COUNT)
    rows = np.column_stack(
        [draw.normal(labels, 1), draw.normal(labels, 0.5), draw.normal(size=COUNT), np.full(COUNT, 9)]
    )
    addresses = tuple(sha256(bytes([n % 256, n // 256])).digest()[:20] for n in range(COUNT))
    names = ("move_count", "x", "y", "z")
    return Task(addresses, labels, seen, rows[:, [3, 0, 1, 2]].astype(np.float32), names, (2, 3, 4), no_words(COUNT), 0)


def test_nobody_who_is_judged_is_learnt_from_and_each_cut_keeps_apart_what_it_says() -> None:
    whole = accounts()
    source = np.where(whole.labels == 0, "list", np.array(["list", "police", "list+police"])[np.arange(COUNT) % 3])
    groups = {"first_funder": np.arange(COUNT) // 3}
    world = World(whole, whole, whole, source, groups)
    cuts = {cut.name: cut.split for cut in cuts_of(world)}
    assert list(cuts) == [
        "random",
        "by first funder",
        "without list",
        "without police",
        "in time",
        "strictly inductive",
    ]
    for split in cuts.values():
        assert not (split.learnt & split.test).any()
    funder = cuts["by first funder"]
    assert not set(groups["first_funder"][funder.test]) & set(groups["first_funder"][funder.learnt])
    without = cuts["without police"]
    assert set(source[without.test & (whole.labels == 1)]) == {"police"}
    assert set(source[without.learnt & (whole.labels == 1)]) == {"list", "list+police"}
    later = cuts["in time"]
    assert (whole.first_seen[later.learnt] <= START_OF_2019 - DELAY).all()
    assert (whole.first_seen[later.test & (whole.labels == 1)] >= START_OF_2019).all()
    assert (later.test & (whole.labels == 0)).any()


def test_whoever_is_not_to_be_seen_while_learning_is_left_out_and_figures_stand_beside_those_of_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocols, "SEEDS", (0,))
    monkeypatch.setattr(protocols, "_DRAWS", 20)
    whole = accounts()
    rows = whole.rows.copy()
    rows[::2] = np.nan
    half = replace(whole, rows=rows)
    cuts = cuts_of(World(whole, whole, half, np.full(COUNT, "list"), {}))
    assert [cut.name for cut in cuts] == ["random", "in time", "strictly inductive"]
    random, inductive = against_random([judge(cut, whole) for cut in (cuts[0], cuts[2])])
    assert inductive["learnt"] == int(cuts[2].split.learnt[1::2].sum())
    assert inductive["judged"] == int(cuts[2].split.test.sum())
    for of in ("shipped", "flat"):
        assert random[of]["f1_drop"] == 0
        assert inductive[of]["auc_drop"] == pytest.approx(random[of]["auc"] - inductive[of]["auc"])
        assert random[of]["auc_low"] < random[of]["auc"] < random[of]["auc_high"]
    # Neighbours tell more than the wallet itself does.
    assert random["shipped"]["auc"] > random["flat"]["auc"] > 0.6


def test_histories_to_learn_from_hold_no_transaction_of_those_who_are_judged_and_nothing_later(tmp_path: Path) -> None:
    folder, out = tmp_path / "here", tmp_path / "there"
    folder.mkdir()
    out.mkdir()
    pq.write_table(pa.table({"address": [ALICE, BOB, CAROL]}), folder / "addresses.parquet")
    # Alice pays Carol, Bob pays Alice, Alice makes a contract, Alice pays Carol again but later.
    pq.write_table(
        pa.table({"from_id": [0, 1, 0, 0], "to_id": [2, 0, -1, 2], "ts": [10, 11, 12, 99], "hash8": [1, -2, 3, 4]}),
        folder / "normal_txs_dev.parquet",
    )
    # A token goes from Alice to Carol in her own transaction, in one of Bob's, to Bob, and later.
    tokens = [(ALICE, CAROL, 1, 10.0), (ALICE, CAROL, -2, 11.0), (CAROL, BOB, 7, 12.0), (ALICE, CAROL, 8, 99.0)]
    pq.write_table(
        pa.table(
            {
                "from": [f"0x{giver.hex()}" for giver, *_ in tokens],
                "to": [f"0x{receiver.hex()}" for _, receiver, *_ in tokens],
                "hash": [name.to_bytes(8, "big", signed=True) + TOKEN for _, _, name, _ in tokens],
                "ts": [moment for *_, moment in tokens],
            }
        ),
        folder / "erc20_transfers_dev.parquet",
    )
    (folder / "labels_dev.csv").write_text("account,flag,source\n")
    write_unseen(folder, out, {BOB}, until=50)
    assert pq.read_table(out / "normal_txs_dev.parquet").column("hash8").to_pylist() == [1, 3]
    assert pq.read_table(out / "erc20_transfers_dev.parquet").column("ts").to_pylist() == [10.0]
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in folder.iterdir())
