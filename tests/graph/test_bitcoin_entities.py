"""Bitcoin addresses spent from together are one owner's; a coinjoin is not, and a lost branch takes its conclusions along."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainsight.errors import StoreEmpty
from graph.entities.bitcoin import build_bitcoin_entities, read_bitcoin_entity
from ingest.bitcoin import ingest_bitcoin
from ingest.bitcoin_archive import BitcoinArchive
from ingest.bitcoin_networks import REGTEST
from ingest.bitcoin_reorgs import withdraw_from
from sql.store import Store
from tests.fixtures.bitcoin_chain import BITCOIN, Chain, Out, Tx, pay_to_key_hash, pay_to_taproot, write_archive
from tests.fixtures.bitcoin_story import SIGNATURE

PEOPLE = ("ann", "ann too", "bob", "carl")


def purse(name: str) -> str:
    """The address that belongs to a key."""
    return pay_to_key_hash(name).address


def played() -> Chain:
    """Four rewards; in block 5 Ann spends two of hers at once, in block 6 Bob, Carl and Ann sign a coinjoin."""
    chain = Chain()
    rewards = [chain.mine(pay_to_key_hash(name)) for name in PEOPLE]
    both = Tx(
        tuple(r.spend(0, signature=SIGNATURE) for r in rewards[:2]), (Out(pay_to_key_hash("ann 3"), 100 * BITCOIN),)
    )
    chain.mine(pay_to_taproot("miner"), both)
    signers = (both.spend(0, signature=SIGNATURE), *(reward.spend(0, signature=SIGNATURE) for reward in rewards[2:]))
    shares = tuple(Out(pay_to_key_hash(f"share {k}"), 40 * BITCOIN) for k in range(3))
    change = (
        Out(pay_to_key_hash("change a"), 60 * BITCOIN),
        *(Out(pay_to_key_hash(f"change {k}"), 10 * BITCOIN) for k in "bc"),
    )
    chain.mine(pay_to_taproot("miner"), Tx(signers, shares + change))
    return chain


def test_a_joint_spend_joins_a_coinjoin_does_not_and_labels_are_asked(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreEmpty, match=r"no blocks of Bitcoin's regtest.*chainsight bitcoin ingest"):
        build_bitcoin_entities(store, network="regtest")
    chain = played()
    folder = write_archive(tmp_path / "archive", [chain.shown(height) for height in range(len(chain.blocks))])
    ingest_bitcoin(store, BitcoinArchive(folder), network=REGTEST)
    found = build_bitcoin_entities(store, network="regtest")
    assert (found.transactions, found.entities, found.members) == (2, 1, 2)
    assert found.outcomes == {"merged": 1, "coinjoin": 1}
    answer = read_bitcoin_entity(store, purse("ann"), network="regtest")
    assert answer["members"] == sorted([purse("ann"), purse("ann too")])
    assert [row["outcome"] for row in answer["transactions"]] == ["merged"]
    alone = read_bitcoin_entity(store, purse("bob"), network="regtest")
    assert (alone["entity_id"], alone["members"]) == ("", [purse("bob")])
    assert [row["objection"] for row in alone["transactions"]] == [
        "As many equal outputs as several owners who sign together would have."
    ]
    said = "INSERT INTO labels (chain, address, category, label, source, confidence, valid_from, known_from, version)"
    for category in ("licit", "ransomware"):  # not true yet when the newest block was mined
        store.command(
            f"{said} SELECT 'bitcoin', '{purse('ann')}', '{category}', '', 'early', 0.9, toDateTime(4000000000), now64(3) - 60, 1"
        )
    assert build_bitcoin_entities(store, network="regtest").members == 2

    for name, category in (("ann", "licit"), ("ann too", "ransomware")):
        store.command(
            "INSERT INTO labels (chain, address, category, label, source, confidence, known_from, version)"
            f" SELECT 'bitcoin', '{purse(name)}', '{category}', '{name}', 'test', 0.9, now64(3) - 60, 1"
        )
    assert build_bitcoin_entities(store, network="regtest").outcomes == {"refused_conduct": 1, "coinjoin": 1}
    assert store.query("SELECT count() AS n FROM bitcoin_entity_members").to_pylist() == [{"n": 0}]

    withdraw_from(store, network=REGTEST, first=6, location="test")
    assert store.query("SELECT count() AS n FROM bitcoin_entity_links").to_pylist() == [{"n": 0}]
    assert build_bitcoin_entities(store, network="regtest").outcomes == {"refused_conduct": 1}
