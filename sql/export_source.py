"""What is exported: a table, a view, a question of the library or one SELECT, with its columns, key and as-of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from chainsight import __version__
from chainsight.errors import UnknownName, UsageError
from sql.as_of import known_chains, read_as_of
from sql.export_types import Column, quoted
from sql.files import SQL_DIR, load
from sql.guard import is_select, require_question
from sql.library import bound, library
from sql.reader import home_of, reading, tables_of
from sql.store import Parameter, Store

_PARTITION_HINT = "Give columns, or expressions with a name: --partition-by 'chain_id, toDate(block_timestamp) AS day'."


@dataclass(frozen=True)
class ExportSource:
    """A question and what is known of its rows."""

    name: str
    """The table's or question's name; `export` for SQL."""
    asked: str
    """The words it was asked with: two exports of the same words are of the same thing."""
    question: str
    """One SELECT."""
    parameters: Mapping[str, Parameter]
    columns: tuple[Column, ...]
    description: str
    partition_by: tuple[str, ...]
    key: tuple[str, ...]
    """Sorting key of a table whose rows have versions; empty for anything else."""
    as_of: str
    """JSON: chain id → the last committed block (number, hash, time)."""

    @property
    def is_by_block(self) -> bool:
        """Whether its rows lie in the order of blocks of chains."""
        return self.key[:2] == ("chain_id", "block_number")

    @property
    def schema(self) -> pa.Schema:
        """The columns as a file has them, with what `properties` says."""
        return pa.schema([column.field for column in self.columns], metadata=self.properties)

    @property
    def properties(self) -> dict[str, str]:
        """What a reader of the file or table should know of where it comes from."""
        return {
            "chainsight.version": __version__,
            "chainsight.source": self.asked,
            "chainsight.query": self.question,
            "chainsight.as_of": self.as_of,
        }

    def readable(self, *, where: str = "", order_by: str = "", limit: int = 0) -> str:
        """The SELECT of its rows in readable form; `where` and `order_by` speak of the stored values."""
        shown = ", ".join(f"{column.shown} AS {quoted(column.name)}" for column in self.columns)
        clauses = f"{f' WHERE {where}' if where else ''}{f' ORDER BY {order_by}' if order_by else ''}"
        return f"SELECT {shown} FROM (SELECT * FROM ({self.question}\n){clauses}{f' LIMIT {limit}' if limit else ''})"


def exportable(store: Store) -> list[str]:
    """Tables and views of the store by name."""
    return tables_of(store)


@dataclass(frozen=True)
class _Asked:
    """A question before its columns are known."""

    name: str
    words: str
    question: str
    description: str = ""
    key: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)


def read_source(
    store: Store, text: str, *, partition_by: str = "", parameters: Mapping[str, Parameter] | None = None
) -> ExportSource:
    """What `text` names or asks, with the columns to partition by added where they are expressions.

    Raises `UnknownName` for a table or column that does not exist (near ones are suggested) and `UsageError` for SQL that is
    not one SELECT, or whose columns share a name.
    """
    asked = _asked(store, text.strip(), parameters or {})
    question, names = _partitioned(store, asked.question, partition_by)
    columns = _columns(store, question, asked)
    known = [column.name for column in columns]
    for part in names:
        if part not in known:
            raise UnknownName("column", part, known)
    if len({name.lower() for name in known}) < len(known):
        raise UsageError(f"Two columns share a name: {', '.join(known)}.", next_step="Give each its own with AS.")
    return ExportSource(
        name=asked.name,
        asked=asked.words,
        question=question,
        parameters=asked.parameters,
        columns=columns,
        description=asked.description,
        partition_by=names,
        key=asked.key,
        as_of=_as_of(store),
    )


def _asked(store: Store, word: str, given: Mapping[str, Parameter]) -> _Asked:
    tables = exportable(store)
    if word in tables:
        return _table(store, word, given)
    if word in library():
        question = library()[word]
        return _Asked(
            name=word,
            words=_words(word, given),
            question=question.sql,
            description=question.title,
            parameters=bound(store, question, given),
            comments={column.name: column.meaning for column in question.columns},
        )
    if word.isidentifier():
        raise UnknownName("table or question", word, [*tables, *library()])
    return _Asked(name="export", words=_words(word, given), question=_selected(store, word), parameters=given)


def _table(store: Store, name: str, given: Mapping[str, Parameter]) -> _Asked:
    """A table or view; rows of blocks beyond the last committed one are left out, as for every reader.

    Raises `UsageError` where a view with parameters is not given all of them.
    """
    about = store.query(
        "SELECT comment, engine_full, sorting_key, parameterized_view_parameters AS parameters FROM system.tables"
        " WHERE database = currentDatabase() AND name = {name:String}",
        name=name,
    ).to_pylist()[0]
    known = store.query(
        "SELECT name, comment FROM system.columns WHERE database = currentDatabase() AND table = {name:String}",
        name=name,
    ).to_pydict()
    beyond = ""
    if _is_of_blocks(name):
        heads = [read_as_of(store, chain_id) for chain_id in known_chains(store)]
        beyond = " OR ".join(f"chain_id = {head.chain_id} AND block_number > {head.block_number}" for head in heads)
    wanted = {str(parameter["name"]): parameter["type"] for parameter in about["parameters"]}
    if wanted.keys() != given.keys():
        raise UsageError(
            f"{name} has {'the parameters ' + ', '.join(wanted) if wanted else 'no parameters'}.",
            next_step="Give each as --param NAME=VALUE." if wanted else "Leave --param out, or give a SELECT.",
        )
    call = ", ".join(f"{parameter} = {{{parameter}:{kind}}}" for parameter, kind in wanted.items())
    return _Asked(
        name=name,
        words=_words(name, given),
        question=f"SELECT * FROM {name}{f'({call})' if call else ''}{f' WHERE NOT ({beyond})' if beyond else ''}",
        description=str(about["comment"]),
        parameters=given,
        key=_key(about["engine_full"], about["sorting_key"]),
        comments=dict(zip(known["name"], known["comment"], strict=True)),
    )


def _words(asked: str, given: Mapping[str, Parameter]) -> str:
    return f"{asked} {json.dumps(dict(given), sort_keys=True)}" if given else asked


def _key(engine: str, sorting_key: str) -> tuple[str, ...]:
    """The sorting key of a table that keeps the newest version of each row; nothing for any other."""
    key = tuple(part.strip() for part in sorting_key.split(","))
    is_versioned = re.match(r"(?:Replicated)?ReplacingMergeTree\(.*\bversion\b", engine) is not None
    return key if is_versioned and all(part.isidentifier() for part in key) else ()


def _is_of_blocks(table: str) -> bool:
    """Whether the rows of a table are committed, and withdrawn, block by block."""
    path = Path(SQL_DIR, "withdraw", f"{table}.sql")
    return path.is_file() and {"first", "last"} <= load(f"withdraw/{table}").parameters


def _selected(store: Store, text: str) -> str:
    question = require_question(text, home_of(store))
    if not is_select(question):
        raise UsageError("Only rows can be exported.", next_step="Give a table, a view or one SELECT.")
    return question


def _partitioned(store: Store, question: str, partition_by: str) -> tuple[str, tuple[str, ...]]:
    """The question with the expressions of `--partition-by` as further columns, and the names of all of its parts."""
    if not partition_by.strip():
        return question, ()
    names, added = [], []
    for part in _parts(partition_by):
        names.append(part.alias_or_name)
        if isinstance(part, exp.Alias):
            added.append(f"{part.this.sql(dialect='clickhouse')} AS {quoted(part.alias)}")
        elif not isinstance(part, exp.Column) or part.table:
            raise UsageError(f"{part.sql(dialect='clickhouse')!r} has no name.", next_step=_PARTITION_HINT)
    if len(set(names)) < len(names):
        raise UsageError("A column to partition by is named twice.", next_step=_PARTITION_HINT)
    if not added:
        return question, tuple(names)
    return _selected(store, f"SELECT *, {', '.join(added)} FROM ({question}\n)"), tuple(names)


def _parts(partition_by: str) -> list[exp.Expression]:
    try:
        trees = sqlglot.parse(f"SELECT {partition_by}", dialect="clickhouse")
    except SqlglotError as error:
        raise UsageError(f"{partition_by!r} cannot be read as columns.", next_step=_PARTITION_HINT) from error
    tree = trees[0]
    if len(trees) != 1 or not isinstance(tree, exp.Select) or set(filter(tree.args.get, tree.args)) != {"expressions"}:
        raise UsageError(f"{partition_by!r} is more than columns.", next_step=_PARTITION_HINT)
    return list(tree.expressions)


def _columns(store: Store, question: str, asked: _Asked) -> tuple[Column, ...]:
    with reading(store) as reader:
        described = reader.query(f"DESCRIBE ({question}\n)", **asked.parameters)
    texts = ([text.decode() for text in described[name].to_pylist()] for name in ("name", "type"))
    return tuple(Column(name, kind, asked.comments.get(name, "")) for name, kind in zip(*texts, strict=True))


def _as_of(store: Store) -> str:
    heads = (read_as_of(store, chain_id) for chain_id in known_chains(store))
    return json.dumps(
        {
            str(head.chain_id): {
                "block_number": head.block_number,
                "block_hash": "0x" + head.block_hash.hex(),
                "block_timestamp": head.block_timestamp.isoformat(),
            }
            for head in heads
        }
    )
