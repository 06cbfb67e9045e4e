"""What a question may cost is held by the engine itself, and nobody else's question suffers from one that is stopped."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chainsight.errors import QuestionStopped, TooManyQuestions
from chainsight.settings import Settings
from sql.guard import require_question
from sql.limits import Gate, ReaderLimits, reader_settings
from sql.reader import Reader, reading
from sql.store import Store
from tests.fixtures.stores import new_store

TIGHT = ReaderLimits(seconds=1, memory_mb=128, result_rows=1_000, result_mb=1, read_rows=10_000_000)
STOPPED = {
    # Time
    "SELECT count() FROM numbers(100000) AS a, numbers(100000) AS b": "longer than a question may",
    "SELECT count() FROM transfers AS t, transfers AS u, transfers AS v, transfers AS w WHERE t.amount >= u.amount": "longer",
    "SELECT arrayFold((sum, x) -> arrayConcat(sum, [x]), range(100000), CAST([] AS Array(UInt32)))": "longer|memory",
    # Rows read
    "SELECT sum(number) FROM numbers(1000000000000)": "more rows than a question may.*1.00 trillion",
    "SELECT number FROM numbers(1000000000000) ORDER BY number LIMIT 1": "more rows than a question may",
    # Memory
    "SELECT number, count() AS n FROM numbers(9000000) GROUP BY number ORDER BY n, number LIMIT 1": "more memory",
    "SELECT groupArray(toString(number)) FROM numbers(9000000)": "more memory",
    "SELECT sum(a.number + b.number) FROM numbers(4900000) AS a JOIN numbers(4900000) AS b ON a.number = b.number": "more memory",
    "SELECT repeat(toString(number), 100000) AS x FROM numbers(100000) ORDER BY x LIMIT 1": "more memory",
    "SELECT repeat('x', 1000000) FROM numbers(1000)": "more memory|brings more",
    "SELECT arrayMap(x -> arrayMap(y -> y, range(100000)), range(100000))": "more memory",
    # What comes back
    "SELECT number FROM numbers(1000000)": "brings more than a question may.*LIMIT.*export",
    "SELECT repeat(toString(number), 10000) FROM numbers(900)": "brings more than a question may",
    # Depth
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count() FROM t": "deeply.*End the recursion|longer",
    f"SELECT 1{' + 1' * 400}": "nested too deeply",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with all tables and a thousand transfers."""
    opened = new_store(f"{tmp_path_factory.mktemp('limits')}/store")
    opened.command(
        "INSERT INTO transfers (chain_id, block_number, position, version) SELECT 1, number, 0, 1 FROM numbers(1000)"
    )
    yield opened
    opened.close()


@pytest.fixture
def reader(store: Store) -> Iterator[Reader]:
    """A reader with tight limits."""
    with reading(store, reader_settings(TIGHT)) as opened:
        yield opened


@pytest.mark.parametrize("question", STOPPED)
def test_what_costs_too_much_is_stopped_and_says_what_to_do(question: str, reader: Reader) -> None:
    begun = time.monotonic()
    with pytest.raises(QuestionStopped, match=STOPPED[question]) as caught:
        reader.query(require_question(question))
    assert caught.value.next_step
    assert time.monotonic() - begun < 3 * TIGHT.seconds


@pytest.mark.parametrize(
    "function",
    ["hasSubstr", "arrayExcept", "arrayUnion", "arrayIntersect", "arraySymmetricDifference", "arrayJaccardIndex"],
)
def test_no_function_of_two_arrays_compares_each_with_each(function: str, reader: Reader) -> None:
    arrays = "range(toUInt64(80000)), arrayMap(x -> x + toUInt64(80000), range(toUInt64(80000)))"  # 6.4e9 comparisons
    begun = time.monotonic()
    reader.query(require_question(f"SELECT ignore({function}({arrays}))"))
    assert time.monotonic() - begun < 3 * TIGHT.seconds


def test_a_question_cannot_lift_its_limits(reader: Reader) -> None:
    for attempt in ("SELECT 1 SETTINGS max_execution_time = 0", "SELECT 1 SETTINGS readonly = 0"):
        with pytest.raises(Exception, match="readonly mode"):
            reader.query(attempt)


def test_one_that_is_stopped_leaves_the_others_alone(store: Store) -> None:
    hungry, heavy = (
        "SELECT groupArray(number) FROM numbers(9000000)",
        "SELECT count() FROM numbers(99999) AS a, numbers(99999) AS b",
    )

    def ask(question: str) -> str:
        with reading(store, reader_settings(TIGHT)) as reader:
            try:
                return str(reader.query(question).to_pydict())
            except QuestionStopped:
                return "stopped"

    with ThreadPoolExecutor(6) as pool:
        bad = [pool.submit(ask, question) for question in (hungry, heavy, hungry)]
        good = [pool.submit(ask, "SELECT count() AS n, sum(block_number) AS s FROM transfers") for _ in range(30)]
        assert {answer.result() for answer in good} == {"{'n': [1000], 's': [499500]}"}
        assert [answer.result() for answer in bad] == ["stopped"] * 3
    assert store.query("SELECT count() AS n FROM transfers").to_pydict() == {"n": [1000]}


def test_who_is_interrupted_while_waiting_ends_the_question(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import Future

    def interrupted(self: Future[object], timeout: float | None = None) -> object:
        time.sleep(0.3)
        raise KeyboardInterrupt

    begun = time.monotonic()
    with reading(store) as reader, monkeypatch.context() as patched:
        patched.setattr(Future, "result", interrupted)
        with pytest.raises(KeyboardInterrupt):
            reader.query("SELECT count() FROM numbers(1000000) AS a, numbers(100000) AS b")
    assert time.monotonic() - begun < 5
    assert store.query("SELECT count() AS n FROM system.processes").to_pydict() == {"n": [1]}


def test_a_gate_lets_so_many_of_a_key_pass_and_so_many_of_all() -> None:
    gate = Gate(ReaderLimits(at_once=2, at_once_of_all=3))
    with gate.passing("a"), gate.passing("a"):
        with pytest.raises(TooManyQuestions, match="2 questions of this key are running"), gate.passing("a"):
            pass
        with gate.passing("b"), pytest.raises(TooManyQuestions, match="3 questions of all keys"), gate.passing("c"):
            pass
    assert gate.running("a") == 0
    with pytest.raises(ValueError, match="x"), gate.passing("a"):
        raise ValueError("x")
    assert gate.running("a") == 0


def test_a_gate_counts_right_when_threads_come_at_once() -> None:
    gate, most, lock, passed = Gate(ReaderLimits(at_once=3)), [0, 0], threading.Lock(), []

    def come() -> None:
        try:
            with gate.passing("a"):
                with lock:
                    most[0] += 1
                    most[1] = max(most)
                time.sleep(0.001)
                with lock:
                    most[0] -= 1
                    passed.append(1)
        except TooManyQuestions:
            pass

    threads = [threading.Thread(target=come) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[1] <= 3
    assert passed
    assert gate.running("a") == 0


def test_limits_are_settings_and_the_last_one_set_forbids_to_set_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CHAINSIGHT_")]:
        monkeypatch.delenv(name)
    limits = ReaderLimits.of(Settings(query_seconds=7, query_memory_mb=100, query_at_once=2))
    wanted = reader_settings(limits)
    assert (wanted["max_execution_time"], wanted["max_memory_usage"], limits.at_once) == (7, 100 << 20, 2)
    assert list(wanted)[-1] == "readonly"
    assert ReaderLimits.of(Settings()) == ReaderLimits()
