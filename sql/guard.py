"""Which SQL a reader may ask: one statement that only reads the store's own tables. The store's own limits come on top.

Two parsers that disagree would be a way around this, so what reaches the database is the text without its comments, the
few forms that are no SELECT are matched whole, and names of tables are plain words: the embedded store would take a
quoted one for the path of a file.
"""

from __future__ import annotations

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from chainsight.errors import UsageError

# What it cannot parse it logs as a warning; here that is an answer, not news.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Each of these may be a whole question; whatever stands inside must not write either.
_QUESTIONS = (exp.Select, exp.SetOperation, exp.Subquery)
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Alter, exp.Into, exp.Command)
_PLAIN_QUESTIONS = ("SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS")
_TABLE_FUNCTIONS = frozenset(
    ["numbers", "numbers_mt", "zeros", "zeros_mt", "generateseries", "generate_series", "values", "view", "null"]
)
# Functions of values that read files, or would as a table function in a place where sqlglot sees none.
_OUTSIDE = frozenset((
    "file", "url", "s3", "gcs", "hdfs", "remote", "remotesecure", "cluster", "clusterallreplicas", "mysql",
    "postgresql", "mongodb", "redis", "sqlite", "odbc", "jdbc", "executable", "input", "python", "iceberg",
    "deltalake", "hudi", "s3cluster", "urlcluster", "filecluster", "hdfscluster", "azureblobstorage", "merge",
    "loop", "dictionary",
))  # fmt: skip
_HINT = "Ask with one SELECT, WITH, SHOW, DESCRIBE or EXPLAIN."
_OWN_TABLES = "Ask the store's own tables."

_NAME = r"[A-Za-z_]\w*"
_TABLE = rf"{_NAME}(?:\.{_NAME})?"
_WHOLE = re.compile(
    rf"SHOW\s+(?:TABLES|DATABASES|CREATE\s+TABLE\s+{_TABLE})"
    rf"|EXISTS\s+(?:TABLE\s+)?{_TABLE}"
    rf"|DESC(?:RIBE)?\s+(?:TABLE\s+)?{_TABLE}",
    re.IGNORECASE | re.ASCII,
)
_DESCRIBED = re.compile(r"DESC(?:RIBE)?\s*(?:\bTABLE\s*)?\((.*)\)", re.IGNORECASE | re.DOTALL)
_EXPLAINED = re.compile(
    r"EXPLAIN\b(?:\s+(?:AST|SYNTAX|QUERY\s+TREE|PLAN|PIPELINE|ESTIMATE)\b)?"
    r"(?:\s+\w+\s*=\s*\d+(?:\s*,\s*\w+\s*=\s*\d+)*)?\s*((?:SELECT|WITH)\b.*|\(.*)",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_TOKEN = re.compile(
    r"""(?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`)"""
    r"""|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<odd>['"`#$‘’“”]|/\*)|(?P<other>.)""",
    re.DOTALL,
)
_CLAUSES = re.compile(r"\bINTO\s+OUTFILE\b|\bSETTINGS\s+\w+\s*=", re.IGNORECASE)


def is_select(sql: str) -> bool:
    """Whether a text that passed `require_question` returns rows of tables (SELECT or WITH)."""
    return _first_word(sql) not in _PLAIN_QUESTIONS


def require_question(sql: str) -> str:
    """The statement without comments and final semicolon; raises `UsageError` when it is not one that only reads."""
    text = _without_comments(sql).strip().rstrip(";").strip()
    if not text:
        raise UsageError("There is no SQL in it.", next_step=_HINT)
    if _WHOLE.fullmatch(text):
        return text
    if inner := _DESCRIBED.fullmatch(text) or _EXPLAINED.fullmatch(text):
        _refuse_other(inner[1])
    elif _first_word(text) in _PLAIN_QUESTIONS:
        raise UsageError(
            f"This form of {_first_word(text)} is not known here.",
            next_step="There are SHOW TABLES, SHOW DATABASES, SHOW CREATE TABLE name, EXISTS name, DESCRIBE name, "
            "DESCRIBE (SELECT …) and EXPLAIN SELECT ….",
        )
    else:
        _refuse_other(text)
    return text


def _without_comments(sql: str) -> str:
    """The text with a blank for every comment; refuses what only one of two parsers would take for a quote."""
    kept, bare = [], []
    for token in _TOKEN.finditer(sql):
        if token["odd"]:
            raise UsageError(f"A {token['odd']} stands alone in it, or opens what never ends.", next_step=_HINT)
        kept.append(" " if token["comment"] else token[0])
        bare.append("''" if token["quoted"] else kept[-1])
    if clause := _CLAUSES.search("".join(bare)):
        raise UsageError(f"{clause[0]} is not for readers.", next_step="Leave it out.")
    return "".join(kept)


def _refuse_other(sql: str) -> None:
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="clickhouse") if tree is not None]
    except SqlglotError as error:
        raise UsageError(f"This SQL cannot be read: {str(error).splitlines()[0]}", next_step=_HINT) from error
    if len(trees) != 1:
        raise UsageError(f"These are {len(trees)} statements.", next_step=_HINT)
    if not isinstance(trees[0], _QUESTIONS) or trees[0].find(*_WRITES) is not None:
        raise UsageError(f"{_first_word(sql)} is not a question.", next_step=_HINT)
    _refuse_parts(trees[0])


def _refuse_parts(tree: exp.Expression) -> None:
    """No clause of a question may do more than ask, and nothing in it may come from elsewhere."""
    for query in tree.find_all(exp.Query):
        for clause in ("settings", "format"):
            if query.args.get(clause):
                raise UsageError(f"{clause.upper()} is not for readers.", next_step="Leave it out.")
    for function in tree.find_all(exp.Func):
        if _function_name(function) in _OUTSIDE:
            raise _outside(_function_name(function))
    for table in tree.find_all(exp.Table):
        _refuse_other_table(table)
    for membership in tree.find_all(exp.In):
        _refuse_other_list(membership.args.get("field"))


def _refuse_other_table(table: exp.Table) -> None:
    if isinstance(table.this, exp.Func):
        if _function_name(table.this) not in _TABLE_FUNCTIONS or table.args.get("db"):
            raise _outside(_function_name(table.this))
        return
    for part in table.parts:
        _refuse_other_name(part.name)


def _refuse_other_list(field: exp.Expression | None) -> None:
    """ClickHouse takes a name right of IN for a table."""
    if isinstance(field, exp.Column):
        for part in field.parts:
            _refuse_other_name(part.name)


def _refuse_other_name(name: str) -> None:
    if not re.fullmatch(_NAME, name, re.ASCII):
        raise UsageError(f"{name[:60]!r} is not the name of a table.", next_step=_OWN_TABLES)


def _function_name(function: exp.Func) -> str:
    return (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()


def _outside(name: str) -> UsageError:
    return UsageError(f"{name}() reads from outside the store.", next_step=_OWN_TABLES)


def _first_word(sql: str) -> str:
    words = re.match(r"[(\s]*(\w+)", sql)
    return words[1].upper() if words else ""
