"""Sessions of the ClickHouse door: whose they are, how many, and for how long."""

from contextlib import ExitStack

import pytest

from sql.door import Order, open_door
from sql.door_sessions import MOST_OF_ONE, MOST_SESSIONS, Sessions
from sql.refusals import Refusal
from sql.store import open_store


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
    connections = idle.connection, busy.connection
    sessions.give_back(idle)
    clock.now = 61
    sessions.sweep()
    assert (*(one.is_closed for one in connections), len(sessions)) == (True, False, 1)
    with pytest.raises(Refusal, match=r"Code: 372.*SESSION_NOT_FOUND"):
        sessions.take("me", "idle", seconds=60, must_exist=True)
    with pytest.raises(Refusal, match=r"Code: 373.*SESSION_IS_LOCKED"):
        sessions.take("me", "busy", seconds=60, must_exist=False)
    sessions.give_back(busy)
    assert sessions.take("me", "busy", seconds=60, must_exist=True) is busy
    sessions.close()
    assert busy.connection.is_closed


def test_a_session_that_no_statement_needed_has_no_connection():
    made = []
    sessions = Sessions(lambda: made.append(Connection()) or made[-1], Hands())
    unused, used = (sessions.take("me", name, seconds=60, must_exist=False) for name in ("unused", "used"))
    assert not made
    assert used.connection is used.connection is made[0]
    sessions.close()
    assert (len(made), made[0].is_closed) == (1, True)
    assert unused.seconds == 60


def test_a_statement_that_is_refused_gives_back_all_that_was_held_for_it(tmp_path):
    store = open_store(f"chdb://{tmp_path}/store")
    door = open_door(store, most=1)
    order, given_back = Order("SELECT sleep(0.3)", "TSV"), []

    def start():
        with ExitStack() as held:
            session = door.sessions.take("me", "mine", seconds=60, must_exist=False)
            held.callback(door.sessions.give_back, session)
            held.callback(given_back.append, True)
            return door.start(order, session, held.pop_all())

    first = door.start(order)
    with pytest.raises(Refusal, match="Code: 202"):
        start()
    assert given_back == [True]
    assert first.ended.wait(10)
    first.close()
    again = start()
    assert again.ended.wait(10)
    again.close()
    assert (again.refusal, given_back) == (None, [True] * 2)
    door.close()
    store.close()


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
