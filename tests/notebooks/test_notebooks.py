"""The notebooks run from the first cell to the last on the demo's store, and show what is there."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import altair as alt
import pytest

from tests.fixtures.demo_story import open_demo_store

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The demo's chain in a store that is closed, for the notebooks to open."""
    store = open_demo_store(tmp_path_factory.mktemp("notebooks"))
    store.close()
    return store.dsn


def shown(name: str, dsn: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str], dict[str, Any]]:
    """Texts and titles of charts that the cells show, and the names they define."""
    monkeypatch.setenv("CHAINSIGHT_STORE", dsn)
    monkeypatch.setattr(sys, "argv", [name])
    spec = importlib.util.spec_from_file_location(name, NOTEBOOKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    notebook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(notebook)
    outputs, defined = notebook.app.run()
    defined["warehouse"].close()
    texts = [str(output.text) for output in outputs if hasattr(output, "text") and not isinstance(output, alt.Chart)]
    return (
        texts,
        [output.to_dict()["title"]["text"] for output in outputs if isinstance(output, alt.Chart)],
        dict(defined),
    )


def test_a_day_on_chain_shows_the_network_and_its_busiest_day(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, charts, defined = shown("a_day_on_chain", dsn, monkeypatch)
    assert "2,000 blocks" in texts[0]
    assert "14,081 transactions" in texts[0]
    assert charts == [
        "Addresses that signed a transaction",
        "Native coin burnt for gas",
        "Transactions by the hour",
        "Transfers by token",
        "Net inflow of native coin to exchanges",
        "Failed transactions by receiver",
    ]
    active = {row["day"]: row["transactions"] for row in defined["active"]}
    assert active[defined["busiest_day"]] == max(active.values())
    assert sum(row["transactions"] for row in defined["hours"]) == active[defined["busiest_day"]]


def test_follow_the_money_leads_from_a_listed_address_to_an_exchange(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, charts, defined = shown("follow_the_money", dsn, monkeypatch)
    assert defined["suspect"] == "0x74633ea43b040a95cbecde8036e1db94c1466e4a"
    assert "It took 24.57 coins from <strong>Demo entry 1: Lazarev Trading</strong> in 5 transfers" in " ".join(texts)
    assert len(charts) == 4
    assert defined["reached"] == ["0x780e5ce238a611ebfff452565f4a399aef2cc852"]
    assert defined["verdict"].startswith("Nothing is published in this store yet")


def test_a_notebook_is_a_program(dsn: str) -> None:
    done = subprocess.run(
        [sys.executable, str(NOTEBOOKS / "follow_the_money.py"), "--", "--store", dsn],
        capture_output=True, text=True, timeout=180, check=False, cwd=NOTEBOOKS.parent,
        env={**os.environ, "PYTHONPATH": str(NOTEBOOKS.parent)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
