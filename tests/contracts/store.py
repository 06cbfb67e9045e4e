"""What every Store must do: inherit from StoreContract in a test module and give a fixture `contracted`, a migrated store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chainsight.errors import StoreError
from sql.files import load
from sql.shadows import emptied, shadowed
from sql.store import Store

LARGEST = 2**256 - 1
HOSTILE = "'; DROP TABLE tokens; -- \\ \" \n {x:String} %s \x00 ‮ 🦄"


def uint256(*values: int) -> pa.Array:
    """256-bit integers as the store takes and gives them."""
    return pa.array([value.to_bytes(32, "little") for value in values], pa.binary(32))


def token_rows(count: int, **columns: Any) -> pa.Table:
    """Rows for `tokens`, one per address 0, 1, 2 …"""
    return pa.table(
        {
            "chain_id": pa.array([1] * count, pa.uint64()),
            "token_address": pa.array([number.to_bytes(20, "big") for number in range(count)], pa.binary(20)),
            "version": pa.array([1] * count, pa.uint64()),
            **{name: pa.array(values) for name, values in columns.items()},
        }
    )


class StoreContract:
    """Inherited by one test class per kind of store."""

    def test_bytes_that_go_in_come_out(self, contracted: Store) -> None:
        assert contracted.insert("tokens", token_rows(2, symbol=["A", "B"], source=["x", "y"])) == 2

        found = contracted.query("SELECT token_address, symbol FROM tokens ORDER BY token_address").to_pylist()

        assert found == [
            {"token_address": bytes(20), "symbol": "A"},
            {"token_address": (1).to_bytes(20, "big"), "symbol": "B"},
        ]

    def test_integers_of_256_bits_stay_exact(self, contracted: Store) -> None:
        contracted.command("CREATE TEMPORARY TABLE wide (a UInt256) ENGINE = Memory")
        contracted.insert("wide", pa.table({"a": uint256(0, 1, 2**255 + 1, LARGEST)}))
        contracted.load("wide", f'{{"a":"{LARGEST - 1}"}}\n'.encode())

        texts = contracted.query("SELECT toString(a) AS a FROM wide ORDER BY wide.a").column("a").to_pylist()
        raw = contracted.query("SELECT max(a) AS a FROM wide").column("a").to_pylist()

        assert [int(text) for text in texts] == [0, 1, 2**255 + 1, LARGEST - 1, LARGEST]
        assert raw == [LARGEST.to_bytes(32, "little")]

    def test_columns_left_out_take_their_defaults(self, contracted: Store) -> None:
        contracted.insert("tokens", token_rows(1))
        found = contracted.query("SELECT symbol, decimals, is_deleted FROM tokens").to_pylist()
        assert found == [{"symbol": "", "decimals": None, "is_deleted": 0}]

    def test_no_rows_are_no_work(self, contracted: Store) -> None:
        assert contracted.insert("tokens", token_rows(0)) == 0
        assert contracted.query("SELECT * FROM tokens").num_rows == 0

    def test_unknown_json_fields_are_ignored(self, contracted: Store) -> None:
        contracted.command("CREATE TEMPORARY TABLE small (a UInt8) ENGINE = Memory")
        contracted.load("small", b'{"a":1,"surprise":{"b":[1,2]}}\n{"a":2}\n')
        assert contracted.query("SELECT a FROM small ORDER BY a").column("a").to_pylist() == [1, 2]

    def test_one_bad_json_row_refuses_all_and_is_named(self, contracted: Store) -> None:
        rows = b'{"chain_id":1,"symbol":"good","version":1}\n{"chain_id":"rubbish","symbol":"bad","version":1}\n'
        with pytest.raises(StoreError, match=r"tokens.*row 2"):
            contracted.load("tokens", rows)
        assert contracted.query("SELECT * FROM tokens").num_rows == 0

    def test_an_error_names_the_statement_and_what_is_wrong(self, contracted: Store) -> None:
        with pytest.raises(StoreError, match=r"SELECT nothing FROM tokens.*nothing"):
            contracted.query("SELECT nothing FROM tokens")
        with pytest.raises(StoreError, match="INSERT INTO nowhere"):
            contracted.insert("nowhere", token_rows(1))
        with pytest.raises(StoreError, match=r"queries/as_of.*chain_id"):
            contracted.query(load("queries/as_of"))

    def test_parameters_are_values_whatever_they_hold(self, contracted: Store) -> None:
        found = contracted.query(
            "SELECT {text:String} AS text, {texts:Array(String)} AS texts, {numbers:Array(Float64)} AS numbers, "
            "{whole:UInt64} AS whole",
            text=HOSTILE, texts=[HOSTILE, "b"], numbers=[0.5, 2.0], whole=2**64 - 1,
        ).to_pylist()  # fmt: skip
        assert found == [{"text": HOSTILE, "texts": [HOSTILE, "b"], "numbers": [0.5, 2.0], "whole": 2**64 - 1}]
        assert contracted.query("SELECT * FROM tokens").num_rows == 0

    def test_the_newest_version_of_a_row_is_seen_once_and_a_withdrawn_one_never(self, contracted: Store) -> None:
        for version, symbol, is_deleted in ((1, "old", 0), (3, "new", 0), (2, "late", 0)):
            rows = token_rows(2, symbol=[symbol] * 2, is_deleted=[is_deleted] * 2)
            contracted.insert("tokens", _versioned(rows, version))
        contracted.insert("tokens", _versioned(token_rows(1, is_deleted=[1]), 4))

        found = contracted.query("SELECT token_address, symbol FROM tokens").to_pylist()

        assert found == [{"token_address": (1).to_bytes(20, "big"), "symbol": "new"}]

    def test_a_temporary_table_lives_as_long_as_the_store_is_open(self, contracted: Store) -> None:
        contracted.command("CREATE TEMPORARY TABLE scratch (a UInt8) ENGINE = Memory")
        contracted.command("INSERT INTO scratch SELECT number FROM numbers(3)")
        assert contracted.query("SELECT sum(a) AS total FROM scratch").to_pylist() == [{"total": 3}]
        lasting = "SELECT count() AS n FROM system.tables WHERE NOT is_temporary AND name = 'scratch'"
        assert contracted.query(lasting).to_pylist() == [{"n": 0}]

    def test_a_table_that_stands_in_front_of_a_real_one_leaves_it_alone(self, contracted: Store) -> None:
        contracted.insert("tokens", token_rows(2))
        with shadowed(contracted, ["tokens"]) as session:
            assert session.query("SELECT count() AS n FROM tokens").to_pylist() == [{"n": 0}]
            session.insert("tokens", token_rows(5))
            session.command("INSERT INTO tokens (chain_id, symbol) SELECT chain_id, 'X' FROM tokens WHERE chain_id = 1")
            told = "SELECT count() AS n FROM tokens"
            assert session.query(told).to_pylist() == [{"n": 10}]
            assert contracted.query(told).to_pylist() == [{"n": 2}]
            emptied(session, ["tokens"])
            assert session.query(told).to_pylist() == [{"n": 0}]
            with pytest.raises(StoreError, match="logs"):
                emptied(session, ["logs"])
        assert contracted.query(told).to_pylist() == [{"n": 2}]

    def test_a_file_is_written_whole(self, contracted: Store, tmp_path: Path) -> None:
        target = tmp_path / "deep" / "numbers.parquet"
        contracted.copy_out("SELECT number FROM numbers({n:UInt64})", target, n=200_000)
        assert pq.read_table(target).column("number").to_pylist() == list(range(200_000))
        assert [path.name for path in target.parent.iterdir()] == ["numbers.parquet"]

    def test_a_file_that_fails_is_not_there_at_all(self, contracted: Store, tmp_path: Path) -> None:
        target = tmp_path / "numbers.parquet"
        target.write_bytes(b"what was there before")
        with pytest.raises(StoreError, match="SELECT throwIf"):
            contracted.copy_out("SELECT throwIf(number = 150000) FROM numbers(200000)", target)
        assert target.read_bytes() == b"what was there before"
        assert [path.name for path in tmp_path.iterdir() if "numbers" in path.name] == ["numbers.parquet"]


def _versioned(rows: pa.Table, version: int) -> pa.Table:
    place = rows.column_names.index("version")
    return rows.set_column(place, "version", pa.array([version] * rows.num_rows, pa.uint64()))
