"""Scores, exposures and advice of a small chain, computed by the real statements in a real store."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from risk.policy import STANDARD
from scheduler.publish import publish
from sql.store import Store
from tests.fixtures.publishing import (
    CHAIN,
    CUSTOMER,
    EXCHANGE,
    FAR,
    FRIEND,
    LISTED,
    LOOSE,
    MIDDLE,
    PHISHER,
    PLAIN,
    add_edges,
    add_finding,
    add_label,
    add_list_entry,
    add_prediction,
    address,
    build_world,
    commit_blocks,
)
from tests.risk.oracle import Channels, grade_of, score_of


def scores(store: Store) -> dict[int, dict[str, Any]]:
    rows = store.query("SELECT *, CAST(grade AS String) AS grade, CAST(evidence AS String) AS evidence, "
                       "CAST(category AS String) AS category FROM scores").to_pylist()  # fmt: skip
    return {int.from_bytes(row["address"], "big"): row for row in rows}


def exposures(store: Store, number: int) -> list[tuple[str, str, int]]:
    rows = store.query(
        "SELECT CAST(category AS String) AS category, CAST(direction AS String) AS direction, hops FROM exposures "
        "WHERE address = unhex({address:String}) ORDER BY ALL",
        address=address(number).hex(),
    ).to_pylist()
    return [(row["category"], row["direction"], row["hops"]) for row in rows]


def advice(store: Store) -> dict[int, tuple[str, str, int]]:
    rows = store.query("SELECT address, CAST(action AS String) AS action, CAST(role AS String) AS role, "
                       "toUInt32(valid_until - valid_from) AS seconds FROM recommendations").to_pylist()  # fmt: skip
    return {
        int.from_bytes(row["address"], "big"): (row["action"], row["role"], row["seconds"] // 86400) for row in rows
    }


@pytest.fixture
def world(store: Store) -> Store:
    build_world(store)
    return store


def test_a_sanctions_hit_is_severe_and_names_the_list_and_the_party(world: Store) -> None:
    publish(world, chain_id=CHAIN)
    listed = scores(world)[LISTED]
    assert (listed["score"], listed["grade"], listed["category"]) == (100.0, "Severe", "sanctioned")
    assert listed["reasons"] == ["on OFAC SDN as LAZARUS GROUP, programme DPRK3, entry 12345"]
    assert advice(world)[LISTED] == ("freeze_and_report", "subject", 1)


def test_a_listed_address_is_answered_even_when_the_chain_never_saw_it(world: Store) -> None:
    add_list_entry(world, 5000, "NEVER SEEN LTD", list_kind="eu")
    publish(world, chain_id=CHAIN)
    assert scores(world)[5000]["reasons"] == [
        "on the EU consolidated list as NEVER SEEN LTD, programme DPRK3, entry 12345"
    ]


def test_a_label_is_a_reason_with_its_source_and_name(world: Store) -> None:
    publish(world, chain_id=CHAIN)
    phisher = scores(world)[PHISHER]
    assert phisher["reasons"] == ["labelled phishing by etherscan as Fake_Phishing1 (confidence 0.8)"]
    assert phisher["grade"] == "Severe"


def test_exposure_goes_two_hops_through_a_person_and_never_through_an_exchange(world: Store) -> None:
    publish(world, chain_id=CHAIN)
    assert exposures(world, FRIEND) == [("sanctioned", "in", 1)]
    assert exposures(world, FAR) == [("sanctioned", "in", 2)]
    assert exposures(world, CUSTOMER) == []
    far = scores(world)[FAR]
    assert far["reasons"] == [
        f"received 7 ETH (100% of all it received), two hops away, from 0x{address(LISTED).hex()} "
        f"through 0x{address(MIDDLE).hex()}, on OFAC SDN as LAZARUS GROUP"
    ]
    assert 0 < far["score"] < scores(world)[FRIEND]["score"]


def test_exposure_does_not_go_through_a_hub(store: Store) -> None:
    commit_blocks(store)
    fan = [(2000, 3000 + place, 1.0, 20) for place in range(STANDARD.hub_degree)]
    add_edges(store, [(LISTED, 2000, 500, 10), *fan, (LISTED, 2001, 500, 10), (2001, 2002, 400, 20)])
    add_list_entry(store, LISTED, "LAZARUS GROUP")
    publish(store, chain_id=CHAIN)
    assert exposures(store, 3000) == []
    assert exposures(store, 2002) == [("sanctioned", "in", 2)]


def test_money_that_left_before_it_came_exposes_nobody(store: Store) -> None:
    commit_blocks(store)
    add_edges(store, [(LISTED, MIDDLE, 8, 30), (MIDDLE, FAR, 7, 20)])
    add_list_entry(store, LISTED, "LAZARUS GROUP")
    publish(store, chain_id=CHAIN)
    assert exposures(store, FAR) == []


def test_dust_exposes_nobody(store: Store) -> None:
    commit_blocks(store)
    add_edges(store, [(LISTED, FRIEND, 0.0099, 10), (LISTED, PLAIN, 0.01, 10)])
    add_list_entry(store, LISTED, "LAZARUS GROUP")
    publish(store, chain_id=CHAIN)
    assert exposures(store, FRIEND) == []
    assert exposures(store, PLAIN) == [("sanctioned", "in", 1)]


def test_a_service_is_judged_by_lists_and_labels_only_and_gets_no_advice(world: Store) -> None:
    add_prediction(world, EXCHANGE, probability=0.99)
    publish(world, chain_id=CHAIN)
    exchange = scores(world)[EXCHANGE]
    assert (exchange["score"], exchange["is_service"]) == (0.0, 1)
    assert exchange["reasons"][-1] == "a service that many people share: judged by lists and labels only"
    assert EXCHANGE not in advice(world)


def test_insufficient_evidence_is_an_answer_and_an_unusual_look_does_not_change_it(world: Store) -> None:
    add_prediction(world, CUSTOMER, probability=None, anomaly=0.999)
    publish(world, chain_id=CHAIN)
    customer = scores(world)[CUSTOMER]
    assert (customer["score"], customer["grade"], customer["evidence"]) == (0.0, "Low", "insufficient")
    assert "the model abstained (insufficient evidence)" in customer["reasons"][-1]


def test_models_and_findings_are_reasons_with_their_figures(world: Store) -> None:
    add_prediction(world, LOOSE, probability=0.9, anomaly=0.99)
    add_finding(world, LOOSE, "structuring")
    add_finding(world, CUSTOMER, "drainer", role="victim")
    publish(world, chain_id=CHAIN)
    loose, customer = scores(world)[LOOSE], scores(world)[CUSTOMER]
    told = next(said for said in loose["reasons"] if said.startswith("the wallet model gives 90%"))
    assert (
        "among accounts of which 35% are illicit, 18% under the estimated base rate of the chain, answer review" in told
    )
    assert (loose["base_rate_probability"], loose["structure_anomaly"]) == (pytest.approx(0.18), 0.75)
    assert "received from 3 counterparties, more than 90.0 % of wallets: +1.25" in told
    assert "structuring (actor): 17 transfers of 0.99 ETH within 2 hours" in loose["reasons"]
    assert loose["grade"] == "Severe"
    assert customer["score"] == 0


def test_a_victim_of_phishing_is_watched_and_not_accused(world: Store) -> None:
    publish(world, chain_id=CHAIN)
    assert scores(world)[PLAIN]["grade"] == "Low"
    assert advice(world)[PLAIN] == ("monitor", "counterparty", 30)


def test_labels_of_another_chain_or_time_do_not_count(store: Store) -> None:
    commit_blocks(store)
    add_edges(store, [(PLAIN, FRIEND, 1, 10), (PLAIN, FAR, 1, 10), (PLAIN, LOOSE, 1, 10)])
    add_label(store, FRIEND, "phishing", "ended", valid_to=dt.datetime(2022, 1, 1, tzinfo=dt.UTC))
    add_label(store, FAR, "phishing", "elsewhere", chain="polygon")
    add_label(store, LOOSE, "phishing", "anywhere", chain="")
    publish(store, chain_id=CHAIN)
    found = scores(store)
    assert (found[FRIEND]["score"], found[FAR]["score"], found[LOOSE]["score"]) == (0, 0, 80)
    publish(store, chain_id=CHAIN, now=dt.datetime(2021, 1, 1, tzinfo=dt.UTC))
    assert scores(store)[FRIEND]["score"] == 80


def test_the_statement_and_the_oracle_compute_the_same_score(store: Store) -> None:
    dice = random.Random(7)
    numbers = range(2000, 2040)
    commit_blocks(store)
    add_edges(store, [(LISTED, number, dice.choice((0.001, 0.5, 30.0)), 10) for number in numbers])
    add_list_entry(store, LISTED, "LAZARUS GROUP")
    for number in numbers:
        if dice.random() < 0.6:
            add_prediction(
                store, number, probability=dice.choice((None, dice.random())), anomaly=dice.uniform(0.9, 1.0)
            )
        if dice.random() < 0.3:
            add_label(store, number, dice.choice(("scam", "exchange", "mixer")), "x", confidence=0.5)
        if dice.random() < 0.3:
            add_finding(store, number, "wash_trading", strength=dice.random())
    publish(store, chain_id=CHAIN)
    weights = store.query(
        "SELECT address, groupArrayIf(weight, channel = 'label') AS label, groupArrayIf(weight, channel = 'exposure') "
        "AS exposure, groupArrayIf(weight, channel = 'typology') AS typology FROM risk_labels GROUP BY address"
    ).to_pylist()
    by_number = {int.from_bytes(row["address"], "big"): row for row in weights}
    for number in numbers:
        row, said = scores(store)[number], by_number.get(number, {"label": [], "exposure": [], "typology": []})
        known = Channels(
            label=max(said["label"], default=0.0),
            exposures=tuple(said["exposure"]),
            typologies=tuple(said["typology"]),
            probability=row["probability"],
            anomaly=row["anomaly"],
            is_service=bool(row["is_service"]),
        )
        assert row["score"] == pytest.approx(score_of(known), abs=0.11), number
        assert row["grade"] == grade_of(row["score"])
