"""`chainsight trace` as a person and a program meet it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from chainsight.addresses import ZERO_ADDRESS
from chainsight.cli import app, commands, output
from chainsight.cli.trace_views import exposure_rows, sankey_parts, tree_lines
from chainsight.errors import UsageError
from chainsight.sankey import Ribbon, Spot, layout, save_sankey, specification
from graph.tracing.answer import AssetTrace, TraceAnswer, follow_money
from graph.tracing.flow_graph import Flow, Question, Trace
from graph.tracing.lots import Parcel
from graph.tracing.pages import NATIVE
from sql.as_of import AsOf
from sql.chain_parameters import chain_parameters
from sql.files import load
from sql.store import open_store
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import World, who

THIEF, MULE, EXCHANGE = ("0x" + who(name).hex() for name in ("thief", "mule", "exchange"))


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A thief's 10 coins: 8 by a mule to an exchange whose label would like to paint the terminal, 2 unmoved."""
    found = f"chdb://{tmp_path_factory.mktemp('trace')}/store"
    store = new_store(found.removeprefix("chdb://"))
    world = World(1)
    world.label("exchange", "exchange")
    world.labels[-1]["label"] = "Kra\x1b[31mken"
    world.pay("thief", "mule", 10)
    world.pay("mule", "exchange", 8)
    world.pour(store)
    known: dict[str, Any] = {
        "chain_id": 1,
        "from_block": 0,
        "to_block": 9,
        "version": 2 * 10**18,
        **chain_parameters(1),
    }
    for name in ("address_transfers", "address_daily_flows", "address_actors"):
        statement = load(f"transforms/{name}")
        store.command(statement, **{key: known[key] for key in statement.parameters})
    store.close()
    return found


def run(*words: str) -> Result:
    commands.register(["trace"])
    return CliRunner().invoke(app, ["trace", *words])


def test_programs_get_a_document_with_exact_amounts_and_transactions(dsn: str, tmp_path: Path) -> None:
    files = tmp_path / "flow.svg", tmp_path / "flow.graphml"
    result = run(THIEF, "--store", dsn, "--plot", str(files[0]), "--graphml", str(files[1]))
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["direction"], document["policy"], document["as_of"]["block_number"]) == ("out", "haircut", 2)
    (asset,) = document["assets"]
    assert (asset["asset"]["symbol"], asset["traced"], asset["visited"]) == ("ETH", str(10**19), 2)
    assert [(row["reason"], row["category"], row["share"], row["low"], row["high"]) for row in asset["exposures"]] == [
        ("service", "exchange", 0.8, 0.8, 0.8), ("held", "", 0.2, 0.2, 0.2)
    ]  # fmt: skip
    path = asset["paths"][0]
    assert [(step["from"], step["to"], len(step["transactions"])) for step in path["steps"]] == [
        (THIEF, MULE, 1), (MULE, EXCHANGE, 1)
    ]  # fmt: skip
    assert "<svg" in files[0].read_text()
    assert "\x1b" not in files[0].read_text()
    graph = ElementTree.parse(files[1]).getroot()[-1]
    assert [element.get("id") or (element.get("source"), element.get("target")) for element in graph] == [
        THIEF, MULE, EXCHANGE, (THIEF, MULE), (MULE, EXCHANGE)
    ]  # fmt: skip


def test_people_get_a_tree_and_a_table(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "wants_json", lambda _: False)
    result = run(THIEF, "--store", dsn)
    assert result.exit_code == 0
    assert f"└─ 100.00%  {MULE}  10.0000 ETH  [held]" in result.stdout
    assert f"   └─  80.00%  {EXCHANGE}  8.00000 ETH  Kra\\x1b[31mken (exchange)  [service]" in result.stdout
    store = open_store(dsn)
    answer = follow_money(store, Question(1, (who("exchange"),), direction="in"))
    store.close()
    (one,) = answer.assets
    assert tree_lines(answer, one)[1:] == [
        f"└─ 100.00%  {MULE}  8.00000 ETH", f"   └─ 100.00%  {THIEF}  8.00000 ETH"
    ]  # fmt: skip
    assert [row["met"] for row in exposure_rows(one)] == ["unexplained"]
    spots, ribbons = sankey_parts(one)
    assert [(spots[r.giver].column, spots[r.receiver].column, r.size) for r in ribbons] == [(1, 2, 1.0), (0, 1, 1.0)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((THIEF, "--policy", "hiarcut"), "haircut"),
        (("0x12",), "is not an address"),
        ((THIEF, "--plot", "flow.gif"), "png, .svg or .html"),
        (("0x" + "77" * 20,), "no transfers of coins"),
        ((THIEF, "--until", "2010-01-01"), "no block of chain 1 before 2010-01-01"),
        ((THIEF, "--since", "²"), "'²' is neither a block nor a time"),
        ((THIEF, "--since", "2106-03-01"), "The window is empty: it begins with block 3"),
        ((THIEF, "--until", "9" * 5_000), "No chain has a block 99999"),
    ],
)
def test_mistakes_are_told_in_a_sentence(dsn: str, words: tuple[str, ...], said: str) -> None:
    result = run(*words, "--store", dsn)
    assert result.exit_code != 0
    assert said in str(result.exception)


def test_a_tree_may_be_deeper_than_programs_can_call_themselves() -> None:
    flows = [Flow(_hop(at), _hop(at + 1), NATIVE, at + 1, NATIVE, Parcel(5, 5), 1) for at in range(3_000)]
    one = AssetTrace(Trace(Question(1, (_hop(0),), hops=9_999), 5, {}, flows, {}, {}), {}, {}, [])
    as_of = AsOf(1, 1, bytes(32), dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "latest")
    lines = tree_lines(TraceAnswer(as_of, [one], 0, {}, {ZERO_ADDRESS: ("ETH", 18)}, []), one)
    assert lines[3].startswith(f"      └─ 100.00%  0x{_hop(3).hex()}")
    assert lines[-1] == "… and 2881 lines more: ask for --json or --graphml."


def _hop(number: int) -> bytes:
    return (number + 1).to_bytes(20, "big")


def test_a_sankey_keeps_sizes_and_orders_columns_so_that_ribbons_do_not_cross(tmp_path: Path) -> None:
    spots = [Spot("s", 0, "start"), Spot("a", 1), Spot("b", 1), Spot("a2", 2), Spot("b2", 2, "service")]
    ribbons = [Ribbon(0, 1, 0.5), Ribbon(0, 2, 0.5), Ribbon(1, 3, 0.2), Ribbon(2, 4, 0.5)]
    boxes = layout(spots, ribbons)
    assert boxes[0].height == pytest.approx(boxes[1].height + boxes[2].height)
    assert (boxes[1].top < boxes[2].top) == (boxes[3].top < boxes[4].top)
    drawn = specification(spots, ribbons, title="t", subtitle="s")
    assert [len(data["values"]) for data in drawn["data"]] == [4, 5]
    with pytest.raises(UsageError, match="nothing to draw"):
        save_sankey(spots, [], tmp_path / "x.svg", title="", subtitle="")
