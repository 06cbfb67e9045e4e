"""Questions of the library, asked of the demo's chain and held against its raw JSON read without any SQL."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from tests.fixtures.demo_story import (
    APPROVAL,
    NOBODY,
    Told,
    answered,
    labels,
    open_demo_store,
    sanctioned,
    told,
    truth,
)

Ask = Callable[..., list[dict[str, Any]]]
NATIVE = {"native", "internal"}
TOKENS = {"erc20", "erc721", "erc1155", "wrap"}
HOT = "0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5"
HARBOUR = "0x7e278b2c60922d57e2070584a8035b4370134763"
USER = "0x1f7dfbe993e511b2a1627d3a17c4fd1c28b7870c"
CARELESS = "0xf34ff99ad1055515b0fd89fc76e31953462c8f7e"
USDC = "0xee00f57d5a4da7332fbc6982f7e918f41f287ba7"
ALL = 100_000


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A question by name, answered as dictionaries from the demo's chain, which is ingested once."""
    store = open_demo_store(tmp_path_factory.mktemp("library"))
    yield partial(answered, store)
    store.close()


@pytest.fixture(scope="module")
def story() -> Told:
    """The same chain as lists."""
    return told()


def test_an_overview_counts_what_went_in_and_out(asked: Ask, story: Told) -> None:
    for wallet in (USER, HOT):
        row = asked("wallet_overview", address=wallet)[0]
        moves = story.of(wallet)
        fees = [move for move in story.moves if move.kind == "fee" and move.giver == wallet]
        signed = [sent for sent in story.transactions if sent["from"] == wallet]
        assert row["received_amount"] == sum(m.amount for m in moves if m.kind in NATIVE and m.giver != wallet)
        assert row["sent_amount"] == sum(m.amount for m in moves if m.kind in NATIVE and m.giver == wallet)
        assert row["fees_amount"] == sum(fee.amount for fee in fees)
        assert (row["first_seen"], row["last_seen"]) == (
            min(m.at for m in moves + fees),
            max(m.at for m in moves + fees),
        )
        assert row["transactions"] == len(signed)
        assert row["failed_transactions"] == sum(sent["receipt"]["status"] == "0x0" for sent in signed)
        assert row["counterparties"] == len({m.other(wallet) for m in moves} - {NOBODY})
        assert row["tokens"] == len({m.token for m in moves if m.kind in TOKENS})
        assert row["received"] == pytest.approx(row["received_amount"] / 10**18)


def test_top_counterparties_are_ranked_by_native_turnover(asked: Ask, story: Told) -> None:
    turnover: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for move in story.of(HOT):
        sums = turnover[move.other(HOT)]
        sums[0] += 1
        sums[1 if move.giver == HOT else 2] += move.amount if move.kind in NATIVE else 0
    best = sorted(turnover.items(), key=lambda item: (-item[1][1] - item[1][2], -item[1][0], item[0]))[:20]
    found = asked("top_counterparties", address=HOT)
    assert [(r["counterparty"], [r["transfers"], r["sent_amount"], r["received_amount"]]) for r in found] == best


def test_the_largest_transfers_of_a_token_and_of_the_coin(asked: Ask, story: Told) -> None:
    for token in (USDC, NOBODY):
        amounts = sorted((m.amount for m in story.moves if m.token == token and m.kind != "fee"), reverse=True)
        assert [row["amount"] for row in asked("largest_transfers", token_address=token)] == amounts[:20]


def test_balances_at_any_block_are_the_sum_of_what_moved(asked: Ask, story: Told) -> None:
    for block in (1000, 2000):
        found = {row["token"]: row["amount"] for row in asked("wallet_balances", address=USER, to_block=block)}
        tokens = {move.token for move in story.of(USER)} | {NOBODY}
        expected = {token: story.balances(token, up_to=block).get(USER, 0) for token in tokens}
        assert found == {token: amount for token, amount in expected.items() if amount}


def test_a_balance_history_ends_with_each_days_balance(asked: Ask, story: Told) -> None:
    for token in (NOBODY, USDC):
        changes: defaultdict[dt.date, int] = defaultdict(int)
        for move in story.moves:
            if move.token == token and HOT in (move.giver, move.receiver):
                changes[move.at.date()] += move.amount * ((move.receiver == HOT) - (move.giver == HOT))
        found = asked("balance_history", address=HOT, token_address=token)
        assert {row["day"]: row["changed_amount"] for row in found} == dict(changes)
        assert found[-1]["amount"] == story.balances(token)[HOT]
        assert found[3]["amount"] == sum(row["changed_amount"] for row in found[:4])


def test_holders_are_ranked_and_named(asked: Ask, story: Told) -> None:
    held = {address: amount for address, amount in story.balances(USDC).items() if amount > 0}
    ranked = sorted(held.items(), key=lambda item: (-item[1], item[0]))
    found = asked("token_holders", token_address=USDC, most=10)
    assert [(row["holder"], row["amount"]) for row in found] == ranked[:10]
    assert found[1]["label"] == "northgate: hot wallet"
    assert found[0]["share"] == pytest.approx(ranked[0][1] / sum(held.values()))


def test_concentration_is_the_mean_difference_of_all_pairs(asked: Ask, story: Told) -> None:
    held = sorted((amount for amount in story.balances(USDC).values() if amount > 0), reverse=True)
    row = asked("token_concentration", token_address=USDC)[0]
    apart = sum(abs(one - two) for one in held for two in held)
    assert row["holders"] == len(held)
    assert row["gini"] == pytest.approx(apart / (2 * len(held) * sum(held)))
    assert row["top_10_share"] == pytest.approx(sum(held[:10]) / sum(held))
    assert row["half_in"] == next(count for count in range(1, 999) if sum(held[:count]) >= sum(held) / 2)


def test_fresh_wallets_are_those_whose_first_coins_came_from_the_funder(asked: Ask, story: Told) -> None:
    first: dict[str, Any] = {}
    signed: dict[str, int] = {}
    for move in story.moves:
        if move.kind in NATIVE:
            first.setdefault(move.receiver, move)
    for sent in story.transactions:
        signed.setdefault(sent["from"], sent["block"])
    fresh = {
        wallet: move.amount for wallet, move in first.items()
        if move.giver == HARBOUR and signed.get(wallet, ALL) >= move.block
    }  # fmt: skip
    found = asked("fresh_wallets_funded", address=HARBOUR, most=ALL)
    assert {row["wallet"]: row["amount"] for row in found} == fresh
    source = asked("funding_source", address=found[0]["wallet"])[0]
    assert (source["funder"], source["amount"], source["label"]) == (HARBOUR, found[0]["amount"], "harbour: hot wallet")


def test_gas_is_burnt_and_tipped_by_day_and_tips_reach_the_fee_recipients(asked: Ask, story: Told) -> None:
    parts: Counter[tuple[dt.date, str]] = Counter()
    for move in story.moves:
        if move.kind == "fee":
            parts[move.at.date(), move.part] += move.amount
    found = asked("gas_burnt_by_day")
    assert [row["burnt_amount"] for row in found] == [parts[row["day"], "burnt"] for row in found]
    assert [row["tips_amount"] for row in found] == [parts[row["day"], "tip"] for row in found]
    assert sum(row["blocks"] for row in found) == 2000
    earned = {row["recipient"]: (row["blocks"], row["tips_amount"]) for row in asked("fee_recipients")}
    assert sum(tips for _, tips in earned.values()) == sum(row["tips_amount"] for row in found)
    assert {who: blocks for who, (blocks, _) in earned.items()} == Counter(block["miner"] for block in story.blocks)


def test_failures_are_counted_by_receiver(asked: Ask, story: Told) -> None:
    failed = [sent for sent in story.transactions if sent["receipt"]["status"] == "0x0"]
    counts = Counter(sent["to"] for sent in failed)
    found = asked("failed_transactions", most=ALL)
    assert {row["receiver"]: row["failed"] for row in found} == dict(counts)
    worst = found[0]
    costs = [
        (int(s["receipt"]["gasUsed"], 16), int(s["receipt"]["effectiveGasPrice"], 16))
        for s in failed
        if s["to"] == worst["receiver"]
    ]
    assert worst["wasted_amount"] == sum(used * price for used, price in costs)
    assert worst["transactions"] == sum(sent["to"] == worst["receiver"] for sent in story.transactions)


def test_contracts_have_a_creator_and_a_signer(asked: Ask, story: Told) -> None:
    made = [
        (trace["result"]["address"], trace["action"]["from"], sent["from"], bool(trace["traceAddress"]))
        for sent in story.transactions if sent["receipt"]["status"] == "0x1"
        for trace in sent["traces"] if trace["type"] == "create" and not trace.get("error")
    ]  # fmt: skip
    found = asked("contract_creations", most=ALL)
    assert sorted((r["contract"], r["creator"], r["signer"], bool(r["by_factory"])) for r in found) == sorted(made)


def test_approvals_stay_open_until_they_are_taken_back(asked: Ask, story: Told) -> None:
    last: dict[tuple[str, str], int] = {}
    for sent in story.transactions:
        for log in sent["receipt"]["logs"]:
            topics = log["topics"]
            if topics and topics[0] == APPROVAL and len(topics) == 3 and topics[1][-40:] == CARELESS[2:]:
                last[log["address"], "0x" + topics[2][-40:]] = int(log["data"], 16)
    found = asked("open_approvals", address=CARELESS)
    assert {(row["token"], row["spender"]): row["allowed"] for row in found} == {key: n for key, n in last.items() if n}
    assert "Drainer contract" in {row["spender_label"] for row in found}


def test_calls_of_a_contract_are_told_apart_by_their_first_bytes(asked: Ask, story: Told) -> None:
    calls = [sent for sent in story.transactions if sent["to"] == USDC]
    found = asked("contract_usage", address=USDC)
    assert {row["method"]: row["transactions"] for row in found} == dict(Counter(sent["input"][:10] for sent in calls))
    assert sum(row["failed"] for row in found) == sum(sent["receipt"]["status"] == "0x0" for sent in calls)


def test_minting_and_burning_change_the_supply(asked: Ask, story: Told) -> None:
    for token in (USDC, next(move.token for move in story.moves if move.kind == "wrap")):
        found = asked("mint_and_burn", token_address=token)
        moves = [move for move in story.moves if move.token == token and move.kind in TOKENS]
        assert sum(row["minted_amount"] for row in found) == sum(m.amount for m in moves if m.giver == NOBODY)
        assert sum(row["burnt_amount"] for row in found) == sum(m.amount for m in moves if m.receiver == NOBODY)
        assert len(found) == len({m.at.date() for m in moves if NOBODY in (m.giver, m.receiver)})


def test_pairs_that_send_back_and_forth_are_found(asked: Ask, story: Told) -> None:
    left_out = labels(
        "exchange", "hot_wallet", "deposit", "dex", "bridge", "defi", "token_contract", "nft", "gambling", "wallet_app"
    )
    ways: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for move in story.moves:
        if move.kind in NATIVE | {"erc20"} and move.giver != move.receiver and move.amount:
            low, high = sorted((move.giver, move.receiver))
            if not {low, high} & (left_out.keys() | {NOBODY}):
                ways[low, high, move.token][move.giver == high] += 1
                ways[low, high, move.token][2 + (move.giver == high)] += move.amount
    pairs = {
        key
        for key, (there, back, out, home) in ways.items()
        if min(there, back) >= 2 and abs(out - home) <= 0.2 * (out + home)
    }
    assert {(row["one"], row["other"], row["token"]) for row in asked("wash_like_pairs")} == pairs
    assert len(pairs) == 15


def test_a_rhythm_has_24_hours(asked: Ask, story: Told) -> None:
    hours = Counter(sent["at"].hour for sent in story.transactions if sent["from"] == HOT)
    found = asked("hourly_rhythm", address=HOT)
    assert [(row["hour"], row["transactions"]) for row in found] == [(hour, hours[hour]) for hour in range(24)]
    assert sum(row["share"] for row in found) == pytest.approx(1)


def test_sleepers_wake_after_their_longest_silence(asked: Ask, story: Told) -> None:
    acted: defaultdict[str, list[dt.datetime]] = defaultdict(list)
    for sent in story.transactions:
        acted[sent["from"]].append(sent["at"])
    slept = {
        who: max((b - a).total_seconds() / 86400 for a, b in pairwise(at)) for who, at in acted.items() if len(at) > 1
    }
    found = asked("dormant_then_active", days=20)
    assert {row["wallet"]: row["slept_days"] for row in found} == {
        who: pytest.approx(days, abs=0.006) for who, days in slept.items() if days >= 20
    }


def test_every_planted_look_alike_is_an_attempt_at_poisoning(asked: Ask) -> None:
    found = asked("poisoning_attempts")
    assert {row["lookalike"] for row in found} == truth("address_poisoning", "look-alike")
    assert all(
        row["imitated"][:6] + row["imitated"][-4:] == row["lookalike"][:6] + row["lookalike"][-4:] for row in found
    )
    assert 0 < sum(row["paid_later"] for row in found) < len(found) == 39


def test_whoever_dealt_with_a_listed_address_is_named(asked: Ask, story: Told) -> None:
    dealt: Counter[tuple[str, str, str]] = Counter()
    for move in story.moves:
        if move.kind != "fee":
            for listed, near, way in ((move.giver, move.receiver, "received"), (move.receiver, move.giver, "sent")):
                if listed in sanctioned():
                    dealt[near, listed, way] += move.amount if move.kind in NATIVE else 0
    found = asked("sanctioned_counterparties", most=ALL)
    assert {(r["counterparty"], r["listed_address"], r["direction"]): r["amount"] for r in found} == dict(dealt)
    assert {row["listed_name"] for row in found} == {sanctioned()[row["listed_address"]] for row in found}


def test_deposits_to_exchanges_are_summed_by_depositor(asked: Ask, story: Told) -> None:
    theirs = labels("exchange", "hot_wallet", "deposit")
    paid: Counter[tuple[str, str]] = Counter()
    for move in story.moves:
        if move.kind in NATIVE and move.receiver in theirs and move.giver not in theirs:
            paid[move.giver, theirs[move.receiver].split(":")[0]] += move.amount
    found = asked("exchange_deposits", most=ALL)
    assert {(row["depositor"], row["exchange"]): row["amount"] for row in found} == dict(paid)


def test_new_counterparties_are_met_once(asked: Ask, story: Told) -> None:
    first: dict[str, dt.date] = {}
    for move in story.of(HOT):
        first.setdefault(move.other(HOT), move.at.date())
    first.pop(NOBODY, None)
    found = asked("new_counterparties", address=HOT)
    assert {row["day"]: row["new_counterparties"] for row in found if row["new_counterparties"]} == dict(
        Counter(first.values())
    )


def test_active_addresses_and_types_of_transactions_are_counted_by_day(asked: Ask, story: Told) -> None:
    signers, moving = defaultdict(set), defaultdict(set)
    for sent in story.transactions:
        signers[sent["at"].date()].add(sent["from"])
    for move in story.moves:
        if move.kind != "fee":
            moving[move.at.date()] |= {move.giver, move.receiver}
    found = asked("daily_active_addresses")
    assert [(r["day"], r["signers"], r["moving"]) for r in found] == [
        (d, len(signers[d]), len(moving[d])) for d in sorted(signers)
    ]
    assert sum(row["new_signers"] for row in found) == len(set().union(*signers.values()))
    types = Counter((sent["at"].date(), int(sent["type"], 16)) for sent in story.transactions)
    assert {(row["day"], row["transaction_type"]): row["transactions"] for row in asked("transaction_types")} == dict(
        types
    )


def test_tokens_are_ranked_by_their_transfers(asked: Ask, story: Told) -> None:
    moves = Counter((m.token, "erc20" if m.kind == "wrap" else m.kind) for m in story.moves if m.kind in TOKENS)
    found = asked("token_activity")
    assert {(row["token"], row["standard"]): row["transfers"] for row in found} == dict(moves)
    usdc = next(row for row in found if row["symbol"] == "USDC")
    assert usdc["givers"] == len({m.giver for m in story.moves if m.token == USDC} - {NOBODY})


def test_what_two_addresses_have_in_common(asked: Ask, story: Told) -> None:
    met = [{move.other(one) for move in story.of(one)} for one in (HOT, HARBOUR)]
    found = asked("shared_counterparties", address=HOT, other_address=HARBOUR, most=ALL)
    assert {row["shared"] for row in found} == (met[0] & met[1]) - {NOBODY, HOT, HARBOUR}
    near = asked("top_counterparties", address=HOT, most=1)[0]["counterparty"]
    between = asked("transfers_between", address=HOT, other_address=near)
    assert [row["amount"] for row in between] == [m.amount for m in story.of(HOT) if m.other(HOT) == near]


def test_one_transaction_is_told_whole(asked: Ask, story: Told) -> None:
    busiest = Counter(move.hash for move in story.moves).most_common(1)[0][0]
    found = asked("transaction_transfers", transaction_hash=busiest)
    expected = [(m.kind, m.giver, m.receiver, m.token, m.amount) for m in story.moves if m.hash == busiest]
    assert sorted((r["kind"], r["giver"], r["receiver"], r["token"], r["amount"]) for r in found) == sorted(expected)


def test_the_latest_transfers_come_first_and_are_named(asked: Ask, story: Told) -> None:
    found = asked("transfers_of_address", address=USER, most=ALL)
    assert Counter((r["counterparty"], r["amount"]) for r in found) == Counter(
        (m.other(USER), m.amount) for m in story.of(USER)
    )
    assert found[0]["block_timestamp"] == max(move.at for move in story.of(USER))
    assert "harbour: hot wallet" in {row["label"] for row in found}


def test_flows_of_exchanges_net_what_went_in_and_out(asked: Ask, story: Told) -> None:
    theirs = {who: label.split(":")[0] for who, label in labels("exchange", "hot_wallet", "deposit").items()}
    flows: Counter[tuple[str, str]] = Counter()
    for move in story.moves:
        if move.kind in NATIVE and theirs.get(move.giver) != theirs.get(move.receiver):
            flows[theirs.get(move.receiver, ""), "in"] += move.amount
            flows[theirs.get(move.giver, ""), "out"] += move.amount
    found = asked("exchange_flows")
    for name in ("northgate", "harbour"):
        rows = [row for row in found if row["exchange"] == name]
        assert sum(row["inflow_amount"] for row in rows) == flows[name, "in"]
        assert sum(row["outflow_amount"] for row in rows) == flows[name, "out"]


def test_swaps_are_counted_by_their_events(asked: Ask, story: Told) -> None:
    swap = "0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822"
    events = [log for sent in story.transactions for log in sent["receipt"]["logs"] if log["topics"][:1] == [swap]]
    found = asked("swap_volume", most=ALL)
    assert sum(row["swaps"] for row in found) == len(events) > 0
    assert {row["pool"] for row in found} == {log["address"] for log in events}


def test_mixers_prices_and_stablecoins_are_told_by_day(asked: Ask, story: Told) -> None:
    paid = sum(move.amount for move in story.moves if move.kind in NATIVE and move.receiver in labels("mixer"))
    assert sum(row["inflow_amount"] for row in asked("entity_flows")) == paid > 0
    issued = [row for row in asked("stablecoin_supply") if row["symbol"] == "USDC"]
    minted = asked("mint_and_burn", token_address=USDC)
    assert [(row["day"], row["minted_amount"]) for row in issued] == [
        (row["day"], row["minted_amount"]) for row in minted
    ]
    weth = next(move.token for move in story.moves if move.kind == "wrap")
    prices = asked("swap_prices", token_address=weth)
    assert {row["numeraire"] for row in prices} == {"USDC"}
    assert all(1_500 < r["lowest_price"] <= r["median_price"] <= r["highest_price"] < 2_500 for r in prices)


def test_the_store_says_what_it_holds(asked: Ask, story: Told) -> None:
    whole = asked("coverage")[0]
    assert (whole["blocks"], whole["from_block"], whole["to_block"]) == (2000, 1, 2000)
    assert (whole["transactions"], whole["finality"]) == (len(story.transactions), "finalized")
    assert whole["traces"] == sum(len(sent["traces"]) for sent in story.transactions)
    fresh = asked("data_freshness")[0]
    assert (fresh["newest_block"], fresh["newest_block_at"], fresh["behind"]) == (2000, story.blocks[-1]["at"], 0)
    assert [(row["finality"], row["blocks"]) for row in asked("finality")] == [("finalized", 2000)]
    speed = asked("ingest_speed")
    assert sum(row["blocks"] for row in speed) == 2000
    assert [row["seconds"] is None for row in speed] == [False] * (len(speed) - 1) + [True]
    assert asked("block_gaps") == asked("reorganisations") == []


def test_labels_of_an_address_come_from_sources_and_lists(asked: Ask) -> None:
    listed = next(iter(sanctioned()))
    found = asked("labels_of_address", who=listed.upper().replace("0X", "0x"))
    assert {(row["category"], row["label"]) for row in found} >= {("sanctioned", sanctioned()[listed])}
    assert asked("labels_of_address", who=HOT)[0]["label"] == labels("hot_wallet")[HOT]
    assert asked("labels_of_address", who="bc1qnobody") == []
