"""Which SQL a reader may ask: one statement that only reads. The store's own limits come on top of it."""

from __future__ import annotations

import logging

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from chainsight.errors import UsageError

# What it cannot parse it logs as a warning; here that is an answer, not news.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Each of these may be a whole question; whatever stands inside must not write either.
_QUESTIONS = (exp.Select, exp.SetOperation, exp.Subquery, exp.Show, exp.Describe)
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Alter, exp.Into, exp.Command)
_PLAIN_QUESTIONS = ("SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS")
# They read files, call hosts or run programs instead of reading tables.
_OUTSIDE = frozenset(
    [
        "file",
        "url",
        "s3",
        "s3cluster",
        "gcs",
        "azureblobstorage",
        "hdfs",
        "remote",
        "remotesecure",
        "cluster",
        "mysql",
        "postgresql",
        "mongodb",
        "redis",
        "sqlite",
        "odbc",
        "jdbc",
        "executable",
        "input",
        "python",
        "iceberg",
        "deltalake",
        "hudi",
        "urlcluster",
        "filecluster",
    ]
)
_HINT = "Ask with one SELECT, WITH, SHOW, DESCRIBE or EXPLAIN."


def is_select(sql: str) -> bool:
    """Whether a text that passed `require_question` returns rows of tables (SELECT or WITH)."""
    return not _first_word(sql).startswith(_PLAIN_QUESTIONS)


def require_question(sql: str) -> str:
    """The statement without its final semicolon; raises `UsageError` when it is not one that only reads."""
    text = sql.strip().rstrip(";").strip()
    if not text:
        raise UsageError("There is no SQL in it.", next_step=_HINT)
    if _first_word(text) in {"SHOW", "EXISTS"} and ";" not in text:
        return text  # sqlglot knows few forms of these; they take no subquery and write nothing
    asked = text
    for word in ("EXPLAIN", "DESCRIBE", "DESC"):
        if _first_word(text) == word:
            asked = _explained(text[len(word) :])
            break
    if asked:
        _refuse_other(asked)
    return text


def _refuse_other(sql: str) -> None:
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="clickhouse") if tree is not None]
    except SqlglotError as error:
        raise UsageError(f"This SQL cannot be read: {str(error).splitlines()[0]}", next_step=_HINT) from error
    if len(trees) != 1:
        raise UsageError(f"These are {len(trees)} statements.", next_step=_HINT)
    if not isinstance(trees[0], _QUESTIONS) or trees[0].find(*_WRITES) is not None:
        raise UsageError(f"{_first_word(sql)} is not a question.", next_step=_HINT)
    for function in trees[0].find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        if name.lower() in _OUTSIDE:
            raise UsageError(f"{name}() reads from outside the store.", next_step="Ask the store's own tables.")


def _explained(rest: str) -> str:
    """The SELECT inside EXPLAIN or DESCRIBE; empty for a plain table name."""
    body = rest.strip()
    upper = body.upper()
    starts = [place for word in ("SELECT", "WITH") if (place := upper.find(word)) >= 0]
    if not starts:
        if any(sign in body for sign in "(;"):
            raise UsageError("Only a table or a SELECT can be described or explained.", next_step=_HINT)
        return ""
    select = body[min(starts) :]
    return select.removesuffix(")") if upper.startswith("(") else select


def _first_word(sql: str) -> str:
    body = sql
    while body.lstrip().startswith("--"):
        body = body.lstrip().partition("\n")[2]
    words = body.lstrip("( \n\t").split(None, 1)
    return words[0].upper() if words else ""
