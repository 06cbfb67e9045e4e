"""The benchmark of clusters judges pairs and addresses as the definitions say, and runs on a small airdrop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.clusters import _of_hop
from bench.hop import halved, read_hop
from bench.owners import judge, numbered, owners_of_story
from chainsight.errors import UsageError


def test_pairs_and_addresses_are_judged_as_the_definitions_say() -> None:
    owners, found = numbered("aaabb"), numbered("xxyyz")
    # Pairs found: xx (right), yy (wrong); true: three of a, one of b.
    assert judge(owners, found) == {
        "pair_precision": 0.5,
        "pair_recall": 0.25,
        "bcubed_precision": round((1 + 1 + 0.5 + 0.5 + 1) / 5, 4),
        "bcubed_recall": round((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5, 4),
    }
    assert judge(owners, owners)["pair_recall"] == 1.0
    # Of owner b alone: one pair of its is true, none is found, and the one with an address of a is wrong.
    of_b = judge(owners, found, owners == owners[-1])
    assert (of_b["pair_precision"], of_b["pair_recall"]) == (0.0, 0.0)
    assert (of_b["bcubed_precision"], of_b["bcubed_recall"]) == (0.75, 0.5)


def test_owners_of_the_story_are_crews_firms_exchanges_and_people() -> None:
    owners = owners_of_story(Path(__file__).parents[2] / "demo" / "truth.csv")
    assert len({owner for owner in owners.values() if owner.startswith("exchange_")}) == 2
    moved = bytes.fromhex("836afd11137650535718f4d4fef0c8eb1be1ba71")
    assert owners[moved] == "0x3a019ee3623623c9bdd6cae6754c157bf4d7ed27" == owners[bytes.fromhex(owners[moved][2:])]
    victim = bytes.fromhex("26630a79be250ee739e7d827838fc560e3ada76a")
    assert owners[victim] == "0x" + victim.hex()


def _address(number: int) -> str:
    return f"0x{number:040x}"


def test_two_farms_are_told_apart_though_one_exchange_paid_both(tmp_path: Path) -> None:
    dice = np.random.default_rng(7)
    labels, paid = ["address,label,category,source,chain", f"{_address(1)},,exchange,t,x"], ["from,to"]
    for farm in range(40):
        wallets = [1000 * (farm + 1) + k for k in range(6)]
        labels += [f"{_address(w)},farm{farm},sybil-group,t,x" for w in wallets]
        collector, shop = 500_000 + farm, 900_000 + int(dice.integers(2))
        paid += [f"{_address(w)},{_address(collector)}" for w in wallets]
        paid += [f"{_address(1)},{_address(w)}" for w in wallets]
        paid += [f"{_address(wallets[0])},{_address(shop)}"]
    (tmp_path / "hop_airdrop.csv").write_text("\n".join(labels))
    (tmp_path / "erc20TokenTransfers__x.csv").write_text("\n".join(paid))
    figures, baselines = _of_hop(tmp_path, tmp_path)
    assert (figures["pair_precision"], figures["pair_recall"]) == (1.0, 1.0)
    assert baselines["components"]["pair_precision"] < 0.05
    graph = read_hop(tmp_path)
    halves = halved(graph)
    assert [len(np.unique(half.group)) - 1 for half in halves] == [20, 20]
    assert not ((halves[0].group >= 0) & (halves[1].group >= 0)).any()
    with pytest.raises(UsageError, match=r"There is no hop_airdrop\.csv\.gz"):
        _of_hop(tmp_path / "none", tmp_path)
