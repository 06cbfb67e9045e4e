"""Which SQL a reader may ask: one statement that only reads the store's own tables. sql/limits.py says what it may cost.

Two parsers that disagree would be a way around this. So rules are held on the text where they can be (sql/guard_text.py:
one statement, no clauses that write, only functions that are listed), and on sqlglot's tree where they cannot: what stands
where a table stands. The few forms that are no SELECT are matched whole, and names of tables are plain words: the
embedded store would take any that it does not know for the path of a file (sql/guard_tables.py). Whatever both overlook
meets `readonly = 1`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from chainsight.errors import UnknownName, UsageError
from sql.guard_stars import without_hidden_columns, without_name_of_server
from sql.guard_tables import NAME, Home, refuse_name, refuse_tables
from sql.guard_text import HINT, Token, read_text, refuse_calls, refuse_columns

# What it cannot parse it logs as a warning; here that is an answer, not news.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Each of these may be a whole question; whatever stands inside must not write either.
_QUESTIONS = (exp.Select, exp.SetOperation, exp.Subquery)
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Alter, exp.Into, exp.Command)
_PLAIN_QUESTIONS = ("SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS")
_BEGINNINGS = ("SELECT", "WITH", "FROM")

_QUOTED = rf'(?:{NAME}|`{NAME}`|"{NAME}")'
_TABLE = rf"(?P<table>{_QUOTED}(?:\s*\.\s*{_QUOTED})?)"
_LIKE = r"(?:\s+(?:NOT\s+)?I?LIKE\s+'(?:[^'\\]|\\.|'')*')?(?:\s+LIMIT\s+\d+)?"
_FROM = rf"(?:\s+(?:FROM|IN)\s+{_QUOTED})?"
_OF = rf"(?:\s+(?:FROM|IN)\s+(?P<database>{_QUOTED}))?"
_WHOLE = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"SHOW\s+(?:FULL\s+)?TABLES{_FROM}{_LIKE}",
        rf"SHOW\s+DATABASES{_LIKE}",
        rf"SHOW\s+(?:FUNCTIONS|SETTINGS){_LIKE}",
        rf"SHOW\s+CREATE\s+(?:TABLE\s+|VIEW\s+)?{_TABLE}",
        rf"SHOW\s+(?:EXTENDED\s+)?(?:FULL\s+)?(?:COLUMNS|FIELDS)\s+(?:FROM|IN)\s+{_TABLE}{_OF}{_LIKE}",
        rf"EXISTS\s+DATABASE\s+{_QUOTED}",
        rf"(?P<exists>EXISTS)\s+(?:TABLE\s+|VIEW\s+)?{_TABLE}",
        rf"DESC(?:RIBE)?\s+(?:TABLE\s+)?{_TABLE}",
    )
)
_DESCRIBED = re.compile(r"DESC(?:RIBE)?\s*(?:\bTABLE\s*)?\((.*)\)", re.IGNORECASE | re.DOTALL)
_EXPLAINED = re.compile(
    r"EXPLAIN\b(?:\s+(?:AST|SYNTAX|QUERY\s+TREE|PLAN|PIPELINE|ESTIMATE)\b)?"
    r"(?:\s+\w+\s*=\s*\d+(?:\s*,\s*\w+\s*=\s*\d+)*)?\s*((?:SELECT|WITH)\b.*|\(.*)",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_FORMAT_ENDS = 2
_EXISTS_NOT = "SELECT toUInt8(0) AS result"

OURS = Home()
"""A store with the tables of our migrations and no others."""


@dataclass(frozen=True)
class Question:
    """A question that may be asked."""

    text: str
    """Without comments, final semicolon and FORMAT; with what tells paths left out of stars."""
    form: str = ""
    """The format it wants, by ClickHouse's name; empty where it says nothing."""

    @property
    def is_select(self) -> bool:
        """Whether it returns rows of tables (SELECT or WITH)."""
        return is_select(self.text)


def is_select(sql: str) -> bool:
    """Whether a text that passed `require_question` returns rows of tables (SELECT or WITH)."""
    return _first_word(sql) not in _PLAIN_QUESTIONS


def require_question(sql: str, home: Home = OURS) -> str:
    """The statement as it may be asked; raises `UsageError` when it is not one that only reads, FORMAT included."""
    question = read_question(sql, home)
    if question.form:
        raise UsageError("FORMAT is not for readers.", next_step="Leave it out.")
    return question.text


def read_question(sql: str, home: Home = OURS) -> Question:
    """What a reader asks, with the format wanted; `home` is where the store's tables are.

    Raises `UsageError` with the reason when it is not one statement that only reads the store's own tables and what
    the engine tells of them, or calls a function that nobody knows; `UnknownName` for a table that is not there.
    """
    text, tokens = read_text(without_name_of_server(*read_text(sql)))
    form = ""
    if len(tokens) > _FORMAT_ENDS and tokens[-2].upper == "FORMAT" and tokens[-1].kind == "word" and _is_end(tokens):
        form, text, tokens = tokens[-1].text, text[: tokens[-2].start].rstrip(), tokens[:-2]
    if found := next((found for form_ in _WHOLE if (found := form_.fullmatch(text))), None):
        return Question(_about(found, home), form)
    first = _first_word(text)
    inner = _DESCRIBED.fullmatch(text) or _EXPLAINED.fullmatch(text)
    if first in _PLAIN_QUESTIONS and not inner:
        raise UsageError(
            f"This form of {first} is not known here.",
            next_step="There are SHOW TABLES, SHOW DATABASES, SHOW COLUMNS FROM name, SHOW CREATE TABLE name, EXISTS name, "
            "DESCRIBE name, DESCRIBE (SELECT …) and EXPLAIN SELECT ….",
        )
    if not inner and first not in _BEGINNINGS:
        raise UsageError(f"{first or text[:1]} is not a question.", next_step=HINT)
    tree = _parsed(inner[1] if inner else text)
    refuse_calls(tokens, _names_of_its_own(tree))
    refuse_columns(tokens)
    _refuse_parts(tree, home)
    return Question(without_hidden_columns(text, tokens, tree), form)


def _about(asked: re.Match[str], home: Home) -> str:
    """A question about a table as it may be asked; whether one exists that does not, the engine would ask the files."""
    named = asked.groupdict()
    parts = re.findall(NAME, f"{named.get('database') or ''} {named.get('table') or ''}", re.ASCII)
    try:
        if named.get("table"):
            refuse_name(parts, home)
    except UnknownName:
        if not named.get("exists"):
            raise
        return _EXISTS_NOT
    return asked[0]


def _is_end(tokens: Sequence[Token]) -> bool:
    """`FORMAT x` as a clause, not as a column and its alias."""
    before = tokens[-3]
    return before.kind != "sign" or before.text in ")]}*"


def _parsed(sql: str) -> exp.Expression:
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="clickhouse") if tree is not None]
    except SqlglotError as error:
        raise UsageError(f"This SQL cannot be read{_place(error)}.", next_step=HINT) from error
    except RecursionError:
        raise UsageError(
            "This SQL is nested too deeply to be read.", next_step="Ask in steps: WITH name AS (…)."
        ) from None
    if len(trees) != 1:
        raise UsageError(f"These are {len(trees)} statements.", next_step=HINT)
    if not isinstance(trees[0], _QUESTIONS) or trees[0].find(*_WRITES) is not None:
        raise UsageError(f"{_first_word(sql)} is not a question.", next_step=HINT)
    return trees[0]


def _place(error: SqlglotError) -> str:
    """Where the parser stopped."""
    places = getattr(error, "errors", [])
    if not places or not places[0].get("line"):
        return ""
    return f" at {places[0]['highlight'][:40]!r}, line {places[0]['line']}, column {places[0]['col']}"


def _refuse_parts(tree: exp.Expression, home: Home) -> None:
    """No clause of a question may do more than ask, and nothing in it may come from elsewhere."""
    for query in tree.find_all(exp.Query):
        for clause in ("settings", "format"):
            if query.args.get(clause):
                raise UsageError(f"{clause.upper()} is not for readers.", next_step="Leave it out.")
    refuse_tables(tree, home)


def _names_of_its_own(tree: exp.Expression) -> frozenset[str]:
    """Aliases of tables and of common table expressions, which may have a list of columns in parentheses."""
    return frozenset(alias.name.lower() for alias in tree.find_all(exp.TableAlias) if alias.args.get("columns"))


def _first_word(sql: str) -> str:
    words = re.match(r"[(\s]*(\w+)", sql)
    return words[1].upper() if words else ""
