"""The stories that are put into real accounts: whole under every disguise, and found in an empty world."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from bench.injected_patterns import STORIES
from bench.injections import VARIANTS, Cast, Story, pour, varied
from graph.typologies.detectors import DETECTORS
from graph.typologies.findings import find_typologies
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import World, who

SHOWN = ("peel_chain", "ponzi", "bridge_hopping", "cash_out_ring", "airdrop_sybil")


def cast(seed: int = 1) -> Cast:
    return Cast(np.random.default_rng(seed), [who(f"real {number}") for number in range(60)])


def balances(story: Story) -> dict[tuple[bytes, bytes], int]:
    """What every real or told wallet has more or less of each token in the end; throw-away hops come out at nearly nothing."""
    changed: dict[tuple[bytes, bytes], int] = defaultdict(int)
    for step in story.steps:
        for move in step.moves:
            changed[move.giver, move.token] -= move.amount
            changed[move.receiver, move.token] += move.amount
    return changed


def test_every_detector_has_a_story() -> None:
    assert list(sorted(STORIES)) == sorted(entry.name for entry in DETECTORS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_disguise_changes_the_way_and_not_what_anybody_has_in_the_end(variant: str) -> None:
    for tell, variants in STORIES.values():
        if variant not in variants:
            continue
        players = cast()
        plain = tell(players)
        disguised = varied(plain, variant, players)
        before, after = balances(plain), balances(disguised)
        moved = sum(move.amount for step in plain.steps for move in step.moves)
        assert disguised.right == plain.right
        for place, amount in before.items():
            assert abs(after[place] - amount) <= 1e-6 * moved


def test_stories_are_found_where_nothing_else_happens_dust_apart(tmp_path: Path) -> None:
    store = new_store(f"{tmp_path}/store")
    world = World(1)
    for number in range(1_500):  # a clock: time passes by blocks, two hours at a time
        world.wait(2)
        world.pay(f"quiet {number}", "shop", 1)
    world.pour(store)
    players = cast()
    stories = {name: varied(STORIES[name][0](players), "dust", players) for name in SHOWN}
    pour(store, 1, stories.values(), players)

    chosen = [entry for entry in DETECTORS if entry.name in SHOWN]
    find_typologies(store, chain_id=1, detectors=chosen)

    rows = store.query(
        "SELECT CAST(typology AS String) AS name, groupUniqArray(address) AS found FROM typology_findings GROUP BY name"
    ).to_pylist()
    found = {row["name"]: set(row["found"]) for row in rows}
    store.close()
    for name, story in stories.items():
        assert story.right <= found[name], name
