"""Who has the embedded store open: chDB allows one process, so say which one it is."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import TextIO

from chainsight.errors import StoreBusy


class StoreOwner:
    """A lock beside the store's folder; the kernel drops it when the process dies, however it dies."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    @classmethod
    def claim(cls, store: Path) -> StoreOwner:
        """Take the lock and leave a note of who we are; raises `StoreBusy` with the owner's note."""
        store.parent.mkdir(parents=True, exist_ok=True)
        file = store.with_name(store.name + ".owner").open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            note = file.read()
            file.close()
            raise StoreBusy(str(store), _describe(note)) from None
        file.truncate(0)
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200]
        json.dump({"pid": os.getpid(), "command": command, "since": time.strftime("%F %T")}, file)
        file.flush()
        return cls(file)

    def release(self) -> None:
        """Let another process have it."""
        if not self._file.closed:
            self._file.truncate(0)
            self._file.close()


def _describe(note: str) -> str:
    try:
        owner = json.loads(note)
        return f"process {owner['pid']} ({owner['command']}, since {owner['since']})"
    except (ValueError, KeyError):
        return "another process"
