"""`chainsight graph snapshot`: figures, files, and what it says of a stretch without transfers."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
from typer.testing import CliRunner

from chainsight.cli import app
from chainsight.cli.commands import register
from chainsight.errors import StoreEmpty, UnknownName, UsageError
from sql.derive import derive
from tests.fixtures.stores import new_store
from tests.fixtures.worlds import World


def test_a_snapshot_is_counted_written_and_refused_where_nothing_moved(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/store"
    store = new_store(f"{tmp_path}/store")
    world = World(chain_id=77)
    world.pay("anna", "bert", 3)
    world.pay("bert", "carl", 0.000001)
    world.wait(48)
    world.pay("bert", "carl", 2)
    world.label("carl", "exchange")
    world.pour(store)
    derive(store, chain_id=77)
    store.close()
    register(["graph"])

    def asked(*arguments: str):
        return CliRunner().invoke(app, ["graph", "snapshot", *arguments, "--store", dsn, "--json"])

    whole = json.loads(asked("--out", str(tmp_path / "out")).stdout)
    assert whole == {
        "chain_id": 77, "since_block": 0, "as_of_block": world.block, "addresses": 3, "edges": 2, "transfers": 2,
        "service_addresses": 1, "hub_addresses": 0, "bait_addresses": 0, "dust_transfers": 1,
    }  # fmt: skip
    assert pq.read_table(tmp_path / "out/edges.parquet").num_rows == 2
    assert pq.read_table(tmp_path / "out/marked.parquet").column("category").to_pylist() == ["exchange"]
    first = json.loads(asked("--as-of", "2024-01-02", "--leave-out", "none").stdout)
    assert (first["as_of_block"], first["edges"], first["transfers"]) == (2, 2, 2)
    last = json.loads(asked("--since", "1d").stdout)
    assert (last["since_block"], last["edges"]) == (world.block, 1)
    for arguments, error in (
        (("--as-of", "2", "--since", "2"), StoreEmpty),
        (("--as-of", "yesterday"), UsageError),
        (("--leave-out", "dusty"), UnknownName),
        (("--as-of", "99999999"), UsageError),
        (("--as-of", "²"), UsageError),
        (("--since", "9999999d"), UsageError),
        (("--since", "9" * 30 + "h"), UsageError),
        (("--as-of", "0001-01-01"), StoreEmpty),
        (("--since", "2110-01-01"), StoreEmpty),
    ):
        assert isinstance(asked(*arguments).exception, error), arguments
