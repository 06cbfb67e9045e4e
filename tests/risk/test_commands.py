"""publish, score and schedule as a person or a script meets them: its exit code, its two streams."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from chainsight.cli import main
from scheduler.publish import publish
from sql.store import open_store
from tests.fixtures.publishing import CHAIN, FAR, LISTED, address, build_world
from tests.fixtures.stores import new_store


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with a published chain, closed again."""
    folder: Path = tmp_path_factory.mktemp("commands")
    store = new_store(f"{folder}/store")
    build_world(store)
    publish(store, chain_id=CHAIN)
    store.close()
    return store.dsn


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


@pytest.fixture
def chainsight(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["chainsight", *arguments, "--store", dsn])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err.replace("\n", " "))

    return run


def test_score_prints_one_document_that_names_the_list_and_the_block(chainsight: Command) -> None:
    done = chainsight("score", "0x" + address(LISTED).hex())
    said = json.loads(done.stdout)
    assert (done.returncode, said["score"], said["grade"]) == (0, 100.0, "Severe")
    assert said["reasons"] == ["on OFAC SDN as LAZARUS GROUP, programme DPRK3, entry 12345"]
    assert said["recommended_action"] == "freeze_and_report"
    assert said["as_of"]["block_number"] == 1000
    assert said["publication"] == 1


def test_an_address_that_was_never_seen_is_one_clear_line(chainsight: Command) -> None:
    done = chainsight("score", "0x" + "99" * 20)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == (
        f"error: The store holds no score of 0x{'99' * 20}. "
        "It was never seen on chain 1 up to block 1,000, and no sanctions list names it."
    )


def test_a_text_that_is_no_address_is_a_usage_error(chainsight: Command) -> None:
    done = chainsight("score", "bob")
    assert done.returncode == 2
    assert "'bob' is not an address" in done.stderr


def test_a_store_that_is_open_elsewhere_is_refused_with_its_owner(chainsight: Command, dsn: str) -> None:
    held = open_store(dsn)
    try:
        done = chainsight("score", "0x" + address(FAR).hex())
    finally:
        held.close()
    assert done.returncode == 1
    assert "is open in process" in done.stderr


def test_schedule_run_writes_a_run_that_schedule_list_shows(chainsight: Command) -> None:
    ran = json.loads(chainsight("schedule", "run", "publish").stdout)
    assert ran == {"job": "publish", "chain_id": 1, "outcome": "already published as number 1, as of block 1,000"}
    jobs = json.loads(chainsight("schedule", "list").stdout)["jobs"]
    found = next(job for job in jobs if job["job"] == "publish")
    assert (found["when"], found["last_state"], found["last_outcome"]) == ("every 0:05:00", "succeeded", ran["outcome"])


def test_a_job_that_does_not_exist_is_a_usage_error(chainsight: Command) -> None:
    done = chainsight("schedule", "run", "publsh")
    assert done.returncode == 2
    assert "Did you mean publish?" in done.stderr


def test_publish_says_what_became_visible(chainsight: Command) -> None:
    done = json.loads(chainsight("publish").stdout)
    assert (done["publication"], done["is_new"], done["score_count"]) == (1, False, 9)
