"""Sessions of the door: a name a client chose, and a connection of the engine in which its temporary tables live.

A session answers one statement at a time, belongs to who opened it, and is closed when nobody asked for a while.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sql.refusals import Refusal

MOST_SESSIONS = 256
MOST_NAMES = 65_536
"""Of sessions that have no connection; what bounds them is `MOST_OF_ONE`."""
MOST_OF_ONE = 64
"""Sessions of one owner."""


@dataclass
class Session:
    """One connection, made when the first statement needs it, and what is set on it."""

    connect: Callable[[], Any]
    applied: dict[str, str] = field(default_factory=dict)
    """Settings that the last request brought; the next one that does not bring them takes them back."""
    database: str = ""
    seconds: float = 0.0
    is_busy: bool = False
    free_since: float = 0.0

    @cached_property
    def connection(self) -> Any:
        """The connection of the engine; of the thread that has taken the session."""
        return self.connect()

    def close(self) -> None:
        """Let the connection go, if there is one."""
        if "connection" in vars(self):
            self.connection.close()


class Sessions:
    """All open sessions by (owner, name)."""

    def __init__(
        self, connect: Callable[[], Any], clock: Callable[[], float] = time.monotonic, most: int = MOST_SESSIONS
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str], Session] = {}

    def take(self, owner: str, name: str, *, seconds: float, must_exist: bool) -> Session:
        """The session for one statement; `give_back` it afterwards.

        Raises `Refusal`: 373 while another statement runs in it, 372 when it must exist and does not, 202 for too many.
        """
        self.sweep()
        with self._lock:
            session = self._open.get((owner, name))
            if session is None:
                if must_exist:
                    raise Refusal(372, "SESSION_NOT_FOUND", f"Session {name!r} not found.")
                self._refuse_too_many(owner)
                session = self._open[owner, name] = Session(self._connect)
            if session.is_busy:
                raise Refusal(373, "SESSION_IS_LOCKED", f"Session {name!r} is locked by a concurrent client.")
            session.is_busy, session.seconds = True, seconds
            return session

    def give_back(self, session: Session) -> None:
        """From now on its time runs."""
        with self._lock:
            session.is_busy, session.free_since = False, self._clock()

    def sweep(self) -> None:
        """Close what nobody asked for in its time."""
        with self._lock:
            now = self._clock()
            over = [
                key
                for key, session in self._open.items()
                if not session.is_busy and now - session.free_since > session.seconds
            ]
            closing = [self._open.pop(key) for key in over]
        for session in closing:
            session.close()

    def close(self) -> None:
        """Close all; the statements in them must have ended."""
        with self._lock:
            closing = list(self._open.values())
            self._open.clear()
        for session in closing:
            session.close()

    def __len__(self) -> int:
        with self._lock:
            return len(self._open)

    def _refuse_too_many(self, owner: str) -> None:
        of_owner = sum(whose == owner for whose, _ in self._open)
        if len(self._open) >= self._most or of_owner >= MOST_OF_ONE:
            raise Refusal(
                202,
                "TOO_MANY_SIMULTANEOUS_QUERIES",
                f"There are {of_owner} open sessions of this key, {len(self._open)} of all; "
                f"{MOST_OF_ONE} and {self._most} are the most. Use fewer, or a shorter session_timeout.",
            )
