"""The registry: named by content, checked at load, one active model a kind and chain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from chainsight.errors import MissingComponent
from models import registry
from models.registry import ModelAltered, active_model, keep_model, open_model, register_model
from sql.store import Store


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = registry.settings().model_copy(update={"home": tmp_path / "home"})
    monkeypatch.setattr(registry, "settings", lambda: home)


def _kept(folder: Path, text: str = "tree", as_of: int = 7) -> registry.TrainedModel:
    folder.mkdir(parents=True)
    (folder / "trees.txt").write_text(text)
    return keep_model(
        folder, kind="wallets", about={"chain_id": 1, "as_of_block": as_of, "metrics": {"f1": 0.9}}, card="# It"
    )


def test_a_model_is_named_by_what_it_is_made_of(tmp_path: Path) -> None:
    one, same, other = _kept(tmp_path / "a"), _kept(tmp_path / "b"), _kept(tmp_path / "c", "another tree")
    assert one.model_id == same.model_id != other.model_id
    opened = open_model(one.model_id)
    assert opened.manifest["metrics"] == {"f1": 0.9}
    assert set(opened.manifest["files"]) == {"trees.txt", "card.md"}


def test_an_altered_file_is_refused_by_name(tmp_path: Path) -> None:
    model = _kept(tmp_path / "a")
    (model.folder / "trees.txt").write_text("tree with another leaf")
    with pytest.raises(ModelAltered, match=r"trees\.txt of model wallets-"):
        open_model(model.model_id)


def test_a_model_that_is_not_there_is_missing() -> None:
    with pytest.raises(MissingComponent, match="wallets-000000000000"):
        open_model("wallets-000000000000")


def test_the_newer_model_is_active_and_the_older_retired(store: Store, tmp_path: Path) -> None:
    first, second = _kept(tmp_path / "a"), _kept(tmp_path / "b", "better tree")
    register_model(store, first, chain_id=1)
    register_model(store, second, chain_id=1)
    found = active_model(store, kind="wallets", chain_id=1)
    assert found is not None
    assert found.model_id == second.model_id
    states = store.query("SELECT model_id, toString(state) AS state, metrics FROM models").to_pylist()
    assert {row["model_id"]: row["state"] for row in states} == {first.model_id: "retired", second.model_id: "active"}
    assert json.loads(states[0]["metrics"]) == {"f1": 0.9}
    assert active_model(store, kind="wallets", chain_id=2) is None


class _KilledAfter:
    """A store whose process dies after so many inserts."""

    def __init__(self, store: Store, inserts: int) -> None:
        self._store, self._left = store, inserts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def insert(self, table: str, rows: pa.Table) -> None:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        self._store.insert(table, rows)


@pytest.mark.parametrize(("inserts", "answers"), [(0, "the old one"), (1, "the new one")])
def test_a_kill_while_a_model_is_registered_leaves_one_that_answers(
    store: Store, tmp_path: Path, inserts: int, answers: str
) -> None:
    old, new = _kept(tmp_path / "a"), _kept(tmp_path / "b", "better tree")
    register_model(store, old, chain_id=1)
    with pytest.raises(KeyboardInterrupt):
        register_model(_KilledAfter(store, inserts), new, chain_id=1)  # type: ignore[arg-type]
    found = active_model(store, kind="wallets", chain_id=1)
    assert found is not None
    assert found.model_id == {"the old one": old, "the new one": new}[answers].model_id
