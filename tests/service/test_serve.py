"""`chainsight serve` as a real process, `chainsight keys` beside it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from chainsight.cli import app
from chainsight.cli.commands import register
from chainsight.errors import StoreBusy, UsageError
from tests.service.published_world import CHAIN, MIXER_USER, publish_rows

register([])


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def start():
    """Start `chainsight …`; what still runs after the test is ended."""
    started = []

    def start_one(*arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAINSIGHT_")}
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "chainsight", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | {"COLUMNS": "200"},
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.kill()
        process.communicate()


def test_a_process_answers_with_a_key_from_the_command_line_and_stops_on_sigint(store, start):
    publish_rows(store, chain_id=CHAIN, publication=1)
    store.close()
    made = run("keys", "create", "--scope", "risk", "--name", "desk", "--store", store.dsn)
    key = made.stdout.strip()
    assert (made.exit_code, made.stdout.count("\n")) == (0, 1)
    assert "cannot be shown again" in made.stderr

    service = start("serve", "--port", "0", "--clickhouse-port", "0", "--store", store.dsn)
    url = re.search(r"http://127\.0\.0\.1:\d+", service.stderr.readline())[0]
    path = f"{url}/v1/addresses/{MIXER_USER}/score"
    answer = httpx.get(path, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    assert (answer.status_code, answer.json()["score"]) == (200, 48.5)
    assert httpx.get(path, timeout=30).status_code == 401
    door = re.search(r"http://127\.0\.0\.1:\d+", service.stderr.readline())[0]
    for way_in in (f"{door}/", f"{url}/clickhouse/"):
        refused = httpx.get(way_in, params={"query": "SELECT 1"}, auth=("desk", key), timeout=30)
        assert (refused.status_code, refused.headers["X-ClickHouse-Exception-Code"]) == (403, "497")
    busy = run("keys", "list", "--store", store.dsn).exception
    assert isinstance(busy, StoreBusy)
    assert f"process {service.pid}" in str(busy)
    service.send_signal(signal.SIGINT)
    said, complained = service.communicate(timeout=30)
    assert (service.returncode, said) == (0, "")
    assert complained.startswith("Stopping.")
    assert "Traceback" not in complained

    (listed,) = json.loads(run("keys", "list", "--store", store.dsn, "--json").stdout)["keys"]
    assert (listed["note"], listed["state"], key.startswith(listed["prefix"])) == ("desk", "valid", True)
    revoked = run("keys", "revoke", listed["prefix"], "--store", store.dsn, "--json")
    assert json.loads(revoked.stdout)["keys"][0]["state"] == "revoked"


def test_a_fresh_store_is_served_with_advice_on_what_to_do(tmp_path, start):
    service = start(
        "serve", "--port", "0", "--clickhouse-port", "0", "--no-jobs", "--store", f"chdb://{tmp_path}/store"
    )
    greeting = [service.stderr.readline() for _ in range(4)]
    service.send_signal(signal.SIGTERM)
    service.communicate(timeout=30)
    assert greeting[0].startswith("Listening on http://127.0.0.1:")
    assert "ClickHouse's clients" in greeting[1]
    assert "chainsight keys create --scope risk" in greeting[2]
    assert "chainsight demo" in greeting[3]


def test_a_port_in_use_is_said_and_the_store_is_let_go(tmp_path):
    dsn = f"chdb://{tmp_path}/store"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("serve", "--port", str(port), "--store", dsn).exception
        second = run("serve", "--port", "0", "--clickhouse-port", str(port), "--store", dsn).exception
    assert isinstance(refused, UsageError)
    assert f"127.0.0.1:{port} cannot be listened on" in str(refused)
    assert "--clickhouse-port" in str(second)
    assert run("keys", "list", "--store", dsn).exit_code == 0
