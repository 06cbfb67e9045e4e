"""What tools ask of the engine when they connect and browse, changed so that it does not tell where the store lies."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from chainsight.errors import UsageError
from sql.guard_names import HIDDEN_COLUMNS
from sql.guard_text import Token

# A star after one of these stands for columns; after anything else it multiplies.
_BEFORE_A_STAR = frozenset(("SELECT", "DISTINCT", "ALL", ",", "(", "."))


_NAME_OF_SERVER = "'chainsight'"


def without_name_of_server(text: str, tokens: Sequence[Token]) -> str:
    """The text with a name of ours for `displayName()`, which clickhouse-go asks first and which is the machine's."""
    for name, opened, closed in reversed(list(zip(tokens, tokens[1:], tokens[2:], strict=False))):
        if name.plain.lower() == "displayname" and (opened.text, closed.text) == ("(", ")"):
            text = text[: name.start] + _NAME_OF_SERVER + text[closed.start + 1 :]
    return text


def without_hidden_columns(text: str, tokens: Sequence[Token], tree: exp.Expression) -> str:
    """The text with `* EXCEPT (…)` for each star where a table with hidden columns is asked.

    Raises `UsageError` when a hidden column is named, or a star stands where it cannot be said which columns it means.
    """
    hidden = sorted({name for table in tree.find_all(exp.Table) for name in _hidden_of(table)})
    if not hidden:
        return text
    for token in tokens:
        if token.plain.lower() in hidden:
            raise UsageError(
                f"{token.plain} is not for readers.", next_step="It tells where the store lies; leave it out."
            )
    if any(token.upper == "COLUMNS" for token in tokens) or any(
        a.args.get("columns") for a in tree.find_all(exp.TableAlias)
    ):
        raise UsageError("Columns of the engine's tables are named one by one.", next_step="Write their names.")
    stars = [
        token
        for before, token in zip([Token("sign", "", 0), *tokens], tokens, strict=False)
        if token.text == "*" and (before.upper or before.text) in _BEFORE_A_STAR
    ]
    if len(stars) != sum(1 for _ in tree.find_all(exp.Star)):
        raise UsageError("This star may stand for columns or multiply.", next_step="Write the names of the columns.")
    counted = {tokens[place + 2].start for place in range(len(tokens) - 2) if _is_count(tokens[place : place + 3])}
    for star in reversed(stars):
        if star.start not in counted:
            text = f"{text[: star.start]}* EXCEPT ({', '.join(hidden)}){text[star.start + 1 :]}"
    return text


def _hidden_of(table: exp.Table) -> tuple[str, ...]:
    return HIDDEN_COLUMNS.get(table.name, ()) if table.db == "system" else ()


def _is_count(three: Sequence[Token]) -> bool:
    return [token.text.lower() for token in three] == ["count", "(", "*"]
