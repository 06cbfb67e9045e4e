"""Parquet from strangers: whatever it says of itself, it is read or refused in one line, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chainsight.errors import ArchiveDamaged
from ingest.tables import ingest_tables
from sql.store import Store
from tests.fixtures.stores import new_store
from tests.ingest.test_tables import rows, transaction, write


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all files that are refused: none of them may leave anything."""
    opened = new_store(f"{tmp_path_factory.mktemp('refused')}/store")
    yield opened
    assert rows(opened, "SELECT chain_id FROM ingest_audit") == []
    assert rows(opened, "SELECT chain_id FROM transactions") == []
    opened.close()


def cut(content: bytes) -> bytes:
    return content[:-200]


def scrambled(content: bytes) -> bytes:
    """The pages as they were, the metadata not."""
    length = int.from_bytes(content[-8:-4], "little")
    return content[: -8 - length] + bytes(byte ^ 0x55 for byte in content[-8 - length : -8]) + content[-8:]


def boasting(content: bytes) -> bytes:
    """Metadata said to be two gigabytes long."""
    return content[:-8] + (2**31 - 1).to_bytes(4, "little") + content[-4:]


@pytest.mark.parametrize(
    "damage", [cut, scrambled, boasting, lambda content: content[:300], lambda content: b"\xff" * len(content)]
)
def test_parquet_that_lies_about_itself_is_refused_in_one_line(
    tmp_path: Path, unchanged: Store, damage: Callable[[bytes], bytes]
) -> None:
    folder = write(tmp_path / "t", [transaction(1, 10, 0, 1)])
    file = folder / "normal_txs_x.parquet"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ArchiveDamaged, match=r"normal_txs_x.parquet cannot be read: [^\n]+$"):
        ingest_tables(unchanged, folder)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("block", ["ten", "eleven"], "cannot be read: Failed to parse string: 'eleven'|'ten'"),
        ("block", [float("nan"), 1.5], "cannot be read: Float value nan"),
        ("block", [[1], [2]], "cannot be read: Unsupported cast from list"),
        ("value_wei", [{"a": 1}, {"a": 2}], "cannot be read: Unsupported cast from struct"),
        ("ts", [2**60, 1], "row 0: ts is after the year 2106: 1152921504606846976"),
        ("value_wei", ["9" * 1_000_000, "1"], "row 0: value_wei is no amount of 256 bits: '9{98}…"),
        ("value_wei", ["١٢٣", "1"], "row 0: value_wei is no amount"),
    ],
)
def test_columns_of_other_types_are_refused_in_one_line(
    tmp_path: Path, unchanged: Store, name: str, values: list[Any], message: str
) -> None:
    folder = write(tmp_path / "t", [transaction(1, 10, 0, 1), transaction(2, 11, 0, 1)])
    file = folder / "normal_txs_x.parquet"
    held = pq.read_table(file)
    pq.write_table(held.set_column(held.column_names.index(name), name, pa.array(values)), file)
    with pytest.raises(ArchiveDamaged, match=message) as caught:
        ingest_tables(unchanged, folder)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_what_is_no_file_and_what_is_there_twice_is_named(tmp_path: Path, unchanged: Store) -> None:
    folder = write(tmp_path / "t", [transaction(1, 10, 0, 1)])
    file = folder / "normal_txs_x.parquet"
    held = pq.read_table(file)
    pq.write_table(held.append_column("block", held["block"]), file)
    with pytest.raises(ArchiveDamaged, match="has more than one column block"):
        ingest_tables(unchanged, folder)
    file.unlink()
    file.mkdir()
    with pytest.raises(ArchiveDamaged, match=r"normal_txs_x.parquet cannot be read: Is a directory\."):
        ingest_tables(unchanged, folder)
