"""The database's words about a question that failed, told so that whoever asked can mend it.

Numbers are those of ClickHouse's ErrorCodes.cpp. What is not known here is shown in the database's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from chainsight.errors import ChainsightError, QuestionStopped, UnknownName, UsageError

Columns = Callable[[], Mapping[str, Sequence[str]]]
"""Names of the columns by table; asked only when they are needed."""

_CODE = re.compile(r"Code: (\d+)\. DB::\w*Exception: (.*)", re.DOTALL)
_IN_SCOPE = re.compile(
    r"[:.]? In (?:scope|query) .*|\s*\([A-Z_]+\)\s*$|: [Ww]hile (?:executing|processing) .*", re.DOTALL
)
_QUOTED = r"[`']([^`']+)[`']"
_NARROWER = "Ask for fewer rows or a narrower range, or write it all to files with `chainsight export`."

# What stopped a question: what happened, and what to do.
_NARROW_KEYS = "Narrow it by block_number or by a day: the keys then skip the rest."
_STOPPED = {
    158: ("It would read more rows than a question may ({said})", _NARROW_KEYS),
    307: ("It would read more than a question may ({said})", _NARROW_KEYS),
    396: (
        "It brings more than a question may ({said})",
        "Add a LIMIT, aggregate, or write all with `chainsight export`.",
    ),
    159: ("It took longer than a question may ({said})", _NARROWER),
    160: ("It would take longer than a question may ({said})", _NARROWER),
    241: (
        "It needs more memory than a question may ({said})",
        "Filter before you group, join or sort; go range by range.",
    ),
    191: ("The list right of IN is too long ({said})", "Filter it, or join instead."),
    306: ("It is nested or recurs too deeply ({said})", "End the recursion earlier, or ask in steps."),
    167: ("It is nested too deeply ({said})", "Ask in steps: WITH name AS (…)."),
    168: ("It has too many parts ({said})", "Ask in steps, or put long lists into a parameter."),
    243: ("It needs more room on disk than a question may ({said})", "Sort or group fewer rows."),
    394: ("It was ended by who asked, or by an administrator", "Ask again."),
    447: ("The pattern would take too long to match ({said})", "Write a simpler one."),
}
_TYPES_DIFFER = frozenset((43, 53, 386, 70, 6, 72, 41, 38, 130, 131, 27))


def explain_mistake(said: str, question: str, columns: Columns) -> ChainsightError | None:
    """The error to tell for the database's words; None where its own words say it as well.

    Near names come from `columns`, those of the tables that the question names first.
    """
    found = _CODE.search(said)
    if not found:
        return None
    code, words = int(found[1]), found[2].strip()
    while inner := _CODE.match(words):
        code, words = int(inner[1]), inner[2].strip()
    short = _IN_SCOPE.sub("", words).strip().rstrip(".")[:300]
    if code in _STOPPED:
        what, next_step = _STOPPED[code]
        return QuestionStopped(f"The question was stopped. {what.format(said=short)}.", next_step=next_step)
    if code in {47, 16}:
        return _unknown_column(words, question, columns)
    if code == 60:
        name = _first_quoted(words)
        return UnknownName("table", name.removeprefix("default."), columns()) if name else None
    if code in {456, 457} or "for query parameter" in words:
        return _parameter(short)
    if code in _TYPES_DIFFER:
        return _types_differ(short, question)
    return None


def _unknown_column(words: str, question: str, columns: Columns) -> ChainsightError | None:
    name = _first_quoted(words)
    if not name:
        return None
    asked = set(re.findall(r"\w+", question))
    tables = columns()
    near = sorted({column for table, names in tables.items() if table in asked for column in names})
    of_table = name.split(".")[-1]
    return UnknownName("column", of_table, near or {column for names in tables.values() for column in names})


def _parameter(said: str) -> UsageError:
    name = re.search(r"(?:Substitution|query parameter) " + _QUOTED, said)
    shown = f"The parameter {name[1]}" if name else "A parameter"
    if "is not set" in said:
        return UsageError(f"{shown} has no value.", next_step="Give it one, or write the value into the question.")
    wrong = re.search(r"[Vv]alue (.{0,60}?) cannot be parsed as (\S+)", said, re.DOTALL)
    what = f"{shown} wants {wrong[2]}, not {wrong[1]!r}." if wrong else f"{shown} is wrong: {said}."
    return UsageError(what, next_step="Give it a value of that type.")


def _types_differ(said: str, question: str) -> UsageError:
    hint = "DESCRIBE table shows the types of its columns; toString(x), toUInt256(x), toDate(x) change one."
    if "FixedString" in said or re.search(r"0x[0-9a-fA-F]{40}", question):
        hint = "Addresses and hashes are bytes: write unhex('…') without 0x, and hex(column) to show one."
    column = re.search(r"arguments? (?:__table\d+\.)(\w+) (\S+)", said)
    where = f" (column {column[1]} of type {column[2]})" if column else ""
    return UsageError(f"Types do not fit{where}: {said}.", next_step=hint)


def _first_quoted(words: str) -> str:
    found = re.search(_QUOTED, words)
    return found[1] if found else ""
