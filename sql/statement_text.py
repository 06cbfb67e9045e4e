"""The little that must be known of a statement's text before the engine reads it: its verb, FORMAT, and where rows begin.

Nothing here decides who may ask what: that is sql/guard.py. Tokens follow ClickHouse's lexer (strings with backslash or
doubled quotes, `--`, `#` and `/* */` comments, `$tag$ … $tag$`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sql.refusals import Refusal

QUESTIONS = frozenset(("SELECT", "WITH", "FROM", "SHOW", "DESC", "DESCRIBE", "EXISTS", "EXPLAIN"))
"""Verbs whose answer is rows and which change nothing (a WITH before an INSERT apart)."""

_TOKEN = re.compile(
    r"""(?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<blank>--[^\n]*|\#[!\ ][^\n]*|/\*.*?\*/|\s+)"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<other>[\d.]+\w*|.)""",
    re.DOTALL | re.ASCII,
)
_ROWS_BEGIN = re.compile(rb"[ \t\f]*;?[ \t\f]*\r?\n?")
_INLINE = frozenset(("VALUES", "SELECT", "WITH", "FROM", "WATCH"))


@dataclass(frozen=True)
class Token:
    """One piece of text that is no blank; `depth` counts the parentheses around it."""

    text: str
    is_word: bool
    start: int
    end: int
    depth: int

    @property
    def upper(self) -> str:
        """A keyword as written in grammars; empty for anything that is no word."""
        return self.text.upper() if self.is_word else ""


@dataclass(frozen=True)
class Insert:
    """An INSERT whose rows follow in some format."""

    target: str
    """From INSERT up to the SETTINGS or FORMAT clause."""
    settings: str
    form: str
    rows_at: int
    """Where the rows begin in the text it was read from, in bytes."""


def tokens(text: str) -> Iterator[Token]:
    """All pieces that are neither blanks nor comments."""
    depth = 0
    for match in _TOKEN.finditer(text):
        if match["blank"]:
            continue
        piece = match[0]
        depth -= piece in ")]}"
        yield Token(piece, match["word"] is not None, match.start(), match.end(), depth)
        depth += piece in "([{"


def verb_of(text: str) -> str:
    """First word of a statement, in capitals; empty where there is none."""
    return next((token.upper for token in tokens(text) if token.text != "("), "")


def is_question(text: str) -> bool:
    """Whether it only asks. Wrong SQL may count as a question: the engine refuses it."""
    verb = verb_of(text)
    if verb != "WITH":
        return verb in QUESTIONS
    words = [token.upper for token in tokens(text)]
    return ("INSERT", "INTO") not in set(pairwise(words))


def without_format(text: str) -> tuple[str, str]:
    """A question without its FORMAT clause and final semicolon, and the format; raises `Refusal` for several statements."""
    outer = [token for token in tokens(text) if token.depth == 0]
    ends = [place for place, token in enumerate(outer) if token.text == ";"]
    if ends and any(token.text != ";" for token in outer[ends[0] :]):
        raise Refusal(62, "SYNTAX_ERROR", "Multi-statements are not allowed: send one statement at a time.")
    if ends:
        text, outer = text[: outer[ends[0]].start], outer[: ends[0]]
    for word, form, after in zip(outer[-2::-1], outer[:0:-1], [None, *outer[:1:-1]], strict=False):
        if word.upper == "FORMAT" and form.is_word and (after is None or after.upper == "SETTINGS"):
            return f"{text[: word.start].rstrip()} {text[form.end :].strip()}".strip(), form.text
    return text.strip(), ""


def read_insert(head: bytes) -> Insert | None:
    """The INSERT that begins a text of any bytes; None where its rows stand in the SQL itself (VALUES, SELECT)."""
    settings_at, text = 0, head.decode("latin-1")  # one character a byte: places in the text are places in the bytes
    outer = (token for token in tokens(text) if token.depth == 0)
    next(outer, None)
    for token in outer:
        if token.upper in _INLINE:
            return None
        if token.upper == "SETTINGS":
            settings_at = token.start
        if token.upper == "FORMAT":
            form = next(outer, None)
            if form is None or not form.is_word:
                return None
            begin = _ROWS_BEGIN.match(head, form.end)
            cut = settings_at or token.start
            return Insert(
                target=utf8(head[:cut]).rstrip(),
                settings=utf8(head[cut : token.start]).strip(),
                form=form.text,
                rows_at=begin.end() if begin else form.end,
            )
    return None


def utf8(text: bytes) -> str:
    """SQL as text; raises `Refusal` naming the first byte that is none."""
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Refusal(
            62, "SYNTAX_ERROR", f"The statement is not UTF-8: byte {error.start} is {text[error.start]:#04x}."
        ) from error
