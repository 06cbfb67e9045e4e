"""`chainsight serve` and `chainsight keys` as real processes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys

import httpx

from tests.service.published_world import CHAIN, MIXER_USER, publish_rows

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CHAINSIGHT_")}


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "chainsight", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT | {"COLUMNS": "200"},
    )


def run(*arguments):
    process = start(*arguments)
    said, complained = process.communicate(timeout=60)
    return process.returncode, said, complained


def test_a_process_answers_with_a_key_from_the_command_line_and_stops_on_sigint(store):
    publish_rows(store, chain_id=CHAIN, publication=1)
    store.close()
    code, key, note = run("keys", "create", "--scope", "risk", "--name", "desk", "--store", store.dsn)
    assert (code, key.count("\n")) == (0, 1)
    assert "cannot be shown again" in note
    code, listed, _ = run("keys", "list", "--store", store.dsn, "--json")
    (record,) = json.loads(listed)["keys"]
    assert (code, record["note"], record["state"]) == (0, "desk", "valid")
    assert key.startswith(record["prefix"])

    service = start("serve", "--port", "0", "--store", store.dsn)
    try:
        greeting = service.stderr.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", greeting)[0]
        path = f"{url}/v1/addresses/{MIXER_USER}/score"
        answer = httpx.get(path, headers={"Authorization": f"Bearer {key.strip()}"}, timeout=30)
        assert (answer.status_code, answer.json()["score"]) == (200, 48.5)
        assert httpx.get(path, timeout=30).status_code == 401
        code, _, complained = run("keys", "list", "--store", store.dsn)
        assert code == 1
        assert f"process {service.pid}" in complained
    finally:
        service.send_signal(signal.SIGINT)
        said, complained = service.communicate(timeout=30)
    assert (service.returncode, said) == (0, "")
    assert complained.startswith("Stopping.")
    assert "Traceback" not in complained

    code, revoked, _ = run("keys", "revoke", record["prefix"], "--store", store.dsn, "--json")
    assert (code, json.loads(revoked)["keys"][0]["state"]) == (0, "revoked")


def test_a_port_in_use_is_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said, complained = run("serve", "--port", str(port), "--store", f"chdb://{tmp_path}/store")
    assert (code, said) == (2, "")
    assert f"127.0.0.1:{port} cannot be listened on" in complained
    assert "Traceback" not in complained
