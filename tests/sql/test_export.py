"""Exported files hold what a reader of Parquet expects; what cannot be exported says so."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from chainsight.errors import StoreError, UnknownName, UsageError
from sql.export import export
from sql.store import Store
from sql.streaming import streaming

LARGEST = 2**256 - 1


@pytest.fixture
def filled(store: Store) -> Store:
    """One transfer whose every special value is known."""
    store.command(
        "INSERT INTO transfers (chain_id, block_number, block_timestamp, kind, from_address, to_address, amount, version)"
        f" VALUES (1, 5, '2024-01-02 03:04:05', 'erc20', unhex(repeat('ab', 20)), unhex(repeat('00', 20)), {LARGEST}, 1)"
    )
    store.command(
        "INSERT INTO labels (address, label, category, known_from, version)"
        " VALUES (unhex(repeat('61', 20)), 'evm', 'mixer', now64(3), 1), ('bc1qtext', 'btc', 'mixer', now64(3), 1)"
    )
    return store


def test_a_table_becomes_a_file_with_hex_text_decimal_text_and_utc_times(filled: Store, tmp_path: Path) -> None:
    done = export(filled, "transfers", path=tmp_path / "t.parquet")

    row = pq.read_table(tmp_path / "t.parquet").to_pylist()[0]
    assert (done.rows, done.size) == (1, (tmp_path / "t.parquet").stat().st_size)
    assert row["from_address"] == "0x" + "ab" * 20
    assert row["amount"] == str(LARGEST)
    assert row["block_timestamp"].isoformat() == "2024-01-02T03:04:05+00:00"
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".owner" and path.is_file()] == ["t.parquet"]


def test_addresses_of_any_chain_stay_readable(filled: Store, tmp_path: Path) -> None:
    export(filled, "labels", path=tmp_path)
    found = pq.read_table(tmp_path / "labels.parquet").column("address").to_pylist()
    assert sorted(found) == ["0x" + "61" * 20, "bc1qtext"]


def test_every_table_and_view_can_be_exported_even_when_empty(store: Store, tmp_path: Path) -> None:
    names = store.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND empty(parameterized_view_parameters)"
    )["name"].to_pylist()
    for name in names:
        export(store, name, path=tmp_path / "out" / f"{name}.parquet")
    assert len(list((tmp_path / "out").iterdir())) == len(names) > 20


def test_the_rows_of_a_select_keep_their_order(filled: Store, tmp_path: Path) -> None:
    done = export(filled, "SELECT number FROM numbers(100000) ORDER BY number DESC;", path=tmp_path / "n.parquet")
    assert pq.read_table(done.path).column("number").to_pylist() == list(range(99_999, -1, -1))


def test_two_exports_to_one_file_do_not_meet_and_nobodys_file_beside_it_is_touched(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "n.csv.partial").write_text("mine")
    ends: list[str] = []

    def write(sign: str) -> None:
        try:
            question = f"SELECT repeat('{sign}', 9 + number % 2) AS x FROM numbers(300000)"
            export(store, question, form="csv", path=tmp_path / "n.csv")
            ends.append(sign)
        except UsageError as error:
            ends.append(str(error))

    threads = [threading.Thread(target=write, args=(sign,)) for sign in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    written = (tmp_path / "n.csv").read_text()
    assert len(set(written) & set("abcd")) == 1
    assert written.count("\n") == 300_001
    assert {end for end in ends if len(end) > 1} <= {end for end in ends if "Another process exports" in end}
    assert (tmp_path / "n.csv.partial").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".n.csv")] == []


def test_an_unknown_table_gets_near_ones_and_an_unknown_format_the_known(store: Store) -> None:
    with pytest.raises(UnknownName, match="Did you mean transfers"):
        export(store, "transfer")
    with pytest.raises(UnknownName, match="parquet"):
        export(store, "transfers", form="parkay")


@pytest.mark.parametrize("source", ["DROP TABLE transfers", "SELECT 1; SELECT 2", "SHOW TABLES", "system.tables x"])
def test_anything_but_one_select_is_refused(source: str, store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        export(store, source, path=tmp_path / "x.parquet")
    assert not (tmp_path / "x.parquet").exists()


def test_what_is_exported_is_asked_in_sessions_that_only_read(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="readonly"), streaming(store) as stream:
        list(stream.batches("SELECT 1 SETTINGS max_threads = 1"))
    (tmp_path / "Makefile").write_text("a\n1\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path)
        for source in ("SELECT * FROM Makefile", "SELECT * FROM other.transfers"):
            with pytest.raises(UsageError, match=r"no table 'Makefile'|not in the store's database"):
                export(store, source, path=tmp_path / "x.parquet")


def test_a_failing_select_leaves_no_file(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        export(store, "SELECT intDiv(1, number - 9) FROM numbers(10)", path=tmp_path / "x.parquet")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("x.parquet")]
