from __future__ import annotations

import datetime as dt
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chainsight.errors import ChainsightError, DataCheckError, UnknownName
from chainsight.progress import Progress
from scheduler.jobs import JOBS, Every, Job, job_named
from scheduler.ledger import Holder, JobRunning, Run, begin_run, key_of_blocks, record_done
from scheduler.runner import JobTimedOut, run_job, start_scheduler
from sql.migrate import migrate
from sql.store import Store, open_store
from tests.fixtures.doors import opened_door
from tests.fixtures.publishing import CHAIN, build_world, commit_blocks

MINUTE = dt.timedelta(minutes=1)
LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def job(run: Any, **more: Any) -> Job:
    plain = Job("test", "a test", Every(MINUTE), run, MINUTE, once_per_block=False)
    return replace(plain, **more)


def begin(store: Store, job: Job) -> Run:
    return begin_run(
        store, job=job.name, key="k", chain_id=CHAIN, as_of_block=1, excludes=job.excludes, timeout=job.timeout
    )


def hold(store: Store, holder: Holder) -> None:
    """Leave a running run of `test` behind, held by somebody; one that is there changes hands."""
    if not store.query("SELECT 1 FROM runs").num_rows:
        begin(store, job(None))
    store.command(
        "INSERT INTO runs SELECT * REPLACE ({holder:String} AS outcome, version + 1 AS version) FROM runs",
        holder=str(holder),
    )


def runs(store: Store) -> list[dict[str, Any]]:
    return store.query(
        "SELECT CAST(job AS String) AS job, CAST(state AS String) AS state, chain_id, as_of_block, outcome, "
        "finished_at IS NOT NULL AS finished FROM runs ORDER BY started_at, state"
    ).to_pylist()


def test_a_run_is_on_record_with_what_came_out(store: Store) -> None:
    build_world(store)
    said = run_job(store, job_named("publish"), chain_id=CHAIN)
    assert said.startswith("publication 1 as of block 1,000: 9 scores")
    assert runs(store) == [
        {"job": "publish", "state": "succeeded", "chain_id": 1, "as_of_block": 1000, "outcome": said, "finished": 1}
    ]


def test_work_done_for_a_block_is_not_done_again_until_there_is_another_block(store: Store) -> None:
    commit_blocks(store)
    calls: list[int] = []
    once = job(lambda *_: calls.append(1) or "done", once_per_block=True)
    run_job(store, once, chain_id=CHAIN)
    assert run_job(store, once, chain_id=CHAIN).startswith("nothing to do: block 1,000 was done by run")
    run_job(store, once, chain_id=CHAIN)
    assert [run["state"] for run in runs(store)] == ["succeeded", "skipped"]
    commit_blocks(store, to_block=1001)
    run_job(store, once, chain_id=CHAIN)
    assert len(calls) == 2


def test_blocks_that_are_filled_in_below_the_last_one_are_work_again(store: Store) -> None:
    commit_blocks(store)
    calls: list[int] = []
    once = job(lambda *_: calls.append(1) or "done", once_per_block=True)
    run_job(store, once, chain_id=CHAIN)
    commit_blocks(store, to_block=500)
    commit_blocks(store, chain_id=10)
    assert run_job(store, once, chain_id=CHAIN) == "done"
    assert run_job(store, once, chain_id=CHAIN).startswith("nothing to do")
    assert len(calls) == 2


def test_a_publication_that_named_a_block_does_not_keep_it_from_being_derived(store: Store) -> None:
    build_world(store)
    run_job(store, JOBS["publish"], chain_id=CHAIN)
    with pytest.raises(DataCheckError):  # the hand-made rows of this world do not hold together, and refresh looks
        run_job(store, JOBS["refresh"], chain_id=CHAIN)
    assert [(run["job"], run["state"]) for run in runs(store)] == [("publish", "succeeded"), ("refresh", "failed")]


def test_what_the_whole_line_did_the_clock_does_not_do_again(store: Store) -> None:
    commit_blocks(store)
    key = key_of_blocks(store, job="refresh", chain_id=CHAIN)
    record_done(store, job="refresh", key=key, chain_id=CHAIN, outcome="publication 1")
    said = run_job(store, JOBS["refresh"], chain_id=CHAIN)
    assert said.startswith("nothing to do: block 1,000 was done by run")
    assert said.endswith("(publication 1)")


def test_a_failed_run_says_why_and_may_be_repeated(store: Store) -> None:
    commit_blocks(store)

    def fail(_: Store, chain_id: int, progress: Progress) -> None:
        raise ChainsightError(f"Chain {chain_id} is odd.", next_step="Look at it.")

    for _ in range(2):
        with pytest.raises(ChainsightError, match="is odd"):
            run_job(store, job(fail, once_per_block=True), chain_id=CHAIN)
    assert [(run["state"], run["outcome"]) for run in runs(store)] == [("failed", "Chain 1 is odd. Look at it.")] * 2


def test_a_job_has_one_run_at_a_time_and_excludes_others(store: Store) -> None:
    commit_blocks(store)
    started, release = threading.Event(), threading.Event()

    def wait(*_: object) -> str:
        started.set()
        release.wait(20)
        return "done"

    first = threading.Thread(target=run_job, args=(store, job(wait)), kwargs={"chain_id": CHAIN})
    first.start()
    assert started.wait(20)
    with pytest.raises(JobRunning, match="test has been running on chain 1 since"):
        run_job(store, job(wait), chain_id=CHAIN)
    with pytest.raises(JobRunning):
        run_job(store, job(wait, name="other", excludes=("test",)), chain_id=CHAIN)
    release.set()
    first.join()
    assert run_job(store, job(wait), chain_id=CHAIN) == "done"


def test_a_run_whose_process_died_is_closed_by_the_next_one(store: Store) -> None:
    commit_blocks(store)
    hold(store, replace(Holder.here(LATER), pid=999_999, host="elsewhere"))
    assert run_job(store, job(lambda *_: "done"), chain_id=CHAIN) == "done"
    assert [(run["state"], run["outcome"]) for run in runs(store)] == [
        ("failed", "its process ended (process 999999 on elsewhere)"),
        ("succeeded", "done"),
    ]


def test_a_run_of_an_earlier_process_with_the_same_number_and_host_is_closed(store: Store) -> None:
    commit_blocks(store)
    here = Holder.here(LATER)
    hold(store, replace(here, born=here.born - 60))  # a container started anew: again process 1 of the same host
    assert run_job(store, job(lambda *_: "done"), chain_id=CHAIN) == "done"
    assert [run["state"] for run in runs(store)] == ["failed", "succeeded"]


def test_a_run_that_should_have_ended_long_ago_is_closed_whoever_holds_it(store: Store) -> None:
    commit_blocks(store)
    hold(store, Holder.here(dt.datetime.now(dt.UTC) - MINUTE))
    assert run_job(store, job(lambda *_: "done"), chain_id=CHAIN) == "done"
    assert [run["state"] for run in runs(store)] == ["failed", "succeeded"]


def test_a_run_is_judged_by_its_own_timeout_and_not_by_that_of_the_next_job(store: Store) -> None:
    commit_blocks(store)
    train, short = JOBS["train"], JOBS["publish"]
    run = begin(store, train)
    started = run.started_at - train.timeout  # it has been running for four hours, sixteen times what publish may take
    store.command(
        "INSERT INTO runs SELECT * REPLACE (toDateTime64({started:String}, 3, 'UTC') AS started_at, version + 1 AS version)"
        " FROM runs",
        started=started.strftime("%F %T"),
    )
    with pytest.raises(JobRunning, match="train has been running on chain 1 since"):
        begin(store, short)
    assert [(run["job"], run["state"]) for run in runs(store)] == [("train", "running")]


def test_on_a_server_a_run_on_another_host_holds_until_its_time_is_over(tmp_path: Path) -> None:
    with opened_door(tmp_path / "store") as dsn:
        server = open_store(dsn)
        try:
            migrate(server)
            commit_blocks(server)
            hold(server, replace(Holder.here(LATER), host="elsewhere"))
            with pytest.raises(JobRunning, match=r"in process \d+ on elsewhere"):
                begin(server, job(None))
            hold(server, replace(Holder.here(dt.datetime.now(dt.UTC) - MINUTE), host="elsewhere"))
            assert begin(server, job(None)).job == "test"
        finally:
            server.close()


def test_who_holds_a_run_is_read_as_it_was_written() -> None:
    holder = Holder(1, "a host with spaces", 1_700_000_000.25, LATER)
    assert Holder.parse(str(holder)) == holder
    assert Holder.parse("process 1 on elsewhere") is None


def test_a_job_that_outlives_its_timeout_ends_at_its_next_sign_of_progress(store: Store) -> None:
    commit_blocks(store)

    def dawdle(_: Store, chain_id: int, progress: Progress) -> None:
        for done in range(200):
            progress.step(done, None, "dawdling")
            time.sleep(0.05)

    with pytest.raises(JobTimedOut, match="Job test took longer than"):
        run_job(store, job(dawdle, timeout=dt.timedelta(seconds=0.2)), chain_id=CHAIN)
    assert [run["state"] for run in runs(store)] == ["failed"]


def test_the_clock_fires_jobs_for_every_chain_and_one_that_fails_stops_no_other(store: Store) -> None:
    commit_blocks(store)
    commit_blocks(store, chain_id=10)
    seen: set[int] = set()
    enough = threading.Event()

    def note(_: Store, chain_id: int, progress: Progress) -> str:
        seen.add(chain_id)
        if seen == {1, 10}:
            enough.set()
        return "noted"

    def fail(*_: object) -> None:
        raise RuntimeError("boom")

    often = Every(dt.timedelta(seconds=0.3))
    jobs = {"bad": job(fail, name="bad", trigger=often), "good": job(note, name="good", trigger=often)}
    scheduler = start_scheduler(store, jobs=jobs)
    assert set(scheduler.next_runs()) == {"bad", "good"}
    fired = enough.wait(30)
    scheduler.stop()
    assert fired
    states = {(run["job"], run["chain_id"], run["state"]) for run in runs(store)}
    assert {("bad", 1, "failed"), ("good", 1, "succeeded"), ("good", 10, "succeeded")} <= states
    assert not [run for run in runs(store) if run["state"] == "running"]


def test_a_job_that_does_not_exist_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownName, match="Did you mean publish"):
        job_named("publsh")


def test_every_job_that_writes_excludes_every_other() -> None:
    assert all(set(job.excludes) == set(JOBS) for job in JOBS.values())
