"""Where trained models are kept: one folder each, named by its content, with what it was made of. No pickle anywhere.

    <home>/models/wallets-3f2a91c07b5e/
        manifest.json    files with their SHA-256, kind, chain, as-of block, data hash, code commit, features, parameters,
                         metrics, threshold
        card.md          what it is, what it learned from, how good it is beside its baselines, where it must not be used
        …                the model's own files: text, JSON, safetensors

The table `models` has a row for each; one a kind and chain is active. A file that was changed is refused at load.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from chainsight.errors import DataCheckError, MissingComponent
from chainsight.settings import settings
from sql.files import load
from sql.store import Store

MANIFEST = "manifest.json"
CARD = "card.md"


class ModelAltered(DataCheckError):
    """A file of a trained model is not what its manifest says."""


@dataclass(frozen=True)
class TrainedModel:
    """A model in the registry."""

    model_id: str
    kind: str
    folder: Path
    manifest: dict[str, Any]


def keep_model(folder: Path, *, kind: str, about: dict[str, Any], card: str) -> TrainedModel:
    """Move a folder of model files into the registry, name it by content and write manifest and card.

    `about` becomes the manifest, with the files' hashes added. The same content gives the same name.
    """
    (folder / CARD).write_text(card, encoding="utf-8")
    files = {
        path.relative_to(folder).as_posix(): _sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    code = {**about, "kind": kind, "files": files, "code_commit": code_commit()}
    model_id = f"{kind}-{_content_name(files, about.get('as_of_block'))}"
    manifest = {"model_id": model_id, **code}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True, default=float), encoding="utf-8")
    target = settings().models_dir / model_id
    target.parent.mkdir(parents=True, exist_ok=True)
    if (target / MANIFEST).is_file():
        shutil.rmtree(folder)  # the very same files are there, and an active row may already name them
        return open_model(model_id)
    if target.exists():
        shutil.rmtree(target)  # what a killed move left
    shutil.move(str(folder), str(target))
    return TrainedModel(model_id, kind, target, manifest)


def open_model(model_id: str) -> TrainedModel:
    """The model of that name, every file checked; raises `MissingComponent` or `ModelAltered`."""
    folder = settings().models_dir / model_id
    if not (folder / MANIFEST).is_file():
        raise MissingComponent(
            f"The model {model_id} is not in {settings().models_dir}.",
            next_step="Train it again (chainsight train wallets, chainsight train flows) or point CHAINSIGHT_HOME at its home.",
        )
    manifest = _manifest(folder, model_id)
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file() or _sha256(path) != digest:
            raise _altered(path, model_id, name, "is gone" if not path.is_file() else "is not the one that was trained")
    return TrainedModel(model_id, str(manifest["kind"]), folder, manifest)


def register_model(store: Store, model: TrainedModel, *, chain_id: int) -> None:
    """Make it the active model of its kind and chain; those before it are retired afterwards.

    Whoever is killed between leaves two, of which the newer one answers, and never none.
    """
    before = store.query(load("queries/active_models"), kind=model.kind, chain_id=chain_id).to_pylist()
    _write_row(
        store,
        {
            "model_id": model.model_id,
            "kind": model.kind,
            "chain_id": chain_id,
            "as_of_block": int(model.manifest.get("as_of_block", 0)),
            "metrics": json.dumps(model.manifest.get("metrics", {}), default=float),
            "manifest": json.dumps(model.manifest, default=float),
            "state": "active",
        },
    )
    for row in before:
        if row["model_id"] != model.model_id:
            _write_row(store, {**row, "state": "retired"})


def active_model(store: Store, *, kind: str, chain_id: int) -> TrainedModel | None:
    """The active model of a kind, checked; None when none was trained on this chain."""
    rows = store.query(load("queries/active_models"), kind=kind, chain_id=chain_id).to_pylist()
    if not rows:
        return None
    model = open_model(str(rows[0]["model_id"]))
    if _canonical(json.loads(str(rows[0]["manifest"]))) != _canonical(model.manifest):
        raise _altered(model.folder / MANIFEST, model.model_id, MANIFEST, "is not the one that the store wrote down")
    return model


def code_commit() -> str:
    """The commit this code is at; empty outside a checkout."""
    try:
        said = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
            cwd=Path(__file__).parent,
        )
    except OSError:
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""


def _write_row(store: Store, row: dict[str, Any]) -> None:
    now = dt.datetime.now(dt.UTC)
    columns = {name: pa.array([row[name]]) for name in ("model_id", "kind", "metrics", "manifest", "state")}
    columns |= {name: pa.array([row[name]], pa.uint64()) for name in ("chain_id", "as_of_block")}
    columns["trained_at"] = pa.array([now], pa.timestamp("ms", tz="UTC"))
    store.insert("models", pa.table(columns))


def _manifest(folder: Path, model_id: str) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        named = f"{manifest['kind']}-{_content_name(manifest['files'], manifest.get('as_of_block'))}"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _altered(folder / MANIFEST, model_id, MANIFEST, "cannot be read") from error
    if named != model_id:
        raise _altered(folder / MANIFEST, model_id, MANIFEST, "does not list the files that were trained")
    return dict(manifest)


def _content_name(files: dict[str, str], as_of_block: object) -> str:
    named_by = {name: digest for name, digest in files.items() if name != CARD}
    return hashlib.sha256(json.dumps([named_by, as_of_block], sort_keys=True).encode()).hexdigest()[:12]


def _canonical(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, sort_keys=True, default=float)


def _altered(path: Path, model_id: str, name: str, what: str) -> ModelAltered:
    return ModelAltered(
        f"The file {name} of model {model_id} {what}.",
        next_step=f"Restore {path} or train again; nothing was scored with it.",
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
