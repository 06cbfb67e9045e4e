"""Wallets of a few ways of life are told apart without labels, and keep their segments' names from day to day."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chainsight.cli import app, commands
from chainsight.errors import StoreEmpty, UnknownName, UsageError
from graph.segments.build import build_segments, read_days, refit_segments
from graph.segments.drift import read_drift, read_history, read_members, read_segments, segment_named
from graph.segments.fit import assign, find_centres, match, newborn
from graph.segments.names import name_segment
from graph.segments.traits import NAMES
from ingest.recompute import withdraw_conclusions
from sql.derive import derive
from sql.store import Store, open_store
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import START, World, who

CHAIN = 7
WINDOW = 2
FIRST, SECOND, THIRD = (START.date() + dt.timedelta(days=days) for days in (1, 2, 3))


def live(world: World, *, hours: int, jugglers: int = 0) -> None:
    """Customers pay to deposit addresses that pass everything on; savers are paid and keep it. Hour by hour, by chance.

    Jugglers are a way of life that was not there before: the same amount to and fro between many, within minutes.
    """
    chance = random.Random(world.block)
    for _ in range(hours):
        for number in range(30):
            if chance.random() < 0.15:
                coins = 1 + chance.random()
                world.pay(f"customer {number}", f"deposit {number}", coins)
                world.pay(f"deposit {number}", "hot", 0.999 * coins)
            if chance.random() < 0.2:
                world.pay(f"employer {number % 3}", f"saver {number}", 1 + chance.random())
        for number in range(jugglers):
            world.send(f"juggler {number}", f"juggler {chance.randrange(jugglers)}", 100, f"coin {chance.randrange(4)}")
        world.wait(0.9)


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Segments of two days, and of a third on which something new had come up."""
    path = f"chdb://{tmp_path_factory.mktemp('segments')}/store"
    store = new_store(path.removeprefix("chdb://"))
    world = World(CHAIN)
    live(world, hours=75)
    live(world, hours=10, jugglers=60)
    world.pour(store)
    derive(store, chain_id=CHAIN)
    for day in (FIRST, SECOND):
        build_segments(store, chain_id=CHAIN, day=day, window_days=WINDOW)
    store.close()
    return path


@pytest.fixture
def built(dsn: str) -> Iterator[Store]:
    """That store, open."""
    store = open_store(dsn)
    yield store
    store.close()


def segments_of(store: Store, day: dt.date) -> dict[bytes, str]:
    """Segment by address."""
    rows = store.query(
        "SELECT address, CAST(segment AS String) AS segment FROM address_segments WHERE day = {day:Date}", day=str(day)
    )
    return dict(zip(rows.column("address").to_pylist(), rows.column("segment").to_pylist(), strict=True))


def everything(store: Store, day: dt.date) -> list[str]:
    """All that is said of a day, apart from when it was computed."""
    found: list[str] = []
    for table in ("behaviour_segments", "address_segments"):
        rows = store.query(
            f"SELECT * EXCEPT (computed_at, version) FROM {table} WHERE day = {{day:Date}} ORDER BY ALL", day=str(day)
        )
        found += map(str, rows.to_pylist())  # as text, in which nan is nan
    return found


def test_deposit_addresses_and_savers_are_told_apart_and_named_by_what_they_do(built: Store) -> None:
    found = segments_of(built, FIRST)
    deposits = Counter(found[who(f"deposit {number}")] for number in range(30))
    savers = Counter(found[who(f"saver {number}")] for number in range(30))
    assert max(deposits.values()) >= 20
    assert all(name.startswith("deposit") for name in deposits)
    assert deposits.keys().isdisjoint(savers)
    assert found[who("hot")] not in {*deposits, *savers}


def test_the_next_day_means_the_same_by_the_same_names(built: Store) -> None:
    before, after = segments_of(built, FIRST), segments_of(built, SECOND)
    assert {row["segment"] for row in read_segments(built, chain_id=CHAIN, window_days=WINDOW).segments} >= set(
        before.values()
    )
    same = [address for address in before if before[address] == after[address]]
    assert len(same) > 0.75 * len(before)


def test_building_a_day_again_changes_nothing_and_reads_nothing_later(built: Store) -> None:
    """The store holds three days more than the first one knew: they must not show."""
    before = everything(built, FIRST)
    again = build_segments(built, chain_id=CHAIN, day=FIRST, window_days=WINDOW)
    assert everything(built, FIRST) == before
    newest = built.query(
        "SELECT max(block_number) AS n FROM transfers WHERE block_timestamp < {end:DateTime}",
        end=f"{FIRST + dt.timedelta(days=1)} 00:00:00",
    )
    assert again.as_of_block == newest.column("n")[0].as_py()


def test_what_is_like_nothing_before_founds_a_segment_and_shows_as_drift(built: Store) -> None:
    summary = build_segments(built, chain_id=CHAIN, day=THIRD, window_days=WINDOW)
    jugglers = Counter(segments_of(built, THIRD)[who(f"juggler {number}")] for number in range(60))
    assert set(jugglers) <= set(summary.born)
    drift = read_drift(built, chain_id=CHAIN, window_days=WINDOW, since=FIRST, until=THIRD)
    assert drift.verdict == "drifted"
    assert "--refit" in drift.advice
    assert drift.arrived >= 60
    assert {one.segment for one in drift.segments if one.before_count == 0 < one.after_count} >= set(jugglers)
    with pytest.raises(UnknownName):
        segment_named(read_segments(built, chain_id=CHAIN, window_days=WINDOW), "depsoit")


def test_after_a_new_fit_segments_that_go_on_keep_their_names(built: Store) -> None:
    deposits = [who(f"deposit {number}") for number in range(30)]
    before = {segments_of(built, SECOND)[address] for address in deposits}
    refit_segments(built, chain_id=CHAIN, day=THIRD, window_days=WINDOW)
    once = everything(built, THIRD)
    assert before & {segments_of(built, THIRD)[address] for address in deposits}
    drift = read_drift(built, chain_id=CHAIN, window_days=WINDOW, since=SECOND, until=THIRD)
    assert (drift.verdict, "on one side of it" in drift.advice) == ("refitted", True)
    build_segments(built, chain_id=CHAIN, day=THIRD, window_days=WINDOW)  # a day that was refitted stays so
    assert everything(built, THIRD) == once


def test_the_commands_answer_and_draw(dsn: str, tmp_path: Path) -> None:
    commands.register(["segments"])

    def run(*words: str) -> dict[str, object]:
        answer = CliRunner().invoke(
            app, ["segments", *words, "--window-days", str(WINDOW), "--store", dsn], catch_exceptions=False
        )
        return json.loads(answer.stdout)

    listed = run("list", "--day", str(SECOND), "--plot", str(tmp_path / "page.html"))
    assert (tmp_path / "page.html").stat().st_size > 10_000
    name = next(row["segment"] for row in listed["segments"] if row["segment"].startswith("deposit"))
    shown = run("show", name, "--day", str(SECOND))
    assert shown["members"][0]["address"].startswith("0x")
    assert shown["distinguishes"]
    moved = run("drift", "--since", str(FIRST), "--until", str(SECOND))
    assert moved["stayed_share"] > 0.75
    assert moved["chance_index"] > 0.1  # of so few addresses not much can be said
    with pytest.raises(UsageError, match="no day"):
        run("list", "--day", "yesterday")


def test_an_earlier_day_looked_at_later_takes_no_name_or_number_of_the_others(built: Store) -> None:
    """Over one day, in the wrong order: what each founded stays its own, and the earlier one built again stays as it is."""
    first, _, again = (build_segments(built, chain_id=CHAIN, day=day, window_days=1) for day in (SECOND, FIRST, FIRST))
    rows = built.query(
        "SELECT groupUniqArray(segment) AS names, segment_id, groupUniqArray(fit_day) AS days FROM behaviour_segments "
        "WHERE window_days = 1 AND segment_id != 0 GROUP BY segment_id"
    ).to_pylist()
    assert [row for row in rows if len(row["names"]) != 1 or len(row["days"]) != 1] == []
    names = [row["names"][0] for row in rows]
    assert len(names) == len(set(names)) == len(first.segments) + len(again.segments) - 2
    assert any(name.endswith(f"-{FIRST}") for name in names)
    assert set(again.born) == {row["names"][0] for row in rows if row["days"] == [FIRST]}


def test_days_that_cannot_be_looked_at_are_named(built: Store) -> None:
    with pytest.raises(UsageError, match="knows chain 7 until"):
        build_segments(built, chain_id=CHAIN, day=dt.date(2030, 1, 1), window_days=WINDOW)
    with pytest.raises(StoreEmpty, match="no transfers"):
        build_segments(built, chain_id=CHAIN, day=dt.date(2020, 1, 1), window_days=WINDOW)
    with pytest.raises(StoreEmpty, match="Days there are"):
        read_segments(built, chain_id=CHAIN, window_days=WINDOW, day=dt.date(2023, 1, 1))
    with pytest.raises(StoreEmpty, match="2 different days"):
        read_drift(built, chain_id=CHAIN, window_days=3)


def test_a_block_that_leaves_the_chain_takes_the_days_that_knew_it(built: Store) -> None:
    """The last test of this store: it loses its second day."""
    (row,) = [row for row in read_history(built, chain_id=CHAIN, window_days=WINDOW) if row["day"] == SECOND][:1]
    as_of = read_segments(built, chain_id=CHAIN, window_days=WINDOW, day=SECOND).as_of_block
    withdraw_conclusions(built, chain_id=CHAIN, first=as_of)
    assert row["address_count"]
    assert read_days(built, chain_id=CHAIN, window_days=WINDOW) == [FIRST]
    assert segments_of(built, SECOND) == {}
    left = read_segments(built, chain_id=CHAIN, window_days=WINDOW)
    assert len(read_members(built, left, left.segments[0]["segment_id"])) > 0


def test_groups_far_apart_are_found_and_known_again_whatever_their_order() -> None:
    chance = np.random.default_rng(3)
    middles = np.eye(len(NAMES))[:6] * 5
    rows = np.vstack([middle + chance.normal(0, 0.3, (200, len(NAMES))) for middle in middles])
    centres = find_centres(rows)
    assert len(centres) == 6
    assert np.bincount(assign(rows, centres).places).tolist() == [200] * 6
    shuffled = centres[[3, 0, 5, 1, 4, 2]] + 0.05
    assert match(shuffled, centres).tolist() == [3, 0, 5, 1, 4, 2]
    assert match(np.full((1, len(NAMES)), 9.0), centres).tolist() == [-1]
    assert len(newborn(rows, np.arange(len(rows)) < 20)) == 0  # too few to be a way of life
    assert len(newborn(rows, np.arange(len(rows)) < 200)) == 1


def test_a_name_taken_is_told_apart_by_the_trait_that_differs_most() -> None:
    medians = np.zeros(len(NAMES))
    medians[[NAMES.index("top_receiver_share"), NAMES.index("receivers")]] = 1
    centre, other = np.zeros(len(NAMES)), np.zeros(len(NAMES))
    other[NAMES.index("coins")] = 2.5
    first, _ = name_segment(medians, centre, centre, {})
    second, about = name_segment(medians, centre, other, {first: centre})
    assert (first, second) == ("deposit", "deposit-rich")
    assert about.endswith("among such, rich")
