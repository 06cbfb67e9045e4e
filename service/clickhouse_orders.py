"""From an address and a body to one order for the engine: where the SQL ends, where rows begin, in which format to answer."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path

from service.clickhouse_bodies import Body
from service.clickhouse_requests import Ask
from sql.door import Order, from_file
from sql.refusals import Refusal
from sql.statement_text import Insert, is_question, read_insert, tokens, utf8, verb_of, without_format

LARGEST_STATEMENT = 16 << 20
"""Bytes of SQL; rows of an INSERT with a format do not count."""
_HEAD_BYTES = 1 << 18  # the text of an INSERT up to its FORMAT stands in these
_OUTFILE = re.compile(r"\bINTO\s+OUTFILE\b", re.IGNORECASE)
_MAY_GET = frozenset(("SET", "USE"))


def compose(ask: Ask, body: Body, held: ExitStack) -> Order:
    """The statement, its rows in a file that goes away with `held`; raises `Refusal` for what cannot be one."""
    said = ask.query.encode()
    head = said or body.head(_HEAD_BYTES)
    verb = verb_of(head[:4096].decode("latin-1"))
    if verb == "INSERT" and (insert := read_insert(head)):
        _require_post(ask)
        rows = _rows(insert, said, body, held)
        text = from_file(insert.target, insert.settings, insert.form, rows)
        return _order(ask, text, ask.default_format, rows)
    if len(said) + body.size > LARGEST_STATEMENT:
        raise Refusal(
            307, "TOO_MANY_BYTES", f"The statement is larger than {LARGEST_STATEMENT} bytes; send rows with a FORMAT."
        )
    whole = utf8(b"\n".join(part for part in (said, body.head(-1)) if part))
    if verb == "INSERT":
        _require_post(ask)
        return _order(ask, whole, ask.default_format, None)
    text, form = without_format(whole)
    if not text:
        raise Refusal(62, "SYNTAX_ERROR", "Empty query.")
    if not is_question(text) and verb not in _MAY_GET:
        _require_post(ask)
    elif _OUTFILE.search(text):
        _refuse_outfile(text)
    return _order(ask, text, form or ask.default_format, None)


def _order(ask: Ask, text: str, form: str, rows: Path | None) -> Order:
    return Order(text, form, ask.parameters, ask.settings, ask.database, rows)


def _rows(insert: Insert, said: bytes, body: Body, held: ExitStack) -> Path:
    """What follows the FORMAT clause, in a file of its own."""
    descriptor, name = tempfile.mkstemp(suffix=".rows")
    held.callback(_remove, name)
    with open(descriptor, "wb") as file:
        if said:
            file.write(said[insert.rows_at :])
            body.file.seek(0)
        else:
            body.file.seek(insert.rows_at)
        shutil.copyfileobj(body.file, file, 1 << 20)
    return Path(name)


def _require_post(ask: Ask) -> None:
    if not ask.may_change:
        raise Refusal(
            164,
            "READONLY",
            "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use "
            "method POST for modifying queries.",
        )


def _refuse_outfile(text: str) -> None:
    """The answer leaves through a file of ours; a second one is not possible, as on a server."""
    words = [token.upper for token in tokens(text)]
    if ("INTO", "OUTFILE") in set(pairwise(words)):
        raise Refusal(
            348, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed over HTTP; read the answer instead."
        )


def _remove(name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name)
