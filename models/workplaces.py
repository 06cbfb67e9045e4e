"""Where a training works that may be killed: a folder named by what is learnt from, so that the same task finds it again.

    <home>/exchange/wallets-1-5e0c21d7a9b34f10/
        lock     held by whoever works here, its child process too; the kernel lets go of it when the last of them dies
        kept/    parts that were finished: what the next one with the same task goes on with
        …        inputs and outputs; inputs are always those that the present one wrote

Everything is written elsewhere and renamed, so that nothing half-written is ever found. Folders that nobody works in are swept
by the next task of their kind and chain, whatever it is, and by any task after a week.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import itertools
import json
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LOCK, KEPT = "lock", "kept"
_LEFT_AFTER = 7 * 86_400
"""Seconds after which a folder of another kind or chain counts as left."""
_PATIENCE = 3.0
"""Seconds to wait for the child of a killed process to notice and die; see `live_as_long_as_parent`."""
_NAMED = re.compile(r"[a-z]+-\d+-")
_LEARNERS = ("lightgbm", "numpy", "scikit-learn", "scipy", "torch")

T = TypeVar("T")


@dataclass(frozen=True)
class Workplace:
    """A folder that this process and its children have for themselves."""

    folder: Path
    lock: int
    """File descriptor that holds it; a child that inherits it holds it too."""
    found: tuple[str, ...]
    """Names of the parts that a killed one left here, sorted."""


@dataclass(frozen=True)
class Kept:
    """Parts of a computation, each kept when it is finished; without a folder nothing is."""

    folder: Path | None = None

    def part(self, name: str, compute: Callable[[], T]) -> T:
        """What was kept under this name, else what is computed now: anything that JSON holds, floats to the last bit."""
        if self.folder is None:
            return compute()
        path = self.folder / f"{name}.json"
        with suppress(OSError, ValueError):
            kept: T = json.loads(path.read_text(encoding="utf-8"))
            return kept
        text = json.dumps(compute())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(text, encoding="utf-8")
        path.with_suffix(".new").replace(path)
        told: T = json.loads(text)
        return told


@contextmanager
def workplace(
    exchange: Path, kind: str, *, chain_id: int, prepare: Callable[[Path], Sequence[object]]
) -> Iterator[Workplace]:
    """A folder in `exchange` for one task; it is gone afterwards, and stays where the work ends in an error.

    `prepare` writes the inputs into a folder and returns what makes the task the one it is, beside code and libraries. Whoever
    was killed at the very same task leaves its finished parts to this one. Two that work at the same time never share a folder.
    """
    exchange.mkdir(parents=True, exist_ok=True)
    prefix = f"{kind}-{chain_id}-"
    fresh, lock = _new(exchange.resolve(), prefix)
    try:
        task = hashlib.sha256(json.dumps([code_digest(), *map(str, prepare(fresh))]).encode()).hexdigest()
        folder = _settled(fresh, prefix + task[:16])
        _sweep(folder, prefix)
        found = tuple(sorted({path.name.split(".")[0] for path in (folder / KEPT).glob("*")}))
        yield Workplace(folder, lock, found)
        _remove(folder)
    finally:
        os.close(lock)


@cache
def code_digest() -> str:
    """SHA-256 of what learns: every module of models/ and the versions of the libraries under it."""
    digest = hashlib.sha256(json.dumps([version(name) for name in _LEARNERS]).encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def content_digest(folder: Path) -> str:
    """SHA-256 of Parquet files, arrays and JSON in a folder by what they hold, however it was laid out; "" without a folder."""
    if not folder.is_dir():
        return ""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode())
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            for name in table.column_names:
                column = table.column(name)
                digest.update(name.encode())
                # Whatever is no number comes out of to_numpy as pointers, others in every process.
                is_number = pa.types.is_primitive(column.type)
                digest.update(
                    column.to_numpy().tobytes() if is_number else "\0".join(map(str, column.to_pylist())).encode()
                )
        elif path.suffix == ".npy":
            digest.update(np.load(path, allow_pickle=False).tobytes())
        else:
            told = json.loads(path.read_text(encoding="utf-8"))
            digest.update(json.dumps(told, sort_keys=True).encode())
    return digest.hexdigest()


def _new(exchange: Path, prefix: str) -> tuple[Path, int]:
    """An empty folder, locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{prefix}new-", dir=exchange))
        with suppress(FileNotFoundError):  # swept before it was locked
            lock = _locked(folder)
            if lock is not None:
                return folder, lock


def _settled(fresh: Path, name: str) -> Path:
    """Give a folder the name of its task, with the finished parts of whoever was killed under that name."""
    for number in itertools.count():
        place = fresh.with_name(f"{name}-{number}" if number else name)
        until = time.monotonic() + _PATIENCE
        while not _takes(fresh, place):
            if time.monotonic() > until:
                break  # a living process has it: the next one works beside it
            time.sleep(0.1)
        else:
            return place
    raise AssertionError("numbers do not end")


def _takes(fresh: Path, place: Path) -> bool:
    """Whether a folder could take a name: nobody has it, or nobody alive."""
    with suppress(FileNotFoundError):
        lock = _locked(place)
        if lock is None:
            return False
        if (place / KEPT).is_dir() and not (fresh / KEPT).exists():
            (place / KEPT).rename(fresh / KEPT)
        _remove(place)
        os.close(lock)
    try:
        fresh.rename(place)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False  # somebody else took it just now
    return True


def _sweep(own: Path, prefix: str) -> None:
    """Remove what killed ones left and nobody will go on with."""
    for folder in own.parent.iterdir():
        if folder == own or not _NAMED.match(folder.name):
            continue
        with suppress(OSError):
            if folder.name.startswith(prefix) or time.time() - (folder / LOCK).stat().st_mtime > _LEFT_AFTER:
                lock = _locked(folder)
                if lock is not None:
                    _remove(folder)
                    os.close(lock)


def _locked(folder: Path) -> int | None:
    """The lock of a folder that is there, None where somebody has it; raises `FileNotFoundError` for a folder that is gone."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it may have removed or renamed the folder since it was opened.
        if os.stat(folder / LOCK).st_ino == os.fstat(lock).st_ino:
            return lock
    except BlockingIOError:
        os.close(lock)
        return None
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _remove(folder: Path) -> None:
    """By another name first, so that nobody finds half of it; one that is killed here leaves it to be swept."""
    kind, chain, _ = folder.name.split("-", 2)
    gone = folder.rename(folder.with_name(f"{kind}-{chain}-gone-{uuid.uuid4().hex[:12]}"))
    shutil.rmtree(gone, ignore_errors=True)
