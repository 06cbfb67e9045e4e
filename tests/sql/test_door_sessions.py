"""Sessions of the ClickHouse door: whose they are, how many, and for how long."""

import pytest

from sql.door_sessions import MOST_OF_ONE, MOST_SESSIONS, Sessions
from sql.refusals import Refusal


class Connection:
    """Stands for a connection of the engine: it only knows whether it was closed."""

    is_closed = False

    def close(self):
        self.is_closed = True


class Hands:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self):
        return self.now


def test_a_session_is_closed_when_nobody_asked_for_its_time_and_never_while_it_works():
    clock = Hands()
    sessions = Sessions(Connection, clock)
    idle = sessions.take("me", "idle", seconds=60, must_exist=False)
    busy = sessions.take("me", "busy", seconds=60, must_exist=False)
    sessions.give_back(idle)
    clock.now = 61
    sessions.sweep()
    assert (idle.connection.is_closed, busy.connection.is_closed, len(sessions)) == (True, False, 1)
    with pytest.raises(Refusal, match=r"Code: 372.*SESSION_NOT_FOUND"):
        sessions.take("me", "idle", seconds=60, must_exist=True)
    with pytest.raises(Refusal, match=r"Code: 373.*SESSION_IS_LOCKED"):
        sessions.take("me", "busy", seconds=60, must_exist=False)
    sessions.give_back(busy)
    assert sessions.take("me", "busy", seconds=60, must_exist=True) is busy
    sessions.close()
    assert busy.connection.is_closed


def test_a_name_belongs_to_who_opened_it_and_nobody_takes_all():
    sessions = Sessions(Connection, Hands())
    mine = sessions.take("me", "same", seconds=60, must_exist=False)
    assert sessions.take("you", "same", seconds=60, must_exist=False) is not mine
    for number in range(MOST_OF_ONE - 1):
        sessions.take("me", f"{number}", seconds=60, must_exist=False)
    with pytest.raises(Refusal, match="Code: 202"):
        sessions.take("me", "one more", seconds=60, must_exist=False)
    for number in range(MOST_SESSIONS - MOST_OF_ONE - 1):
        sessions.take(f"{number}", "same", seconds=60, must_exist=False)
    with pytest.raises(Refusal, match="Code: 202"):
        sessions.take("late", "same", seconds=60, must_exist=False)
