"""What the door answers instead of rows: ClickHouse's own numbers, names and wording, so that its clients understand."""

from __future__ import annotations

import re

_ENGINE = re.compile(r"Code: (\d+)\.?,? ?(?:e\.displayText\(\) = )?DB::\w*Exception: (.*)", re.DOTALL)
_NAMED = re.compile(r"\s*\((?:version [^()]*(?:\([^()]*\))?[^()]*|[A-Z][A-Z0-9_]+)\)\.?\s*$")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)(?:\s*\(version [^\n]*\))?\s*$")


class Refusal(Exception):
    """One refused or failed statement. `code` and `name` are those of ClickHouse's ErrorCodes.cpp."""

    def __init__(self, code: int, name: str, said: str) -> None:
        self.code = code
        self.name = name
        self.said = said
        super().__init__(f"Code: {code}. DB::Exception: {said} ({name})")


def from_engine(said: str) -> Refusal:
    """The engine's own text, taken apart; what wears no number becomes 1002, UNKNOWN_EXCEPTION."""
    found = _ENGINE.search(said)
    if not found:
        return Refusal(1002, "UNKNOWN_EXCEPTION", said.strip() or "The statement failed.")
    name = _NAME.search(said)
    # The engine wraps its own text when a statement fails twice on the way out; the innermost says it.
    message = found[2]
    while inner := _ENGINE.match(message):
        message = inner[2]
    while ending := _NAMED.search(message):
        message = message[: ending.start()]
    return Refusal(int(found[1]), name[1] if name else "UNKNOWN_EXCEPTION", message.strip())
