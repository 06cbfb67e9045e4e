"""Prices by the command line: a real process, its two streams, its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def chainsight(*arguments: str, store: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chainsight", "prices", *arguments, "--store", store],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_prices_are_imported_and_a_wrong_file_is_one_line_of_what_to_do(tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/store"
    (tmp_path / "eth.csv").write_text("time,price\n2024-01-01,2300\n2024-01-02,2310\n2024-01-03,-1\n")
    (tmp_path / "labels.csv").write_text("address,label\n0x1,x\n")

    done = chainsight("import", str(tmp_path / "eth.csv"), "--symbol", "ETH", "--chain-id", "10", store=dsn)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["read"], said["added"], said["max_age_seconds"]) == (2, 4, 86_400)
    assert said["bad_lines"] == ["eth.csv:4: has a price that is not above 0"]

    refused = chainsight("import", str(tmp_path / "labels.csv"), "--symbol", "ETH", "--chain-id", "10", store=dsn)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert (
        refused.stderr.strip().splitlines()[-1].startswith(f"error: {tmp_path}/labels.csv:1 has no column for the time")
    )
