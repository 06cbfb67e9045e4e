"""Questions of the library in a world where labels end, belong to other chains, and events say more than moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from sql.derive import derive
from tests.fixtures.demo_story import answered
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import ETH, ZERO, World, who

Ask = Callable[..., list[dict[str, Any]]]


def name(of: str) -> str:
    return "0x" + who(of).hex()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ann pays an exchange of today, one of before 2020, one of another chain, and herself; a vault says a deposit twice."""
    world = World(chain_id=1)
    for label in ("former", "today", "elsewhere"):
        world.label(label, "exchange", chain="polygon" if label == "elsewhere" else "")
    world.pay("ann", "former", 5)
    world.pay("ann", "today", 2)
    world.pay("ann", "elsewhere", 3)
    world.pay("ann", "ann", 1)
    world.pay("today", "bob", 1)
    world.pay("former", "cleo", 1)
    place = world.sign(who("ann"), who("VAULT"))
    world.move(place, ZERO, who("ann"), 100, token_address=who("VAULT"))
    world.move(place, ZERO, who("ann"), 100, token_address=who("VAULT"), kind="wrap", doubt="unlisted_wrapper")
    world.transfers = [{"doubt": "", **moved} for moved in world.transfers]
    store = new_store(f"{tmp_path_factory.mktemp('labels')}/store")
    world.pour(store)
    store.command(
        "INSERT INTO labels SELECT * REPLACE (toDateTime('2020-01-01 00:00:00', 'UTC') AS valid_to, version + 1 AS version)"
        " FROM labels WHERE label = 'former'"
    )
    derive(store, chain_id=1)
    yield partial(answered, store, chain_id=1)
    store.close()


def test_a_label_counts_on_its_chain_and_in_its_time(asked: Ask) -> None:
    paid = asked("exchange_deposits")
    assert [(row["depositor"], row["exchange"], row["amount"]) for row in paid] == [(name("ann"), "today", 2 * ETH)]
    seen = {row["counterparty"]: row["label"] for row in asked("transfers_of_address", address=name("ann"))}
    assert {label for label in seen.values() if label} == {"today"}
    assert seen[name("today")] == "today"
    assert [asked("funding_source", address=name(one))[0]["label"] for one in ("bob", "cleo")] == ["today", ""]
    held = {row["holder"]: row["label"] for row in asked("token_holders")}
    assert (held[name("today")], held[name("former")], held[name("elsewhere")]) == ("today", "", "")


def test_what_may_not_have_moved_is_no_supply_and_no_large_transfer(asked: Ask) -> None:
    assert [(row["minted_amount"], row["mints"]) for row in asked("mint_and_burn", token_address=name("VAULT"))] == [
        (100, 1)
    ]
    assert [row["kind"] for row in asked("largest_transfers", token_address=name("VAULT"))] == ["erc20"]


def test_who_pays_itself_sends_and_receives_and_meets_nobody(asked: Ask) -> None:
    overview = asked("wallet_overview", address=name("ann"))[0]
    assert (overview["sent_amount"], overview["received_amount"], overview["counterparties"]) == (11 * ETH, ETH, 3)
    own = {row["counterparty"]: row for row in asked("top_counterparties", address=name("ann"))}[name("ann")]
    assert (own["sent_amount"], own["received_amount"], own["transfers"]) == (ETH, ETH, 1)
    met = asked("new_counterparties", address=name("ann"))
    assert [(row["counterparties"], row["new_counterparties"], row["transfers"]) for row in met] == [(3, 3, 3)]
