"""The library keeps its word: headers, parameters, the guard; and questions about risk, on a world of nine addresses."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterator
from itertools import pairwise

import pytest

from chainsight.addresses import show_hex
from chainsight.errors import UnknownName, UsageError
from scheduler.publish import publish
from sql.answers import fetched
from sql.guard import require_question
from sql.library import Question, ask, bound, library, named, tagged
from sql.store import Store
from tests.fixtures.demo_story import answered
from tests.fixtures.publishing import (
    CHAIN,
    CUSTOMER,
    EXCHANGE,
    FRIEND,
    LISTED,
    MIDDLE,
    PHISHER,
    PLAIN,
    add_finding,
    add_label,
    add_prediction,
    address,
    build_world,
)
from tests.fixtures.stores import new_store

QUESTIONS = sorted(library())


def told(number: int) -> str:
    """An address of the world as text."""
    return str(show_hex(address(number)))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The world of tests/fixtures/publishing.py, published once."""
    opened = new_store(f"{tmp_path_factory.mktemp('library')}/store")
    build_world(opened)
    add_label(opened, PHISHER, "licit", "a fine shop", source="another", confidence=0.3)
    add_finding(opened, MIDDLE, "peel_chain", role="hop")
    add_finding(opened, PLAIN, "drainer", role="victim", strength=0.5)
    add_prediction(opened, MIDDLE, probability=0.97, anomaly=0.99)
    publish(opened, chain_id=CHAIN)
    yield opened
    opened.close()


def example(question: Question) -> dict[str, object]:
    """The parameters in a question's example."""
    words = shlex.split(question.example)
    return dict(word.split("=", 1) for flag, word in pairwise(words) if flag == "--param")


def test_there_are_more_than_thirty_questions_with_tags_that_several_share() -> None:
    assert len(QUESTIONS) > 30
    assert {"wallet", "tokens", "risk", "network", "data"} <= {tag for name in QUESTIONS for tag in named(name).tags}
    assert [question.name for question in tagged("labels")] == ["label_conflicts", "labels_of_address"]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_passes_the_guard_and_its_columns_are_those_it_describes(name: str, store: Store) -> None:
    question = named(name)
    assert question.example.startswith(f"chainsight query run {name}")
    assert question.asks[0].isupper()
    assert question.asks.endswith((".", "?"))
    assert {*question.chart} <= {column.name for column in question.columns}
    values = bound(store, question, example(question))
    found, types = fetched(store, require_question(question.sql), limit=1, parameters=values)
    assert found.column_names == [column.name for column in question.columns]
    assert not [kind for kind in types if "FixedString" in kind]


def test_parameters_are_checked_by_name_and_type(store: Store) -> None:
    who = told(LISTED)
    for given, said in {
        (): "top_counterparties needs the parameter address: Whose counterparties. Example: chainsight query run",
        (("address", "0x12"),): "address wants an address, 0x followed by 40 hexadecimal digits, not '0x12'",
        (("address", who), ("most", "many")): "most wants a whole number from 0 to 18446744073709551615, not 'many'",
        (("address", who), ("from_block", -1)): "from_block wants a whole number",
        (("address", who), ("most", True)): "most wants a whole number",
    }.items():
        with pytest.raises(UsageError) as refused:
            ask(store, "top_counterparties", dict(given))
        assert said in str(refused.value)
    with pytest.raises(UsageError, match="days wants a number, not 'nan'"):
        ask(store, "dormant_then_active", {"days": "nan"})
    with pytest.raises(UsageError, match="transaction_hash wants a hash"):
        ask(store, "transaction_transfers", {"transaction_hash": who})


def test_unknown_names_are_answered_with_near_ones(store: Store) -> None:
    with pytest.raises(UnknownName, match="Did you mean top_counterparties"):
        ask(store, "top_counterpartys", {})
    with pytest.raises(UnknownName, match=r"no parameter of worst_scores 'mots'\. Did you mean most"):
        ask(store, "worst_scores", {"mots": 3})
    with pytest.raises(UnknownName, match=r"no category 'mixr'\. Did you mean mixer"):
        ask(store, "exposure_to_category", {"category": "mixr"})
    with pytest.raises(UnknownName, match=r"no tag 'wallets'\. Did you mean wallet"):
        tagged("wallets")


def test_a_value_is_never_read_as_sql(store: Store) -> None:
    assert answered(store, "labels_of_address", who="x' OR 1 = 1 --") == []
    assert answered(store, "findings_by_typology", typology="drainer' OR '' = '") == []
    assert answered(store, "label_conflicts", most="1_000")[0]["wallet"] == told(PHISHER)


def test_the_worst_addresses_have_scores_grades_and_reasons(store: Store) -> None:
    found = answered(store, "worst_scores", most=3)
    assert (found[0]["wallet"], found[0]["score"], found[0]["grade"]) == (told(LISTED), 100.0, "Severe")
    assert "LAZARUS GROUP" in found[0]["reasons"][0]
    one = answered(store, "score_of_address", address=told(LISTED))[0]
    assert (one["score"], one["list_channel"], one["publication"]) == (100.0, 1.0, 1)
    assert answered(store, "worst_scores", least=100.5) == []
    spread = answered(store, "score_distribution")
    assert sum(row["addresses"] for row in spread) == 9
    assert sum(row["share"] for row in spread) == pytest.approx(1)
    assert [row["addresses"] for row in spread if row["score_from"] == 90 and row["grade"] == "Severe"] >= [1]


def test_exposures_say_to_whom_and_how_much(store: Store) -> None:
    found = answered(store, "exposure_to_category", category="sanctioned")
    direct = {row["wallet"]: row["amount"] for row in found if row["hops"] == 1}
    assert direct == {told(EXCHANGE): 50 * 10**18, told(FRIEND): 5 * 10**18, told(MIDDLE): 8 * 10**18}
    assert {row["example_name"] for row in found} == {"LAZARUS GROUP"}
    assert told(CUSTOMER) not in {row["wallet"] for row in found if row["hops"] == 1}


def test_findings_are_told_by_behaviour_and_by_address(store: Store) -> None:
    assert [(r["wallet"], r["role"], r["strength"]) for r in answered(store, "findings_by_typology")] == [
        (told(PLAIN), "victim", 0.5)
    ]
    assert answered(store, "findings_by_typology", role="actor") == []
    assert (
        answered(store, "findings_of_address", address=told(MIDDLE))[0]["sentence"]
        == "17 transfers of 0.99 ETH within 2 hours"
    )
    unusual = answered(store, "unusual_addresses")
    assert [(row["wallet"], row["anomaly"], row["stands_out"]) for row in unusual] == [
        (told(MIDDLE), 0.99, ["in_degree = 3"])
    ]


def test_recommendations_that_hold_are_open(store: Store) -> None:
    every = answered(store, "open_recommendations")
    assert [row["position"] for row in every] == list(range(1, len(every) + 1))
    frozen = answered(store, "open_recommendations", action="freeze_and_report")
    assert [row["wallet"] for row in frozen] == [told(LISTED)]
    assert frozen[0]["valid_until"] > dt.datetime.now(dt.UTC)
    counted = answered(store, "recommendations_by_action")
    assert sum(row["recommendations"] for row in counted) == len(every)
    assert sum(row["expired"] for row in counted) == 0


def test_sources_that_disagree_are_shown_side_by_side(store: Store) -> None:
    assert answered(store, "label_conflicts") == [
        {
            "wallet": told(PHISHER),
            "categories": ["licit", "phishing"],
            "sources": ["another", "etherscan"],
            "labels": ["Fake_Phishing1", "a fine shop"],
            "most_confident": 0.8,
        }
    ]


def test_holes_and_reorganisations_are_told(store: Store) -> None:
    store.command(
        "INSERT INTO blocks (chain_id, block_number, version) SELECT 1, arrayJoin([5, 6, 9, 12]) AS block_number, 1"
    )
    store.command(
        "INSERT INTO retractions (chain_id, publication, from_block, reason, version) VALUES (1, 1, 900, 'Block 900 left.', 1)"
    )
    assert answered(store, "block_gaps") == [
        {"from_block": 7, "to_block": 8, "missing": 2},
        {"from_block": 10, "to_block": 11, "missing": 2},
    ]
    overtaken = answered(store, "reorganisations")[0]
    assert (overtaken["what"], overtaken["from_block"], overtaken["publications"]) == ("publication", 900, [1])
