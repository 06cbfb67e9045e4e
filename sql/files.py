"""Read a .sql file: its header, its one statement, the parameters it asks for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from chainsight.errors import UnknownName

SQL_DIR = Path(__file__).parent
_PARAMETER = re.compile(r"\{(\w+):[^}]+\}")
_TARGET = re.compile(r"^INSERT INTO \w+", re.MULTILINE)
_HEADER = re.compile(r"^--\s*(\w+):\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Statement:
    """One SQL statement from one file."""

    name: str
    """Folder and file without ending: `transforms/address_edges`."""
    text: str
    purpose: str
    """The sentence that opens the file."""
    header: dict[str, str]
    """The `-- key: value` lines: builds, grain, …"""

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the `{name:Type}` parameters."""
        return frozenset(_PARAMETER.findall(self.text))

    def into(self, table: str) -> Statement:
        """The same INSERT … SELECT, into another table."""
        return replace(self, text=_TARGET.sub(f"INSERT INTO {table}", self.text, count=1))

    @property
    def checksum(self) -> str:
        """SHA-256 of what the file does: lines that are comments are no part of it."""
        lines = (line for line in self.text.splitlines() if not line.lstrip().startswith("--"))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@cache
def load(name: str) -> Statement:
    """The statement in `sql/<name>.sql`; raises `UnknownName` with the near ones."""
    path = SQL_DIR / f"{name}.sql"
    if not path.is_file():
        folder = name.split("/")[0]
        raise UnknownName("SQL file", name, (f"{folder}/{p.stem}" for p in SQL_DIR.glob(f"{folder}/*.sql")))
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0] if text else ""
    return Statement(
        name=name,
        text=text,
        purpose=first.removeprefix("--").strip(),
        header={key: value.strip() for key, value in _HEADER.findall(text)},
    )


def load_folder(folder: str) -> list[Statement]:
    """All statements of one folder, by file name."""
    return [load(f"{folder}/{path.stem}") for path in sorted((SQL_DIR / folder).glob("*.sql"))]
