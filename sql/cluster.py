"""Say where a server's tables live: the migrations' statements for one server, a cluster, or a cluster that replicates.

The files are written for one ClickHouse. `placed` adds ON CLUSTER and puts Replicated before engines of the MergeTree family,
and touches nothing else. It does not parse: sqlglot 30 loses a clause here and a type there of what it reads of this dialect
(measured over all migrations), while both places stand on lines of their own in every file. A file in which they are not found
once each is refused, and tests/sql/test_cluster.py has the real parser read every migration in every form.

What is not replicated: views hold no rows, and the Join table behind the column `finality` is each server's own
(docs/how-to/cluster.md says what to do about it).
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from chainsight.errors import StoreError, UsageError
from sql.files import Statement

_CLUSTER = re.compile(r"[A-Za-z_][\w.-]*|\{[a-z_]+\}")
_KEEPER_PATH = re.compile(r"/[\w./{}-]+")
_CHANGES = re.compile(r"^(?:CREATE (?:TABLE|VIEW) IF NOT EXISTS|ALTER TABLE) (\w+)", re.MULTILINE)
_FAMILY = re.compile(r"^ENGINE = (\w*MergeTree)(?:\((.*)\))?$", re.MULTILINE)
_ENGINE = re.compile(r"^ENGINE = ", re.MULTILINE)


@dataclass(frozen=True)
class Placement:
    """Where tables are made; the empty one is the server that was asked, alone."""

    cluster: str = ""
    """Name in the server's `remote_servers`, or a macro: `{cluster}`."""
    keeper_path: str = ""
    """Path under which replicas of a table find each other, with macros of the server; empty: nothing is replicated."""

    def __post_init__(self) -> None:
        if self.cluster and not _CLUSTER.fullmatch(self.cluster):
            raise UsageError(
                f"{self.cluster!r} is no name of a cluster.",
                next_step="Set CHAINSIGHT_CLUSTER to a name in the server's remote_servers, or to a macro like {cluster}.",
            )
        if self.keeper_path and not (_KEEPER_PATH.fullmatch(self.keeper_path) and "{" in self.keeper_path):
            raise UsageError(
                f"{self.keeper_path!r} is no path in Keeper that differs from table to table.",
                next_step="Set CHAINSIGHT_KEEPER_PATH to one with macros, as /clickhouse/tables/{uuid}/{shard}.",
            )


def placed(statement: Statement, placement: Placement) -> Statement:
    r"""The same CREATE or ALTER for that placement; raises `StoreError` for a file that is not written as it must be.

    >>> create = Statement("m", "CREATE TABLE IF NOT EXISTS t (n UInt8)\nENGINE = MergeTree\nORDER BY n", "", {})
    >>> print(placed(create, Placement("c", "/tables/{uuid}")).text.splitlines()[1])
    ENGINE = ReplicatedMergeTree('/tables/{uuid}', '{replica}')
    """
    text = statement.text
    if placement.cluster:
        # A function: names may hold what the pattern language would take for its own.
        text, found = _CHANGES.subn(lambda match: f"{match[0]} ON CLUSTER '{placement.cluster}'", text)
        _expect(statement, found == 1, "CREATE TABLE|VIEW IF NOT EXISTS name, or ALTER TABLE name")
    if placement.keeper_path:
        _expect(statement, len(_ENGINE.findall(text)) <= 1, "ENGINE = …")
        text = _FAMILY.sub(lambda match: _replicated(match, placement), text)
    return dataclasses.replace(statement, text=text)


def _replicated(match: re.Match[str], placement: Placement) -> str:
    arguments = [f"'{placement.keeper_path}'", "'{replica}'", *([match[2]] if match[2] else [])]
    return f"ENGINE = Replicated{match[1]}({', '.join(arguments)})"


def _expect(statement: Statement, is_so: bool, what: str) -> None:
    if not is_so:
        raise StoreError(
            f"{statement.name} cannot be placed on a cluster: it has no single line that reads {what}.",
            next_step="Write the file as the other migrations are written.",
        )
