"""The same migrations make tables on one engine, on a cluster, and on a cluster that replicates them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainsight.errors import StoreError, UsageError
from sql.cluster import Placement, placed
from sql.files import Statement, load, load_folder
from sql.migrate import placement_of
from sql.store import Store, open_store

PATH = "/clickhouse/tables/{uuid}/{shard}"
FORMS = (Placement(), Placement("{cluster}"), Placement("analysts", PATH))


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """ClickHouse's own parser; no table is made."""
    store = open_store(f"chdb://{tmp_path_factory.mktemp('parser')}/store")
    yield store
    store.close()


def formatted(parser: Store, statement: Statement) -> str:
    """The statement as ClickHouse itself writes it; fails where it cannot be parsed."""
    # A literal of its own, not a parameter: the files hold braces that are macros, not parameters.
    text = statement.text.replace("\\", "\\\\").replace("'", "\\'")
    return str(parser.query(f"SELECT formatQuery('{text}') AS text").column("text")[0].as_py())


def without_place(text: str) -> str:
    """A formatted statement with what a placement adds taken out again."""
    text = re.sub(r" ON CLUSTER (`\{cluster\}`|'\{cluster\}'|analysts|'analysts')", "", text)
    return re.sub(r"Replicated(\w*MergeTree)\('[^']*', '\{replica\}'(?:, )?([^)]*)\)", r"\1(\2)", text).replace(
        "= MergeTree()", "= MergeTree"
    )


@pytest.mark.parametrize("form", FORMS, ids=["alone", "cluster", "replicated"])
def test_the_real_parser_reads_every_migration_in_every_form_and_finds_only_the_place_changed(
    parser: Store, form: Placement
) -> None:
    for migration in load_folder("migrations"):
        original, moved = formatted(parser, migration), formatted(parser, placed(migration, form))
        assert without_place(moved) == original, migration.name
        assert ("ON CLUSTER" in moved) == bool(form.cluster), migration.name
        if re.search(r"ENGINE = \w*MergeTree", original):
            assert bool(re.search(r"ENGINE = Replicated\w*MergeTree\('/", moved)) == bool(form.keeper_path), (
                migration.name
            )


def test_an_engine_keeps_its_own_arguments_behind_those_of_the_replica() -> None:
    transfers = placed(load("migrations/0110_transfers"), Placement("analysts", PATH)).text
    assert "CREATE TABLE IF NOT EXISTS transfers ON CLUSTER 'analysts'\n(" in transfers
    assert f"ENGINE = ReplicatedReplacingMergeTree('{PATH}', '{{replica}}', version, is_deleted)" in transfers
    scores = placed(load("migrations/0504_score_rows"), Placement("analysts", PATH)).text
    assert f"ENGINE = ReplicatedMergeTree('{PATH}', '{{replica}}')" in scores


def test_a_view_and_the_join_table_are_made_everywhere_and_replicate_nothing() -> None:
    for name in ("migrations/0522_scores", "migrations/0100_chain_finality"):
        text = placed(load(name), Placement("analysts", PATH)).text
        assert "ON CLUSTER 'analysts'" in text
        assert "Replicated" not in text


def test_a_table_is_changed_wherever_it_lives(parser: Store) -> None:
    alter = Statement("migrations/9998_more", "ALTER TABLE transfers\n    ADD COLUMN IF NOT EXISTS n UInt8", "", {})
    moved = placed(alter, Placement("analysts", PATH))
    assert moved.text.startswith("ALTER TABLE transfers ON CLUSTER 'analysts'\n    ADD COLUMN")
    assert without_place(formatted(parser, moved)) == formatted(parser, alter)
    assert placed(alter, Placement()) == alter


def test_a_file_written_otherwise_is_refused_by_name() -> None:
    odd = Statement("migrations/9999_odd", "CREATE TABLE transfers (n UInt8) ENGINE = Memory", "", {})
    with pytest.raises(StoreError, match="9999_odd cannot be placed on a cluster"):
        placed(odd, Placement("analysts"))


@pytest.mark.parametrize(
    ("cluster", "path", "said"),
    [
        ("a' ON CLUSTER 'b", "", "is no name of a cluster"),
        ("analysts", "/tables'", "is no path in Keeper"),
        ("analysts", "/one/for/all", "differs from table to table"),
    ],
)
def test_names_that_would_change_the_statement_are_refused(cluster: str, path: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Placement(cluster, path)


def test_the_embedded_store_is_never_placed_elsewhere(parser: Store, tmp_path: Path) -> None:
    assert placement_of(parser) == Placement()
