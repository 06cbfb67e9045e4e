"""A reader's SQL as a row of words, quotes and signs; what two parsers could read in two ways is refused.

The database gets the text without its comments. Where a rule can be held by looking at the text alone it is held here,
whatever a parser makes of it.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chainsight.errors import UsageError
from sql.guard_names import HIDDEN_EVERYWHERE, SYNTAX, TYPES, allowed_functions, is_allowed, why_refused

HINT = "Ask with one SELECT, WITH, SHOW, DESCRIBE or EXPLAIN."
MOST_CHARACTERS = 100_000
_MOST_OPEN = 100

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.|'')*')|(?P<name>"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`)"""
    r"""|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<blank>[ \t\r\n\f]+)|(?P<word>[A-Za-z_]\w*)|(?P<number>\d\w*(?:\.\d*)?)"""
    r"""|(?P<odd>['"`#$@\\]|/\*|[^\x20-\x7e])|(?P<sign>.)""",
    re.DOTALL | re.ASCII,
)
_NEVER = frozenset(("INTO", "INFILE", "OUTFILE"))


@dataclass(frozen=True)
class Token:
    """One word, quote, number or sign; `kind` is word, name (quoted), text, number or sign."""

    kind: str
    text: str
    start: int
    """Where it stands in the text without comments."""

    @property
    def upper(self) -> str:
        """A bare word in capitals; empty for anything else."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def plain(self) -> str:
        """The name it may be, without quotes; empty for texts, numbers and signs."""
        return self.text.strip('"`') if self.kind in {"word", "name"} else ""


def read_text(sql: str) -> tuple[str, list[Token]]:
    """The text without comments, blanks around it and final semicolons, and its tokens.

    Raises `UsageError` for what no reader's text may hold, wherever it stands.
    """
    if len(sql) > MOST_CHARACTERS:
        raise UsageError(
            f"The question has {len(sql):,} characters.", next_step=f"Ask with {MOST_CHARACTERS:,} at most."
        )
    if "\0" in sql:
        raise UsageError("There is a zero byte in it.", next_step=HINT)
    kept = "".join(" " if match["comment"] else _even(match) for match in _TOKEN.finditer(sql)).strip()
    text = kept.rstrip("; \t\r\n\f")
    found = [
        Token(str(match.lastgroup), match[0], match.start()) for match in _TOKEN.finditer(text) if not match["blank"]
    ]
    if not found:
        raise UsageError("There is no SQL in it.", next_step=HINT)
    _refuse_signs(found)
    _refuse_clauses(found)
    _refuse_parameters(found)
    return text, found


def refuse_calls(tokens: Sequence[Token], named_here: frozenset[str]) -> None:
    """Every name before a parenthesis, and after APPLY, must be one that may be called; `named_here` are the question's own.

    Raises `UsageError` with the reason, or the near names.
    """
    for token, following in zip(tokens, [*tokens[1:], Token("sign", "", 0)], strict=True):
        if following.text == "(" and token.plain and not (token.kind == "word" and _is_syntax(token)):
            _refuse_call(token.plain, named_here)
    for place, token in enumerate(tokens):
        if token.upper == "APPLY":
            applied = next((one for one in tokens[place + 1 :] if one.text != "("), None)
            after = tokens[tokens.index(applied) + 1 :] if applied else []
            if applied and applied.plain and [one.text for one in after[:2]] != ["-", ">"]:
                _refuse_call(applied.plain, named_here)


def refuse_columns(tokens: Sequence[Token]) -> None:
    """No column that any table has may tell where its rows lie; raises `UsageError`."""
    for token in tokens:
        if token.plain.lower() in HIDDEN_EVERYWHERE:
            raise UsageError(
                f"{token.plain} is not for readers.", next_step="It tells where the store lies; leave it out."
            )


def _refuse_call(name: str, named_here: frozenset[str]) -> None:
    lower = name.lower()
    if is_allowed(lower):
        return
    if reason := why_refused(lower):
        raise UsageError(f"{lower}() {reason}.", next_step="Leave it out; the store's own tables can be asked.")
    if lower not in named_here and lower not in TYPES:
        near = difflib.get_close_matches(lower, allowed_functions(), n=3, cutoff=0.75)
        hint = f"Did you mean {', '.join(allowed_functions()[one] for one in near)}?" if near else ""
        raise UsageError(
            f"There is no function {name[:60]!r}.",
            next_step=hint or "SELECT name, syntax FROM system.functions lists them.",
        )


def _is_syntax(token: Token) -> bool:
    lower = token.text.lower()
    return lower in SYNTAX and not (why_refused(lower) and lower != "in")


def _even(match: re.Match[str]) -> str:
    """What stands in the text as it is; refuses what one of two parsers would take for a quote, a comment or a blank."""
    if match["odd"]:
        raise UsageError(f"A {match['odd']} stands alone in it, or opens what never ends.", next_step=HINT)
    if match["name"] and "\\" in match["name"]:
        raise UsageError(f"The name {match['name'][:60]} holds a backslash.", next_step="Write names as they are.")
    return match[0]


def _refuse_signs(tokens: Sequence[Token]) -> None:
    if any(token.text == ";" for token in tokens):
        parts = "".join("\0" if token.text == ";" else "x" for token in tokens).split("\0")
        raise UsageError(f"These are {sum(map(bool, parts))} statements.", next_step=HINT)
    depth = most = 0
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "sign" else 0
        most = max(most, depth)
    if most > _MOST_OPEN:
        raise UsageError(f"There are {most} parentheses within each other.", next_step=f"At most {_MOST_OPEN} may be.")


def _refuse_clauses(tokens: Sequence[Token]) -> None:
    words = [token.upper for token in tokens]
    for place, word in enumerate(words):
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        if word == "INTO" and after is not None and after.upper == "OUTFILE":
            raise UsageError("INTO OUTFILE is not for readers.", next_step="Leave it out.")
        if word in _NEVER:
            raise UsageError(f"{word} is not for readers.", next_step="Leave it out.")
        if word == "SETTINGS" and after is not None and after.kind in {"word", "name"}:
            sign = tokens[place + 2].text if place + 2 < len(tokens) else ""
            if sign == "=":
                raise UsageError(f"SETTINGS {after.text} = is not for readers.", next_step="Leave it out.")


def _refuse_parameters(tokens: Sequence[Token]) -> None:
    """`{name:Identifier}`, with or without quotes and blanks: its value would be the name of a table or column."""
    for place, (opened, name, colon) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        if (opened.text, colon.text) == ("{", ":") and name.plain:
            kind = itertools.takewhile(lambda token: token.text != "}", tokens[place + 3 :])
            if any(token.plain.lower() == "identifier" for token in kind):
                raise UsageError(
                    "A parameter cannot be a name.", next_step="Write the name of the table or column itself."
                )
