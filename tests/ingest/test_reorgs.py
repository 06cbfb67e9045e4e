"""The chain changes its mind: whatever happens on the way, the store ends up as if it had only ever seen the final chain.

Blocks are small and honest (tests/fixtures/forks.py) and go through the real store with all proofs. More examples:
CHAINSIGHT_REORG_EXAMPLES=500 pytest tests/ingest/test_reorgs.py
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainsight.errors import DeepReorg
from ingest.follow import FollowSummary, follow_chain, read_window
from ingest.journal import open_intents
from ingest.reorgs import Link, Verdict, Window, find_ancestor, judge
from sql.as_of import read_as_of
from sql.check import check
from sql.store import Store
from sql.transform import transform
from tests.fixtures.contents import committed_counts, visible_addresses, visible_edges, visible_rows
from tests.fixtures.forks import CHAIN_ID, ForkingNode, branch
from tests.fixtures.stores import new_store

EXAMPLES = int(os.environ.get("CHAINSIGHT_REORG_EXAMPLES", "4"))
FINALITY_DEPTH = 12


@contextmanager
def fresh_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(f"{folder}/store")
        try:
            yield store
        finally:
            store.close()


def follow(store: Store, node: ForkingNode, *, signs: int = 1, confirmations: int = 0) -> FollowSummary:
    return follow_chain(
        store,
        node,
        range(signs),
        chain_id=CHAIN_ID,
        stop=threading.Event(),
        start=1,
        confirmations=confirmations,
        ask_again=(0, 0),
    )


def derive(store: Store) -> None:
    transform(store, chain_id=CHAIN_ID, from_block=1, to_block=read_as_of(store, CHAIN_ID).block_number)


def what_is_seen(store: Store) -> dict[str, object]:
    """Every row of blocks, what the batches state, and what is derived from all of it."""
    derive(store)
    return {
        **visible_rows(store),
        "counts": committed_counts(store),
        "edges": visible_edges(store),
        "addresses": visible_addresses(store),
    }


def from_scratch(node: ForkingNode) -> dict[str, object]:
    """What an empty store shows after reading the node's chain as it is now."""
    with fresh_store() as store:
        follow(store, ForkingNode(node.blocks))
        return what_is_seen(store)


def links(*names: str) -> list[Link]:
    """`7a<6a`: block 7 of branch a on block 6 of branch a."""
    return [Link(int(name.split("<")[0][:-1]), *name.split("<")) for name in names]


OURS = Window(tuple(links("5a<4a", "6a<5a", "7a<6a")))


def test_a_block_that_follows_is_taken_and_one_that_comes_twice_is_taken_once() -> None:
    offered = links("7a<6a", "8a<7a", "8a<7a", "9a<8a", "6a<5a")
    assert judge(OURS, offered) == Verdict(tuple(links("8a<7a", "9a<8a")))
    assert judge(Window(), links("3x<2x", "4x<3x")).follows == tuple(links("3x<2x", "4x<3x"))


def test_two_blocks_of_one_number_are_no_reorganisation_while_one_follows() -> None:
    assert judge(OURS, links("8b<7b", "8a<7a", "9a<8a")) == Verdict(tuple(links("8a<7a", "9a<8a")))
    assert judge(OURS, links("7b<6a", "7a<6a", "8a<7a")) == Verdict(tuple(links("8a<7a")))


def test_a_gap_is_filled_before_anything_is_judged() -> None:
    assert judge(OURS, links("9b<8b")) == Verdict(gap=(8, 8))
    assert judge(OURS, links("8a<7a", "11b<10b")) == Verdict(tuple(links("8a<7a")), gap=(9, 10))


def test_a_block_that_cannot_stand_on_ours_is_named() -> None:
    assert judge(OURS, links("8b<7b")).contradicts == 8
    assert judge(OURS, links("8a<7a", "9b<8b")) == Verdict(tuple(links("8a<7a")), contradicts=9)
    assert judge(OURS, links("6b<5a", "7b<6b")).contradicts == 6
    assert judge(OURS, links("2b<1b")) == Verdict()


def test_the_ancestor_is_found_by_asking_backwards_in_growing_batches() -> None:
    window = Window(tuple(Link(number, f"{number}a", f"{number - 1}a") for number in range(100, 200)))
    asked = []

    def ask(first: int, last: int) -> dict[int, str]:
        asked.append((first, last))
        return {number: f"{number}a" if number <= 170 else f"{number}b" for number in range(first, last + 1)}

    assert find_ancestor(window, ask, chain_id=1, head=300, finalized=120) == 170
    assert asked == [(199, 199), (197, 198), (193, 196), (185, 192), (169, 184)]
    assert find_ancestor(window, ask, chain_id=1, head=150, finalized=120) == 150
    with pytest.raises(DeepReorg, match=r"another block 180 of chain 1 than the store, which was final.*--rpc"):
        find_ancestor(window, ask, chain_id=1, head=300, finalized=180)
    full = Window(tuple(Link(number, f"{number}a", f"{number - 1}a") for number in range(180, 200)), limit=20)
    with pytest.raises(DeepReorg, match="another block 180 of chain 1 than the store, the oldest one"):
        find_ancestor(full, ask, chain_id=1, head=300, finalized=90)


def test_a_store_that_begins_on_a_lost_branch_loses_all_of_it() -> None:
    assert find_ancestor(OURS, lambda first, last: {}, chain_id=1, head=9, finalized=2) == 4


@dataclass(frozen=True)
class Scene:
    """One change of the node, and how it behaves while it is followed."""

    change: str
    depth: int
    length: int
    salt: int
    oddity: str
    derives: bool


SCENES = st.lists(
    st.builds(
        Scene,
        change=st.sampled_from(["grow", "reorganise", "shrink", "reorganise"]),
        depth=st.integers(1, FINALITY_DEPTH - 2),
        length=st.integers(1, 8),
        salt=st.integers(1, 3),
        oddity=st.sampled_from(["", "", "duplicates", "stray", "hides", "turns"]),
        derives=st.booleans(),
    ),
    min_size=1,
    max_size=3,
)


def play(scene: Scene, node: ForkingNode) -> None:
    """Change the node's chain; blocks that are final stay."""
    deepest = node.blocks[-1].number - max(node.reach().finalized, 1)
    depth = min(scene.depth, deepest)
    lost = node.blocks[-1]
    # Salt 1 brings the same blocks back, the others make a branch that was never there before.
    salt = scene.salt if scene.salt == 1 else scene.salt + 10 * len(node.reads)
    if scene.change == "grow" or depth < 1:
        node.grow(scene.length, salt)
    elif scene.change == "shrink":
        node.blocks = node.blocks[:-depth]
    else:
        node.reorganise(depth, scene.length, salt)
    node.duplicates = scene.oddity == "duplicates"
    node.stray = lost if scene.oddity == "stray" else None
    node.hides = min(2, len(node.blocks) - 1) if scene.oddity == "hides" else 0
    if scene.oddity == "turns" and node.blocks[-1].number - node.reach().finalized > 1:
        node.while_reading = partial(node.reorganise, 1, 2, salt + 7)


@settings(max_examples=EXAMPLES, deadline=None, derandomize="CHAINSIGHT_REORG_EXAMPLES" not in os.environ,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(SCENES)
def test_whatever_the_chain_does_the_store_ends_as_if_it_had_only_seen_the_last_branch(scenes: list[Scene]) -> None:
    with fresh_store() as store:
        node = ForkingNode(branch(None, 5), finality_depth=FINALITY_DEPTH)
        follow(store, node)
        for scene in scenes:
            play(scene, node)
            follow(store, node, signs=2)
            assert open_intents(store, chain_id=CHAIN_ID) == []
            if scene.derives:
                derive(store)
        node.hides, node.stray, node.while_reading = 0, None, None
        follow(store, node, signs=2)
        assert check(store, chain_id=CHAIN_ID) == []
        seen = what_is_seen(store)
        tip = read_window(store, chain_id=CHAIN_ID).tip
        assert tip is not None
        assert tip.block_hash == node.blocks[-1].block_hash
    assert seen == from_scratch(node)
