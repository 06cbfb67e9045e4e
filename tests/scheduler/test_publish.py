from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainsight.errors import StoreEmpty, StoreError
from risk.assessment import Draft
from risk.policy import STANDARD
from risk.publications import newest_publication
from scheduler.publish import clear_abandoned, commit, prune, publish, read_inputs, write_rows
from sql.as_of import read_as_of
from sql.migrate import migrate
from sql.store import Store, open_store
from tests.fixtures.doors import opened_door
from tests.fixtures.publishing import CHAIN, FRIEND, PHISHER, PLAIN, add_label, build_world, commit_blocks

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
VIEWS = ("scores", "exposures", "risk_labels", "recommendations")


def seen(store: Store) -> dict[str, tuple[set[int], int]]:
    """Of every view: the publications it shows, and how many rows."""
    return {
        view: (
            set(store.query(f"SELECT DISTINCT publication FROM {view}").column("publication").to_pylist()),
            store.query(f"SELECT count() AS n FROM {view}").column("n").to_pylist()[0],
        )
        for view in VIEWS
    }


def test_a_publication_shows_as_many_rows_as_it_says(store: Store) -> None:
    build_world(store)
    summary = publish(store, chain_id=CHAIN)
    assert summary.is_new
    assert seen(store) == {
        "scores": ({1}, summary.score_count),
        "exposures": ({1}, summary.exposure_count),
        "risk_labels": ({1}, summary.risk_label_count),
        "recommendations": ({1}, summary.recommendation_count),
    }
    assert summary.score_count == 9


def test_publishing_the_same_again_changes_nothing(store: Store) -> None:
    build_world(store)
    first = publish(store, chain_id=CHAIN, now=NOW)
    before = store.query("SELECT * FROM scores ORDER BY address")
    again = publish(store, chain_id=CHAIN, now=NOW + dt.timedelta(hours=1))
    assert (first.is_new, again.is_new, again.publication) == (True, False, 1)
    assert store.query("SELECT * FROM scores ORDER BY address").equals(before)
    assert store.query("SELECT count() AS n FROM score_rows").column("n").to_pylist() == [9]


def test_advice_is_renewed_when_a_day_has_passed(store: Store) -> None:
    build_world(store)
    publish(store, chain_id=CHAIN, now=NOW)
    ids = store.query("SELECT recommendation_id FROM recommendations ORDER BY position")
    later = publish(store, chain_id=CHAIN, now=NOW + dt.timedelta(days=1))
    assert (later.is_new, later.publication) == (True, 2)
    assert store.query("SELECT recommendation_id FROM recommendations ORDER BY position").equals(ids)


def test_a_new_label_makes_a_new_publication(store: Store) -> None:
    build_world(store)
    publish(store, chain_id=CHAIN)
    add_label(store, FRIEND, "scam", "Fake sale")
    assert publish(store, chain_id=CHAIN).publication == 2


def test_a_process_killed_before_the_last_row_leaves_the_old_publication_in_view_and_the_next_run_is_clean(
    store: Store,
) -> None:
    build_world(store)
    publish(store, chain_id=CHAIN, now=NOW)
    before = seen(store)
    add_label(store, PLAIN, "scam", "Fake sale")
    # What a killed process leaves behind: all rows of the next number, and no row in publications.
    write_rows(store, Draft(CHAIN, 2, STANDARD, read_as_of(store, CHAIN), NOW))
    assert seen(store) == before
    newest = newest_publication(store, CHAIN)
    assert newest is not None
    assert newest.publication == 1
    summary = publish(store, chain_id=CHAIN, now=NOW)
    assert summary.publication == 3  # the number of the abandoned attempt is never used again
    assert all(publications == {3} for publications, _ in seen(store).values())
    held = store.query("SELECT DISTINCT publication FROM score_rows ORDER BY publication").column("publication")
    assert held.to_pylist() == [1, 3]
    assert clear_abandoned(store, chain_id=CHAIN) == 0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Store]:
    """The same tables behind a server, where others may write too."""
    with opened_door(tmp_path / "server") as dsn:
        opened = open_store(dsn)
        try:
            migrate(opened)
            yield opened
        finally:
            opened.close()


def draft(store: Store, number: int) -> Draft:
    return Draft(CHAIN, number, STANDARD, read_as_of(store, CHAIN), NOW)


def test_on_a_server_a_draft_is_left_alone_until_nobody_has_written_to_it_for_an_hour(
    server: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_world(server)
    theirs = draft(server, 5000)
    write_rows(server, theirs)
    ours = publish(server, chain_id=CHAIN)
    assert ours.publication > 5000
    held = server.query("SELECT DISTINCT publication FROM score_rows ORDER BY publication").column("publication")
    assert held.to_pylist() == [5000, ours.publication]
    assert clear_abandoned(server, chain_id=CHAIN) == 0
    monkeypatch.setattr("scheduler.publish.ABANDONED_AFTER", dt.timedelta(0))
    assert clear_abandoned(server, chain_id=CHAIN) == 1
    held = server.query("SELECT DISTINCT publication FROM score_rows").column("publication")
    assert held.to_pylist() == [ours.publication]


def test_a_draft_is_not_committed_over_a_publication_that_was_made_meanwhile(store: Store) -> None:
    build_world(store)
    slow = draft(store, 1)
    write_rows(store, slow)
    commit(store, draft(store, 2), read_inputs(store, slow))
    before = seen(store)
    with pytest.raises(StoreError, match="While publication 1 of chain 1 was written, another one was made"):
        commit(store, slow, read_inputs(store, slow))
    assert seen(store) == before


def test_two_drafts_under_one_number_are_not_committed(store: Store) -> None:
    build_world(store)
    for _ in range(2):
        write_rows(store, draft(store, 1))
    with pytest.raises(StoreError, match="another one was made"):
        commit(store, draft(store, 1), read_inputs(store, draft(store, 1)))
    assert newest_publication(store, CHAIN) is None
    assert publish(store, chain_id=CHAIN).publication == 2


def test_only_the_newest_publications_keep_their_rows_and_all_keep_their_record(store: Store) -> None:
    build_world(store)
    for day in range(4):
        publish(store, chain_id=CHAIN, now=NOW + dt.timedelta(days=day))
    assert prune(store, chain_id=CHAIN, keep=2) == 2
    held = store.query("SELECT DISTINCT publication FROM score_rows ORDER BY publication").column("publication")
    kept = store.query("SELECT publication, rows_kept FROM publications ORDER BY publication").to_pydict()
    assert held.to_pylist() == [3, 4]
    assert kept == {"publication": [1, 2, 3, 4], "rows_kept": [0, 0, 1, 1]}
    assert prune(store, chain_id=CHAIN, keep=2) == 0


def test_one_chain_does_not_disturb_another(store: Store) -> None:
    build_world(store)
    publish(store, chain_id=CHAIN)
    commit_blocks(store, chain_id=10)
    store.command("INSERT INTO addresses (chain_id, address, version) SELECT 10, unhex(repeat('99', 20)), 1")
    assert publish(store, chain_id=10).publication == 1
    assert publish(store, chain_id=CHAIN).is_new is False
    counts = store.query("SELECT chain_id, count() AS n FROM scores GROUP BY chain_id ORDER BY chain_id").to_pydict()
    assert counts["chain_id"] == [1, 10]
    assert counts["n"][0] == 9


def test_every_row_says_until_which_block_it_knows(store: Store) -> None:
    build_world(store)
    publish(store, chain_id=CHAIN)
    for view in VIEWS:
        found = store.query(
            f"SELECT DISTINCT as_of_block, lower(hex(as_of_block_hash)) AS hash FROM {view}"
        ).to_pylist()
        assert found == [{"as_of_block": 1000, "hash": "ab" * 32}], view


def test_a_chain_without_blocks_or_addresses_is_refused_with_what_to_do(store: Store) -> None:
    with pytest.raises(StoreEmpty, match="chainsight ingest"):
        publish(store, chain_id=CHAIN)
    commit_blocks(store)
    with pytest.raises(StoreEmpty, match="chainsight transform"):
        publish(store, chain_id=CHAIN)


def test_views_and_tables_describe_every_column(store: Store) -> None:
    bare = store.query(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = '' AND table IN "
        "('publications', 'score_rows', 'exposure_rows', 'risk_label_rows', 'recommendation_rows', 'api_keys', "
        "'scores', 'exposures', 'risk_labels', 'recommendations')"
    )
    assert bare.to_pylist() == []


def test_a_phisher_is_blocked_and_the_id_of_the_advice_does_not_depend_on_the_store(store: Store) -> None:
    build_world(store)
    publish(store, chain_id=CHAIN)
    row = store.query(
        "SELECT recommendation_id, CAST(action AS String) AS action FROM recommendations WHERE address = unhex({a:String})",
        a=PHISHER.to_bytes(20, "big").hex(),
    ).to_pylist()
    assert row == [{"recommendation_id": "33792203aa1642d56ec354b4f6b6cfcf", "action": "block"}]
