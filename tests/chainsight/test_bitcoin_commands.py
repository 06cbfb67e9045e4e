"""`chainsight bitcoin …`: what a person types, sees and never sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.bitcoin_chain import write_archive
from tests.fixtures.bitcoin_node import PASSWORD, bitcoin_node
from tests.fixtures.bitcoin_story import story
from tests.ingest.test_bitcoin import shown


def chainsight(*words: str, store: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CHAINSIGHT_")}
    return subprocess.run(
        [sys.executable, "-m", "chainsight", "bitcoin", *words, "--store", f"chdb://{store}"],
        capture_output=True,
        text=True,
        env=clean | environment,
        timeout=180,
        check=False,
    )


def test_a_node_is_read_and_audited_and_its_password_shows_nowhere(tmp_path: Path) -> None:
    with bitcoin_node(story().chain) as node:
        planned = chainsight("ingest", "--dry-run", store=tmp_path / "store", CHAINSIGHT_BITCOIN_RPC=node.url)
        done = chainsight("ingest", "--rpc", node.url, store=tmp_path / "store")
    assert json.loads(planned.stdout)["missing"] == json.loads(done.stdout)["blocks"] == 9
    audited = chainsight("audit", store=tmp_path / "store")
    found = json.loads(audited.stdout)
    assert (found["network"], found["as_of_block"], found["gaps"], found["conflicts"]) == ("regtest", 8, [], [])
    for shown_text in (planned, done, audited):
        assert PASSWORD not in shown_text.stdout + shown_text.stderr
        assert PASSWORD.replace(" ", "%20") not in shown_text.stdout + shown_text.stderr


def test_a_changed_block_ends_with_3_and_one_line(tmp_path: Path) -> None:
    blocks = shown()
    blocks[4]["nonce"] += 1
    folder = write_archive(tmp_path / "a", blocks)
    done = chainsight("ingest", "--archive", str(folder), "--network", "regtest", store=tmp_path / "store")
    assert done.returncode == 3
    assert done.stderr.startswith("error: Block 4: hash is ")
    assert len(done.stderr.splitlines()) == 1


def test_without_a_source_nothing_is_done(tmp_path: Path) -> None:
    done = chainsight("ingest", store=tmp_path / "store")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Give --rpc URL or --archive DIR." in done.stderr
