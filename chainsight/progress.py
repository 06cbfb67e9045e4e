"""How a stage tells what it is doing, without knowing who watches."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Whoever watches a long job: a terminal, a log, a ledger, nobody."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """`done` of `total` (None: unknown) units of `what`; called as often as is convenient."""
        ...

    def note(self, text: str) -> None:
        """One sentence a person would want to keep."""
        ...


class Silent:
    """Nobody watches."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


SILENT = Silent()
