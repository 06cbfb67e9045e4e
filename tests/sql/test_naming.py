"""Names of tables and columns follow docs/naming.md; what does not is listed here with its reason, and may only get less."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sql.migrate import migrate
from sql.store import open_store

Column = tuple[str, str, str]
"""Table, column, type without Nullable, LowCardinality, the size of numbers and the precision of times."""

SHORTENED = {
    *(
        "addr",
        "tx",
        "txs",
        "txn",
        "num",
        "cnt",
        "amt",
        "ts",
        "blk",
        "idx",
        "qty",
        "bal",
        "src",
        "dst",
        "prev",
        "avg",
        "std",
    ),
    *("pct", "desc", "acct", "msg", "ctr", "cp", "recv", "snd", "usr", "tmp", "val", "vol", "curr", "cfg", "ref", "dt"),
}
MASS_NOUNS = {"audit", "coverage", "finality", "supply", "daily", "proximity", "usd", "by_day"}
# Suffix or prefix of a column, and the types that it says.
SAYS = (
    (r".+_count", {"UInt"}),
    (r".+_address", {"FixedString(20)"}),
    (r"(block|transaction|parent|previous|.+_block)_hash", {"FixedString(32)"}),
    (r".+_root", {"FixedString(32)"}),
    (r".+_at", {"DateTime64"}),
    (r"(.+_)?timestamp", {"DateTime"}),
    (r"(block_number|.+_block|.+_block_number)", {"UInt"}),
    (r"(.+_index|position|.+_position)", {"UInt"}),
    (r"(.+_)?amount", {"UInt", "Int"}),
    (r"(is|was|has)_.+", {"UInt"}),
    (r"day", {"Date"}),
    (r".+_seconds", {"UInt", "Int", "Float"}),
    (r"chain_id|version|is_deleted", {"UInt"}),
)
# Column -> why its type differs by table, or is not what its suffix says.
EXCEPTIONS = {
    "address": "text in Bitcoin's tables and in labels and lists, which are of any chain",
    "evidence": "of a score: whether there is enough; of a finding: its transactions",
    "value": "what the chain calls value is an integer; of a metric it is the metric's",
    "weight": "block weight of Bitcoin; otherwise the policy's",
    "counterparties": "numbers in the feature tables are all Float32",
    "stated_at": "the clock of a source of labels, which has no milliseconds",
    "priced_at": "the clock of a source of prices, which has none either",
    "trace_address": "the name that nodes give to a path of calls",
}
_FEATURES = re.compile(r"address_(\w+_)?features")


def family(kind: str) -> str:
    """A type without what may differ where a name stays the same."""
    while inner := re.fullmatch(r"(?:Nullable|LowCardinality|SimpleAggregateFunction\(\w+,)\(?(.+)\)", kind):
        kind = inner[1]
    kind = re.sub(r"^(U?Int|Float)\d+$", r"\1", kind)
    return re.sub(r"\((?:\d, )?'UTC'\)$", "", kind)


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Column]]:
    """Every column of every table and view."""
    store = open_store(f"chdb://{tmp_path_factory.mktemp('naming')}/store")
    migrate(store)
    rows = store.query(
        "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() ORDER BY table, position"
    ).to_pylist()
    yield [(row["table"], row["name"], family(row["type"])) for row in rows]
    store.close()


def test_names_are_words_in_lower_case_and_none_is_shortened(columns: list[Column]) -> None:
    names = {name for table, column, _ in columns for name in (table, column)}
    assert [name for name in sorted(names) if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []
    assert [name for name in sorted(names) if SHORTENED & set(name.split("_"))] == []


def test_a_table_is_named_by_what_its_rows_are_in_the_plural(columns: list[Column]) -> None:
    tables = {table for table, _, _ in columns}
    assert [name for name in sorted(tables) if not name.endswith("s") and name.split("_")[-1] not in MASS_NOUNS] == []


def test_a_suffix_says_the_type(columns: list[Column]) -> None:
    wrong = [
        f"{table}.{column} is {kind}"
        for table, column, kind in columns
        if not _FEATURES.fullmatch(table) and column not in EXCEPTIONS
        for pattern, kinds in SAYS
        if re.fullmatch(pattern, column) and kind not in kinds
    ]
    assert not wrong, "\n".join(wrong)


def test_a_name_has_one_type_wherever_it_stands(columns: list[Column]) -> None:
    kinds: dict[str, dict[str, str]] = {}
    for table, column, kind in columns:
        if not _FEATURES.fullmatch(table):
            kinds.setdefault(column, {})[kind] = table
    assert {name: found for name, found in kinds.items() if len(found) > 1 and name not in EXCEPTIONS} == {}


def test_an_exception_is_one_still(columns: list[Column]) -> None:
    names = {column for _, column, _ in columns}
    assert EXCEPTIONS.keys() <= names
