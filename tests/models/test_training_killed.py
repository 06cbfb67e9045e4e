"""A training of wallets whose process is killed while it learns, and what the next one makes of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models import registry, train
from models.train import train_wallets
from sql.store import open_store
from tests.fixtures.wallet_world import CHAIN, labelled_store

TRAINING = """
import sys
from models.train import train_wallets
from sql.store import open_store

class Told:
    def step(self, done, total, what):
        print(what, flush=True)
    def note(self, text):
        pass

train_wallets(open_store(sys.argv[1]), chain_id=int(sys.argv[2]), progress=Told())
"""


def test_a_training_killed_while_it_learns_is_repeated_as_if_it_had_not_been_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with labelled_store(tmp_path):
        pass
    dsn, home = f"chdb://{tmp_path}/store", registry.settings().model_copy(update={"home": tmp_path / "killed"})
    monkeypatch.setenv("CHAINSIGHT_HOME", str(home.home))
    with subprocess.Popen(
        [sys.executable, "-c", TRAINING, dsn, str(CHAIN)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert next(line for line in process.stdout if line == "trees\n")
        process.send_signal(signal.SIGKILL)
    [left] = home.exchange_dir.iterdir()
    assert left.name.startswith(f"wallets-{CHAIN}-")
    assert (left / "labelled.parquet").is_file()

    store, found = open_store(dsn), []
    for told in (home, home.model_copy(update={"home": tmp_path / "undisturbed"})):
        monkeypatch.setattr(registry, "settings", lambda told=told: told)
        monkeypatch.setattr(train, "settings", lambda told=told: told)
        found.append(train_wallets(store, chain_id=CHAIN))
        assert list(told.exchange_dir.iterdir()) == []
        assert [path.name for path in told.models_dir.iterdir()] == [found[-1].model_id]
    store.close()
    assert found[0].model_id == found[1].model_id != ""
