"""Links become groups: the surest first, none against what labels say, none by soft links beyond their size."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.entities.clusters import Knowledge, Links, Outcome, cluster, explain
from graph.entities.history import EntityChange, compare

NOTHING = -1


def play(
    links: list[tuple[int, int, bool]], owners: list[int], conduct: list[int] | None = None, largest_soft: int = 200
) -> tuple[list[int], list[str]]:
    """The group of each address and what became of each link."""
    found = cluster(
        Links(
            np.array([link[0] for link in links], dtype=np.int64),
            np.array([link[1] for link in links], dtype=np.int64),
            np.array([link[2] for link in links], dtype=np.bool_),
        ),
        Knowledge(np.array(owners), np.array(conduct or [0] * len(owners))),
        largest_soft=largest_soft,
    )
    return found.group.tolist(), [Outcome(code).name.lower() for code in found.outcomes]


def test_a_link_that_labels_contradict_is_refused_and_the_surer_one_before_it_stays() -> None:
    links = [(0, 1, True), (1, 2, True), (2, 3, False), (0, 2, True), (3, 4, False)]
    groups, outcomes = play(links, owners=[7, NOTHING, 8, NOTHING, NOTHING])
    assert groups == [0, 0, 2, 2, 2]
    assert outcomes == ["merged", "refused_owner", "merged", "refused_owner", "merged"]


def test_a_clean_and_an_illicit_address_never_meet_not_even_through_others() -> None:
    groups, outcomes = play([(0, 1, True), (2, 3, True), (1, 2, True)], [NOTHING] * 4, conduct=[1, 0, 0, 2])
    assert groups == [0, 0, 2, 2]
    assert outcomes == ["merged", "merged", "refused_conduct"]


def test_soft_links_stop_at_their_size_and_hard_ones_go_on() -> None:
    links = [(0, 1, False), (1, 2, False), (2, 3, False), (2, 3, True), (0, 3, False)]
    groups, outcomes = play(links, [NOTHING] * 4, largest_soft=3)
    assert groups == [0, 0, 0, 0]
    assert outcomes == ["merged", "merged", "refused_size", "merged", "known"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.booleans()), max_size=30),
    st.lists(st.integers(-1, 2), min_size=12, max_size=12),
    st.lists(st.integers(0, 2), min_size=12, max_size=12),
)
def test_whatever_the_links_no_group_holds_two_owners_or_both_conducts(
    links: list[tuple[int, int, bool]], owners: list[int], conduct: list[int]
) -> None:
    groups, outcomes = play(links, owners, conduct, largest_soft=4)
    for group in set(groups):
        members = [at for at in range(12) if groups[at] == group]
        assert min(members) == group
        assert len({owners[at] for at in members} - {NOTHING}) <= 1
        assert not {1, 2} <= {conduct[at] for at in members}
    for (left, right, _), outcome in zip(links, outcomes, strict=True):
        assert (groups[left] == groups[right]) or outcome.startswith("refused")


def test_the_reason_for_two_being_together_is_the_shortest_way_between_them() -> None:
    left, right = np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3])
    assert explain(left, right, 3, 0) == [3]
    assert explain(left, right, 2, 0) in ([1, 0], [2, 3])
    assert explain(left, right, 0, 9) == []


def members(**entities: str) -> dict[bytes, str]:
    """Addresses of one letter each."""
    return {letter.encode(): name for name, letters in entities.items() for letter in letters}


def test_an_entity_that_grows_shrinks_merges_and_splits_says_so_and_keeps_its_name() -> None:
    assert compare({}, members(a="ab")) == [EntityChange("a", "formed", 2, moved_count=2)]
    assert compare(members(a="ab"), members(a="abc")) == [EntityChange("a", "grown", 3, "", 2, 1)]
    assert compare(members(a="abc"), members(a="ab")) == [EntityChange("a", "shrunk", 2, "", 3, 1)]
    assert compare(members(a="ab", c="cd"), members(a="abcd")) == [EntityChange("a", "merged", 4, "c", 2, 2)]
    assert compare(members(a="abcd"), members(a="ab", c="cd")) == [
        EntityChange("a", "shrunk", 2, "", 4, 2),
        EntityChange("c", "split", 2, "a", 4, 2),
    ]
    assert compare(members(b="bc"), members(a="abc")) == [EntityChange("a", "renamed", 3, "b", 2, 2)]
    assert compare(members(a="ab"), {}) == [EntityChange("a", "dissolved", 0, "", 2)]
    assert compare(members(a="ab", c="cd"), members(a="ab", c="cd")) == []


@settings(max_examples=60, deadline=None)
@given(*[st.lists(st.integers(0, 4), min_size=8, max_size=8) for _ in range(2)])
def test_every_difference_between_two_builds_is_told_and_nothing_else(before: list[int], after: list[int]) -> None:
    old, new = (
        {bytes([at]): f"e{entity}" for at, entity in enumerate(entities) if entity} for entities in (before, after)
    )
    changes = compare(old, new)
    assert bool(changes) == (old != new)
    names = {entity for entity in {*old.values(), *new.values()} if _set(old, entity) != _set(new, entity)}
    assert names <= {name for change in changes for name in (change.entity_id, change.other_entity_id)}
    assert all(change.sentence for change in changes)


def _set(membership: dict[bytes, str], entity: str) -> set[bytes]:
    return {address for address, name in membership.items() if name == entity}
